"""From one JSON body of `POST generations:export` to generations of the domain, item by item."""

from typing import Any

from pydantic import ValidationError

from chalicelib.api.faults import TooDeep, first_fault, validated
from chalicelib.api.limits import items_of, limit_dependencies, limit_elements
from chalicelib.api.sigil.convert import to_generation
from chalicelib.api.sigil.elements import elements_of
from chalicelib.api.sigil.errors import FieldError, ItemRejected, MissingError
from chalicelib.api.sigil.wire import WireGeneration
from chalicelib.domain.free_form import Json, Unreadable, mended
from chalicelib.domain.generation import Generation
from chalicelib.domain.identifiers import MAX_CHARACTERS

__all__ = ["ItemRejected", "read_export", "read_item"]

_SDK_NAME = ".sdk.name"


def read_export(body: object, *, conversation_required: bool = True) -> list[Generation | ItemRejected]:
    """The generations of a parsed body in its order, with the refusal in the place of each item that is refused.

    Raises:
        Malformed: the body is no object, or has no list `generations`.
        TooLarge: over 1,000 items, or over 10,000 dependencies or 100,000 elements in all.
    """
    items = items_of(body, "generations", required=False)
    limit_elements(map(elements_of, items))
    outcomes = [_outcome(item, conversation_required=conversation_required) for item in items]
    limit_dependencies(outcome for outcome in outcomes if isinstance(outcome, Generation))
    return outcomes


def read_item(raw: object, *, conversation_required: bool) -> Generation:
    """One element of `generations` as a generation, with nothing added that the client did not send.

    `conversation_required` is false over gRPC; an item that real SDKs made (its metadata has a key ending in
    `.sdk.name`) may always come without.

    Raises:
        ItemRejected: with the text for the item's result.
    """
    if raw is None:
        raise ItemRejected("", "generation is required")
    if not isinstance(raw, dict):
        reason = raw.reason if isinstance(raw, Unreadable) else "must be an object"
        raise ItemRejected("", f"generation: {reason}")
    try:
        wire = validated(WireGeneration, raw)
        own_id = _required(wire, conversation_required=conversation_required)
        return to_generation(own_id, wire)
    except ValidationError as error:
        raise ItemRejected(_id_of(raw), first_fault(error, "generation")) from None
    except TooDeep as error:
        raise ItemRejected(_id_of(raw), f"generation.<unknown>: {error}") from None
    except (FieldError, MissingError) as error:
        raise ItemRejected(_id_of(raw), str(error)) from None


def _outcome(item: Json, *, conversation_required: bool) -> Generation | ItemRejected:
    try:
        return read_item(item, conversation_required=conversation_required)
    except ItemRejected as rejected:
        return rejected


def _id_of(raw: dict[str, Any]) -> str:
    value = raw.get("id")
    return mended(value[:MAX_CHARACTERS]) if isinstance(value, str) else ""


def _required(wire: WireGeneration, *, conversation_required: bool) -> str:
    """The id, if nothing is missing."""
    if wire.id is None or not wire.id.strip():
        raise MissingError("id")
    if wire.conversation_id is None and conversation_required and not _is_from_an_sdk(wire.metadata):
        raise MissingError("conversation_id")
    if wire.model is None:
        raise MissingError("model")
    if wire.model.provider is None:
        raise MissingError("model.provider")
    if wire.model.name is None:
        raise MissingError("model.name")
    return wire.id


def _is_from_an_sdk(metadata: dict[str, Any] | None) -> bool:
    return any(key.endswith(_SDK_NAME) for key in metadata or ())
