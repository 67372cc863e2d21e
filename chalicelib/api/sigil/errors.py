"""Why an item is refused, in texts that a client may see: they name the field and the rule, never what was sent."""

from typing import Any

from pydantic import ValidationError

from chalicelib.api.sigil.scalars import REASON, SENTENCE
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Unreadable

_REASONS = {
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}
LONE_SURROGATE = "string_unicode"  # pydantic's name for it


class ItemRejected(Malformed):
    """One item cannot be taken in; `generation_id` is its id as far as it has one, `error` the text for its result."""

    def __init__(self, generation_id: str, error: str) -> None:
        super().__init__(error)
        self.generation_id = generation_id
        self.error = error


class FieldError(Exception):
    """A field that its type alone could not refuse."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"generation.{path}: {reason}")


class MissingError(Exception):
    """A field without which nothing can be stored."""

    def __init__(self, field: str) -> None:
        super().__init__(f"generation.{field} is required")


def only_lone_surrogates(error: ValidationError) -> bool:
    """Whether nothing is wrong but text that was cut inside a character."""
    return all(fault["type"] == LONE_SURROGATE for fault in error.errors(include_url=False, include_context=False))


def first_fault(error: ValidationError) -> str:
    """The text for the first fault that is more than a lone surrogate."""
    faults = error.errors(include_url=False)
    fault = next((fault for fault in faults if fault["type"] != LONE_SURROGATE), faults[0])
    if fault["type"] == SENTENCE:
        return fault["msg"]
    return f"{_path(fault['loc'])}: {_reason(fault['type'], fault['msg'], fault['input'])}"


def _path(location: tuple[int | str, ...]) -> str:
    return "generation" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)


def _reason(kind: str, message: str, value: Any) -> str:  # noqa: ANN401  # whatever was sent
    if isinstance(value, Unreadable):
        return value.reason
    return message if kind == REASON else _REASONS.get(kind, "is invalid")
