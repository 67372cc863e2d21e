"""Tags and lists of ids, in the shapes that clients of any kind give them."""

from collections.abc import Iterable

from chalicelib.api.scalars import refused
from chalicelib.domain.free_form import Json
from chalicelib.domain.identifiers import check_identifier

MAX_TAGS = 64
MAX_DEPENDENCIES = 1_000
TOO_MANY_DEPENDENCIES = f"must have at most {MAX_DEPENDENCIES:,} ids"
_DROPPED = 2  # the empty id and the item's own do not count
_TAGS_SHAPE = "must be an object with string values, or a list of strings"


def read_tags(value: Json) -> dict[str, str] | None:
    """Tags as a dict; each string of a list is a key with the value `"true"`. An empty key or value passes."""
    if value is None:
        return None
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (None,)
    if not all(type(tag) is str for tag in values):
        raise refused(_TAGS_SHAPE)
    tags: dict[str, str] = value if isinstance(value, dict) else dict.fromkeys(value, "true")
    if len(tags) > MAX_TAGS:
        reason = f"must have at most {MAX_TAGS} tags"
        raise refused(reason)
    for key, tag in tags.items():
        _check_filterable(key, "a key")
        _check_filterable(tag, "a value")
    return tags


def read_ids(value: Json) -> list[str] | None:
    """The ids as they were sent: empty and repeated ones too."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(type(entry) is str for entry in value):
        raise refused("must be a list of strings")
    unique = dict.fromkeys(value)
    if len(unique) > MAX_DEPENDENCIES + _DROPPED:
        raise refused(TOO_MANY_DEPENDENCIES)
    for entry in unique:
        _check_filterable(entry, "an id")
    return value


def split_dependencies(own_id: str, sent: Iterable[str]) -> tuple[list[str], list[str]]:
    """The ids to depend on, each once and in order; and what does not count: empty and repeated ids and the own one."""
    kept: dict[str, None] = {}
    dropped = []
    for entry in sent:
        if not entry or entry == own_id or entry in kept:
            dropped.append(entry)
        else:
            kept[entry] = None
    return list(kept), dropped


def _check_filterable(text: str, what: str) -> None:
    if not text:
        return
    try:
        check_identifier(text)
    except ValueError as error:
        reason = f"{what} {error}"
        raise refused(reason) from None
