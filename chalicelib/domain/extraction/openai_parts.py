"""The parts of a message's content, as both of OpenAI's interfaces and those that follow them write them."""

from collections.abc import Callable

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.json_values import compact, mapping, mappings, string
from chalicelib.domain.extraction.parts import REFUSAL, media_part, present, text_part, thinking_part, unknown_part
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Part, Role, ToolResult

ROLES: dict[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
    "system": "system",
    "developer": "system",
}


def content_parts(content: Json) -> tuple[Part, ...]:
    """The parts of a content: a string, or a list of strings and objects."""
    if isinstance(content, list):
        return present(*(_part(part) for part in content))
    return present(_part(content))


def tool_result_parts(content: Json, tool_call_id: str | None, name: str | None = None) -> tuple[Part, ...]:
    """What a tool answered: its text in a result, anything else in parts of its own behind it."""
    if isinstance(content, str | list):
        parts = content_parts(content)
        text = "".join(part.text for part in parts if part.text and part.metadata is None) or None
        result = ToolResult(tool_call_id=tool_call_id, name=name, content=text)
        return (Part(tool_result=result), *(part for part in parts if part.text is None or part.metadata))
    return (Part(tool_result=ToolResult(tool_call_id=tool_call_id, name=name, content_json=compact(content))),)


def text_of(content: Json) -> str | None:
    """The text of a content."""
    return "".join(part.text for part in content_parts(content) if part.text and part.metadata is None) or None


def _part(part: Json) -> Part | None:
    if isinstance(part, str):
        return text_part(part)
    if not isinstance(part, dict):
        return None
    return _READERS.get(string(part, "type") or "", unknown_part)(part)


def _text(fields: Document) -> Part | None:
    return text_part(fields.get("text"))


def _refusal(fields: Document) -> Part | None:
    return text_part(fields.get("refusal"), REFUSAL)


def _image(fields: Document) -> Part:
    link = string(fields, "image_url") or string(mapping(fields.get("image_url")), "url")
    return media_part("image", link)


def _sound(fields: Document) -> Part:
    encoding = string(mapping(fields.get("input_audio")), "format")
    return media_part("audio", mime_type=f"audio/{encoding}" if encoding else None)


def _file(fields: Document) -> Part:
    said = mapping(fields.get("file")) or fields
    link = string(said, "file_url", "document_url") or string(said, "file_data")
    return media_part("file", link, name=string(said, "filename", "document_name", "file_id"))


def _thinking(fields: Document) -> Part | None:
    thought = fields.get("thinking")
    if isinstance(thought, str):
        return thinking_part(thought)
    return thinking_part("".join(string(piece, "text") or "" for piece in mappings(thought)))


_READERS: dict[str, Callable[[Document], Part | None]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "refusal": _refusal,
    "image_url": _image,
    "input_image": _image,
    "input_audio": _sound,
    "file": _file,
    "input_file": _file,
    "document_url": _file,
    "thinking": _thinking,
}
