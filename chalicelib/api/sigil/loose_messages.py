"""Messages as clients loosely write them: a bare string, or `content` in the place of `parts`."""

from chalicelib.domain.free_form import Json


def as_list(value: Json) -> Json:
    """Messages as a list; a bare string is a list of one."""
    return [value] if type(value) is str else value


def as_input(value: Json) -> Json:
    """An input message as an object with `parts`; a bare string is said by the user."""
    return _as_message(value, "user")


def as_output(value: Json) -> Json:
    """An output message as an object with `parts`; a bare string is said by the assistant."""
    return _as_message(value, "assistant")


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
