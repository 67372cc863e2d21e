"""OpenAI Responses: https://platform.openai.com/docs/api-reference/responses"""

from collections.abc import Callable

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.failure import error_in
from chalicelib.domain.extraction.json_values import compact, count, mapping, mappings, number, string, text_or_json
from chalicelib.domain.extraction.openai_parts import ROLES, content_parts, text_of, tool_result_parts
from chalicelib.domain.extraction.parts import leading_system_texts, paragraphs, thinking_part, unknown_part
from chalicelib.domain.extraction.responses_stream import assemble, is_event
from chalicelib.domain.extraction.shape import Answered, Asked, Failure, Shape
from chalicelib.domain.extraction.tools import read_choice, read_tools
from chalicelib.domain.extraction.usage import inclusive_usage
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Message, Part, Role, ToolCall

_FAILED = {"failed": "the response failed", "cancelled": "the response was cancelled"}
_OWN_FIELDS = ("input", "instructions", "previous_response_id", "conversation")


def _is_request(document: Document) -> bool:
    return "messages" not in document and any(key in document for key in _OWN_FIELDS)


def _is_response(document: Document) -> bool:
    return document.get("object") == "response" or isinstance(document.get("output"), list)


def _read_request(document: Document) -> Asked:
    asked = document.get("input")
    items = [{"role": "user", "content": asked}] if isinstance(asked, str) else mappings(asked)
    messages = tuple(_message(item) for item in items)
    instructions = _instructions(document.get("instructions"))
    return Asked(
        model=string(document, "model"),
        messages=messages,
        system_prompt=paragraphs([*instructions, *leading_system_texts(messages)]),
        tools=read_tools(document.get("tools"), "function"),
        max_tokens=count(document, "max_output_tokens"),
        temperature=number(document, "temperature"),
        top_p=number(document, "top_p"),
        tool_choice=read_choice(document.get("tool_choice")),
        streams=document.get("stream") is True,
    )


def _read_response(document: Document) -> Answered:
    status = string(document, "status")
    failure = error_in(document)
    if failure is None and status in _FAILED:
        failure = Failure(_FAILED[status])
    parts = tuple(part for item in mappings(document.get("output")) for part in _parts(item))
    return Answered(
        id=string(document, "id"),
        model=string(document, "model"),
        messages=(Message(role="assistant", parts=parts),) if parts else (),
        reason=string(mapping(document.get("incomplete_details")), "reason") or status,
        usage=inclusive_usage(mapping(document.get("usage"))),
        failure=failure,
    )


def _instructions(instructions: Json) -> list[str | None]:
    if isinstance(instructions, str):
        return [instructions]
    return [text_of(item.get("content")) for item in mappings(instructions)]


def _message(item: Document) -> Message:
    kind = string(item, "type") or "message"
    if kind == "message":
        role = ROLES.get(string(item, "role") or "")
        return Message(role=role, parts=content_parts(item.get("content")))
    return Message(role=_role_of(kind), parts=_parts(item))


def _role_of(kind: str) -> Role | None:
    """Who an item that is no message comes from: the tool it is the output of, or the model that made it."""
    if kind.endswith("_output"):
        return "tool"
    return "assistant" if kind.endswith("_call") or kind == "reasoning" else None


def _parts(item: Document) -> tuple[Part, ...]:
    return _ITEMS.get(string(item, "type") or "message", _unknown)(item)


def _unknown(item: Document) -> tuple[Part, ...]:
    return (unknown_part(item),)


def _content(item: Document) -> tuple[Part, ...]:
    return content_parts(item.get("content"))


def _reasoning(item: Document) -> tuple[Part, ...]:
    """What was thought, else its summary; where both are encrypted or left out, that there was something."""
    thought = "".join(string(piece, "text") or "" for piece in mappings(item.get("content")))
    summary = paragraphs(string(piece, "text") for piece in mappings(item.get("summary")))
    part = thinking_part(thought or summary)
    return (part or unknown_part({"type": "reasoning"}),)


def _function_call(item: Document) -> tuple[Part, ...]:
    return _call(item, text_or_json(item.get("arguments")))


def _custom_call(item: Document) -> tuple[Part, ...]:
    # The input of a custom tool is free text, which as JSON is a string.
    return _call(item, compact(item.get("input")))


def _call(item: Document, said: str | None) -> tuple[Part, ...]:
    return (Part(tool_call=ToolCall(id=string(item, "call_id", "id"), name=string(item, "name"), input_json=said)),)


def _call_output(item: Document) -> tuple[Part, ...]:
    return tool_result_parts(item.get("output"), string(item, "call_id"))


_ITEMS: dict[str, Callable[[Document], tuple[Part, ...]]] = {
    "message": _content,
    "reasoning": _reasoning,
    "function_call": _function_call,
    "custom_tool_call": _custom_call,
    "function_call_output": _call_output,
    "custom_tool_call_output": _call_output,
}

RESPONSES = Shape(
    name="Responses",
    reason_key="finish_reason",
    is_request=_is_request,
    is_response=_is_response,
    is_event=is_event,
    read_request=_read_request,
    read_response=_read_response,
    assemble=assemble,
)
