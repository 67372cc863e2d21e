"""From one JSON body of `POST generations:export` to generations of the domain, item by item."""

from typing import Any, NoReturn

from pydantic import ValidationError

from chalicelib.api.sigil.convert import to_generation
from chalicelib.api.sigil.errors import FieldError, ItemRejected, MissingError, first_fault, only_lone_surrogates
from chalicelib.api.sigil.wire import WireGeneration
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.free_form import MAX_LEVELS, Json, Unreadable, mended, mended_tree
from chalicelib.domain.generation import Generation
from chalicelib.domain.identifiers import MAX_CHARACTERS

__all__ = ["ItemRejected", "read_export", "read_item"]

MAX_ITEMS = 1_000
MAX_DEPENDENCIES_PER_REQUEST = 10_000
_SDK_NAME = ".sdk.name"


def read_export(body: object, *, conversation_required: bool = True) -> list[Generation | ItemRejected]:
    """The generations of a parsed body in its order, with the refusal in the place of each item that is refused.

    Raises:
        Malformed: the body is no object, or its `generations` no list.
        TooLarge: over 1,000 items, or over 10,000 dependencies in all.
    """
    outcomes = [_outcome(item, conversation_required=conversation_required) for item in _items(body)]
    dependencies = sum(len(outcome.depends_on) for outcome in outcomes if isinstance(outcome, Generation))
    if dependencies > MAX_DEPENDENCIES_PER_REQUEST:
        _refuse_size("dependencies", MAX_DEPENDENCIES_PER_REQUEST)
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
        wire = _validated(raw)
        own_id = _required(wire, conversation_required=conversation_required)
        return to_generation(own_id, wire)
    except ValidationError as error:
        raise ItemRejected(_id_of(raw), first_fault(error)) from None
    except (FieldError, MissingError) as error:
        raise ItemRejected(_id_of(raw), str(error)) from None


def _items(body: object) -> list[Json]:
    if not isinstance(body, dict):
        raise Malformed("the body must be an object with a list `generations`")
    items = body.get("generations")
    if items is None:
        return []
    if not isinstance(items, list):
        raise Malformed("`generations` must be a list")
    if len(items) > MAX_ITEMS:
        _refuse_size("generations", MAX_ITEMS)
    return items


def _refuse_size(what: str, limit: int) -> NoReturn:
    message = f"a request may have at most {limit:,} {what}"
    raise TooLarge(message, meta={"limit": limit})


def _outcome(item: Json, *, conversation_required: bool) -> Generation | ItemRejected:
    try:
        return read_item(item, conversation_required=conversation_required)
    except ItemRejected as rejected:
        return rejected


def _id_of(raw: dict[str, Any]) -> str:
    value = raw.get("id")
    return mended(value[:MAX_CHARACTERS]) if isinstance(value, str) else ""


def _validated(raw: dict[str, Any]) -> WireGeneration:
    try:
        return WireGeneration.model_validate(raw)
    except ValidationError as error:
        if not only_lone_surrogates(error):
            raise
    try:
        # Ids refuse lone surrogates by themselves, so that there are none left in them that could be mended.
        return WireGeneration.model_validate(mended_tree(raw, MAX_LEVELS))
    except ValueError as error:
        if isinstance(error, ValidationError):
            raise
        raise FieldError("<unknown>", str(error)) from None


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
