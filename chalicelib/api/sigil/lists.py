"""Messages, tags and lists of ids in the shapes that clients give them."""

from chalicelib.api.sigil.scalars import refused
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


def as_list(value: Json) -> Json:
    """Messages as a list; a bare string is a list of one."""
    return [value] if type(value) is str else value


def as_input(value: Json) -> Json:
    """An input message as an object with `parts`; a bare string is said by the user."""
    return _as_message(value, "user")


def as_output(value: Json) -> Json:
    """An output message as an object with `parts`; a bare string is said by the assistant."""
    return _as_message(value, "assistant")


def _check_filterable(text: str, what: str) -> None:
    if not text:
        return
    try:
        check_identifier(text)
    except ValueError as error:
        reason = f"{what} {error}"
        raise refused(reason) from None


def _as_message(value: Json, speaker: str) -> Json:
    if isinstance(value, str):
        return {"role": speaker, "parts": [{"text": value}]}
    if not isinstance(value, dict) or value.get("content") is None or value.get("parts"):
        return value
    parts = _content_parts(value["content"])
    return {**{key: field for key, field in value.items() if key != "content"}, "parts": parts}


def _content_parts(content: Json) -> Json:
    if isinstance(content, str):
        return [{"text": content}]
    return [_content_part(part) for part in content] if isinstance(content, list) else content


def _content_part(part: Json) -> Json:
    if isinstance(part, str):
        return {"text": part}
    if not isinstance(part, dict) or not isinstance(part.get("type"), str) or "metadata" in part:
        return part
    known = {key: field for key, field in part.items() if key != "type"}
    # `text` says no more than the field that is there anyway; any other type is the provider's own name.
    return known if part["type"] == "text" else {**known, "metadata": {"provider_type": part["type"]}}
