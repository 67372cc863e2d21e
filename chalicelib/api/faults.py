"""What pydantic found wrong with an item, in texts for the client: the field and the rule, never what was sent."""

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.api.scalars import REASON, SENTENCE
from chalicelib.domain.free_form import MAX_LEVELS, Json, Unreadable, mended_tree

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_REASONS = {
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}
_LONE_SURROGATE = "string_unicode"  # pydantic's name for it

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], raw: dict[str, Any]) -> Model:
    """The item as `model` reads it; text that was cut inside a character is mended.

    Raises:
        ValidationError: anything else is wrong; `first_fault` says what.
        TooDeep: mending found it nested too deep.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        if not _only_lone_surrogates(error):
            raise
    # Ids refuse lone surrogates by themselves, so that there are none left in them that could be mended.
    return model.model_validate(_mended(raw))


class TooDeep(ValueError):
    """An item that is nested deeper than any may be."""


def _mended(raw: Json) -> Json:
    try:
        return mended_tree(raw, MAX_LEVELS)
    except ValueError as error:
        raise TooDeep(str(error)) from None


def first_fault(error: ValidationError, item: str) -> str:
    """The text for the first fault that is more than a lone surrogate; `item` is what the path starts with."""
    fault = _first(error)
    if fault["type"] == SENTENCE:
        return fault["msg"]
    return f"{_path(item, fault['loc'])}: {_reason(fault['type'], fault['msg'], fault['input'])}"


def first_field(error: ValidationError) -> str:
    """The top-level field that `first_fault` speaks of; empty where that is the whole."""
    return next((str(step) for step in _first(error)["loc"]), "")


def _first(error: ValidationError) -> "ErrorDetails":
    faults = error.errors(include_url=False)
    return next((fault for fault in faults if fault["type"] != _LONE_SURROGATE), faults[0])


def _only_lone_surrogates(error: ValidationError) -> bool:
    return all(fault["type"] == _LONE_SURROGATE for fault in error.errors(include_url=False, include_context=False))


def _path(item: str, location: tuple[int | str, ...]) -> str:
    return item + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)


def _reason(kind: str, message: str, value: Any) -> str:  # noqa: ANN401  # whatever was sent
    if isinstance(value, Unreadable):
        return value.reason
    return message if kind == REASON else _REASONS.get(kind, "is invalid")
