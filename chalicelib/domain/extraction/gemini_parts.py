"""The contents of a request to Gemini and of its answers, and the parts that they are made of.

Names are snake_case in what the Python package dumps and camelCase on the wire; both are read.
"""

from collections.abc import Callable, Iterator
from itertools import groupby

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.json_values import compact, mapping, snake_case, string, text_or_json
from chalicelib.domain.extraction.parts import media_part, present, text_part, thinking_part, typed, unknown_part
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Message, Part, Role, ToolCall, ToolResult

_ROLES: dict[str, Role] = {"user": "user", "model": "assistant", "function": "tool", "system": "system"}
# What a part says about what it holds, beside it.
_NOTES = frozenset({"thought_signature", "video_metadata", "media_resolution", "part_metadata", "type"})
_OWN_TOOL = "code_execution"
_SUCCEEDED = "OUTCOME_OK"
_MEDIA_KINDS = ("image", "audio", "video")


def read_contents(contents: Json) -> tuple[Message, ...]:
    """Of a text, a content, a part or a list of them. Parts that follow each other without a content are one message.

    That is how the package takes what it is called with; on the wire there are contents only.
    """
    return tuple(_messages(contents if isinstance(contents, list) else [contents]))


def read_content(content: Json, role: Role) -> Message:
    """One content; the role is that of one that names none."""
    if isinstance(content, list):
        return Message(role=role, parts=read_parts(content))
    fields = mapping(content)
    said = string(fields, "role")
    return Message(role=_ROLES.get(said) if said else role, parts=read_parts(fields.get("parts")))


def read_parts(parts: Json) -> tuple[Part, ...]:
    """The parts of a list, or the one that stands without."""
    return present(*(_part(part) for part in (parts if isinstance(parts, list) else [parts])))


def _messages(items: list[Json]) -> Iterator[Message]:
    for is_content, group in groupby(items, _is_content):
        if is_content:
            yield from (read_content(content, "user") for content in group)
        elif parts := read_parts(list(group)):
            yield Message(role="user", parts=parts)


def _is_content(item: Json) -> bool:
    return isinstance(item, list) or (isinstance(item, dict) and ("parts" in item or "role" in item))


def _part(part: Json) -> Part | None:
    if isinstance(part, str):
        return text_part(part)
    fields = snake_case(part)
    text = fields.get("text")
    if isinstance(text, str):
        return thinking_part(text) if fields.get("thought") is True else text_part(text)
    for kind, reader in _READERS.items():
        if isinstance(fields.get(kind), dict):
            return reader(kind, snake_case(fields[kind]))
    if string(fields, "uri", "file_uri"):
        return _media("", fields)
    unknown = next((key for key, value in fields.items() if value and key not in _NOTES), None)
    return unknown_part({"type": unknown}) if unknown else None


def _media(_: str, fields: Document) -> Part:
    mime_type = string(fields, "mime_type")
    kind = (mime_type or "").partition("/")[0]
    name = string(fields, "display_name", "name")
    link = string(fields, "file_uri", "uri")
    return media_part(kind if kind in _MEDIA_KINDS else "file", link, mime_type, name)


def _function_call(_: str, fields: Document) -> Part:
    return Part(tool_call=_call(fields, string(fields, "name")))


def _function_response(_: str, fields: Document) -> Part:
    return Part(tool_result=_result(fields, string(fields, "name")))


def _tool_call(kind: str, fields: Document) -> Part:
    """Of a tool that runs at the provider's side."""
    return typed(Part(tool_call=_call(fields, string(fields, "tool_type"))), kind)


def _tool_response(kind: str, fields: Document) -> Part:
    return typed(Part(tool_result=_result(fields, string(fields, "tool_type"))), kind)


def _executable_code(kind: str, fields: Document) -> Part:
    said = {key: fields[key] for key in ("language", "code") if key in fields}
    return typed(Part(tool_call=ToolCall(id=string(fields, "id"), name=_OWN_TOOL, input_json=compact(said))), kind)


def _code_execution_result(kind: str, fields: Document) -> Part:
    outcome = string(fields, "outcome")
    result = ToolResult(
        tool_call_id=string(fields, "id"),
        name=_OWN_TOOL,
        content=string(fields, "output"),
        is_error=None if outcome is None else outcome != _SUCCEEDED,
    )
    return typed(Part(tool_result=result), kind)


def _call(fields: Document, name: str | None) -> ToolCall:
    return ToolCall(id=string(fields, "id"), name=name, input_json=text_or_json(fields.get("args")))


def _result(fields: Document, name: str | None) -> ToolResult:
    return ToolResult(tool_call_id=string(fields, "id"), name=name, content_json=compact(fields.get("response")))


_READERS: dict[str, Callable[[str, Document], Part]] = {
    "function_call": _function_call,
    "function_response": _function_response,
    "inline_data": _media,
    "file_data": _media,
    "executable_code": _executable_code,
    "code_execution_result": _code_execution_result,
    "tool_call": _tool_call,
    "tool_response": _tool_response,
}
