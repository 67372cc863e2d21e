"""What runs have beside the fields of a generation, on the wire."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from chalicelib.api.faults import TooDeep, first_fault, first_field, validated
from chalicelib.api.scalars import Identifier, Text
from chalicelib.api.sigil.errors import FieldError
from chalicelib.api.sigil.wire import Wire, WireGeneration, WireToolCall, WireToolResult
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json, Unreadable

Read = TypeVar("Read", bound=Wire)


class WireOpening(WireGeneration):
    """A generation that is about to be made."""

    initiator_generation_id: Identifier = None
    status: Literal["in_progress"] | None = None


class WireError(Wire):
    """Why a run failed."""

    message: Text | None = None
    code: Identifier = None
    meta: dict[str, Any] | None = None


class WireMove(WireGeneration):
    """A move: which of these fields it may have is for its reader to say."""

    status: Literal["in_progress", "requires_action", "completed", "failed"] | None = None
    error: WireError | None = None
    tool_calls: list[WireToolCall] | None = None
    tool_outputs: list[WireToolResult] | None = None


def read_wire(model: type[Read], body: Json, item: str) -> Read:
    """A body as `model` reads it. Raises Malformed with the first fault."""
    if not isinstance(body, dict):
        raise Malformed(body.reason if isinstance(body, Unreadable) else "the body must be an object")
    try:
        return validated(model, body)
    except ValidationError as error:
        field = first_field(error)
        raise Malformed(first_fault(error, item), meta={"field": field[:80]} if field else {}) from None
    except TooDeep as error:
        raise Malformed(str(error)) from None


def refusing(read: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is read
    """What `read` gives; a field that its type alone could not refuse is Malformed too."""
    try:
        return read()
    except FieldError as error:
        raise Malformed(str(error)) from None
