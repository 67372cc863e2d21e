"""Anthropic Messages: https://docs.anthropic.com/en/api/messages"""

from collections.abc import Callable

from chalicelib.domain.extraction.anthropic_stream import assemble, is_event
from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.failure import error_in
from chalicelib.domain.extraction.json_values import (
    compact,
    count,
    elements,
    mapping,
    mappings,
    number,
    string,
    text_or_json,
)
from chalicelib.domain.extraction.parts import (
    leading_system_texts,
    media_part,
    paragraphs,
    plain_text,
    present,
    text_part,
    thinking_part,
    typed,
    unknown_part,
)
from chalicelib.domain.extraction.shape import Answered, Asked, Shape
from chalicelib.domain.extraction.tools import read_choice, read_tools
from chalicelib.domain.extraction.usage import exclusive_usage
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Message, Part, Role, ToolCall, ToolResult

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}
_OWN_FIELDS = ("system", "anthropic_version", "stop_sequences", "thinking", "top_k")
_OWN_BLOCKS = ("tool_use", "tool_result", "image", "document", "thinking")
_THINKING = {"enabled": True, "adaptive": True, "disabled": False}


def _is_request(document: Document) -> bool:
    if not isinstance(document.get("messages"), list):
        return False
    if "anthropic_version" in document or ("max_tokens" in document and any(key in document for key in _OWN_FIELDS)):
        return True
    blocks = (block for message in mappings(document["messages"]) for block in mappings(message.get("content")))
    return any("input_schema" in tool for tool in mappings(document.get("tools"))) or any(
        string(block, "type") in _OWN_BLOCKS for block in blocks
    )


def _is_response(document: Document) -> bool:
    return document.get("type") == "message" or (
        isinstance(document.get("content"), list) and ("stop_reason" in document or "role" in document)
    )


def _read_request(document: Document) -> Asked:
    messages = tuple(_message(fields) for fields in mappings(document.get("messages")))
    return Asked(
        model=string(document, "model"),
        messages=messages,
        system_prompt=paragraphs([*_system_texts(document.get("system")), *leading_system_texts(messages)]),
        tools=read_tools(document.get("tools")),
        max_tokens=count(document, "max_tokens"),
        temperature=number(document, "temperature"),
        top_p=number(document, "top_p"),
        tool_choice=read_choice(document.get("tool_choice")),
        thinking_enabled=_THINKING.get(string(mapping(document.get("thinking")), "type") or ""),
        streams=document.get("stream") is True,
    )


def _read_response(document: Document) -> Answered:
    message = _message({"role": "assistant", "content": document.get("content")})
    return Answered(
        id=string(document, "id"),
        model=string(document, "model"),
        messages=(message,) if message.parts else (),
        reason=string(document, "stop_reason"),
        usage=exclusive_usage(mapping(document.get("usage"))),
        failure=error_in(document),
    )


def _system_texts(system: Json) -> list[str | None]:
    if isinstance(system, str):
        return [system]
    return [block if isinstance(block, str) else string(mapping(block), "text") for block in elements(system)]


def _message(fields: Document) -> Message:
    content = fields.get("content")
    blocks = content if isinstance(content, list) else [content]
    parts = tuple(part for block in blocks for part in _parts(block))
    return Message(role=_ROLES.get(string(fields, "role") or ""), parts=parts)


def _parts(block: Json) -> tuple[Part, ...]:
    if isinstance(block, str):
        return present(text_part(block))
    if not isinstance(block, dict):
        return ()
    kind = string(block, "type") or ""
    if kind == "tool_result":
        return _tool_result(block)
    return present(_READERS.get(kind, _other)(block))


def _text(block: Document) -> Part | None:
    return text_part(block.get("text"))


def _thinking(block: Document) -> Part | None:
    return thinking_part(string(block, "thinking"))


def _media(block: Document) -> Part:
    source = mapping(block.get("source"))
    name = string(block, "title") or string(source, "file_id")
    return media_part(string(block, "type") or "file", string(source, "url"), string(source, "media_type"), name)


def _tool_use(block: Document) -> Part:
    call = ToolCall(id=string(block, "id"), name=string(block, "name"), input_json=text_or_json(block.get("input")))
    return Part(tool_call=call)


def _tool_result(block: Document) -> tuple[Part, ...]:
    """The text of a result; what else it holds in parts of its own behind it."""
    is_error = block.get("is_error")
    content = _message({"content": _without_results(block.get("content"))})
    result = ToolResult(
        tool_call_id=string(block, "tool_use_id"),
        content=plain_text(content),
        is_error=is_error if isinstance(is_error, bool) else None,
    )
    return (Part(tool_result=result), *(part for part in content.parts if part.text is None or part.metadata))


def _without_results(content: Json) -> Json:
    """No result holds results, and following them would go as deep as somebody likes."""
    blocks = content if isinstance(content, list) else [content]
    return [block for block in blocks if mapping(block).get("type") != "tool_result"]


def _other(block: Document) -> Part:
    """Blocks of tools that run at the provider's side are calls and results like others, and say which tool it is."""
    kind = string(block, "type") or ""
    if kind.endswith("_tool_use"):
        return typed(_tool_use(block), kind)
    if kind.endswith("_tool_result"):
        result = ToolResult(tool_call_id=string(block, "tool_use_id"), content_json=compact(block.get("content")))
        return typed(Part(tool_result=result), kind)
    return unknown_part(block)


_READERS: dict[str, Callable[[Document], Part | None]] = {
    "text": _text,
    "thinking": _thinking,
    "image": _media,
    "document": _media,
    "tool_use": _tool_use,
}

ANTHROPIC = Shape(
    name="Anthropic Messages",
    reason_key="stop_reason",
    is_request=_is_request,
    is_response=_is_response,
    is_event=is_event,
    read_request=_read_request,
    read_response=_read_response,
    assemble=assemble,
)
