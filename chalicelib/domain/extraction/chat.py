"""OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat"""

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.chat_stream import assemble, is_chunk
from chalicelib.domain.extraction.failure import error_in
from chalicelib.domain.extraction.json_values import (
    compact,
    count,
    elements,
    mapping,
    mappings,
    number,
    position,
    string,
    text_or_json,
)
from chalicelib.domain.extraction.openai_parts import ROLES, content_parts, tool_result_parts
from chalicelib.domain.extraction.parts import (
    REFUSAL,
    TRANSCRIPT,
    leading_system_texts,
    paragraphs,
    present,
    text_part,
    thinking_part,
)
from chalicelib.domain.extraction.shape import Answered, Asked, Failure, Shape
from chalicelib.domain.extraction.tools import read_choice, read_tools
from chalicelib.domain.extraction.usage import inclusive_usage
from chalicelib.domain.generation import Message, Part, ToolCall

_FAILED = "error"  # the finish reason that gateways give to an answer which broke off


def _is_request(document: Document) -> bool:
    return isinstance(document.get("messages"), list)


def _is_response(document: Document) -> bool:
    return isinstance(document.get("choices"), list)


def _read_request(document: Document) -> Asked:
    messages = tuple(_message(fields) for fields in mappings(document.get("messages")))
    return Asked(
        model=string(document, "model"),
        messages=messages,
        system_prompt=paragraphs(leading_system_texts(messages)),
        tools=read_tools([*elements(document.get("tools")), *elements(document.get("functions"))], "function"),
        max_tokens=count(document, "max_completion_tokens", "max_tokens"),
        temperature=number(document, "temperature"),
        top_p=number(document, "top_p"),
        tool_choice=read_choice(document.get("tool_choice", document.get("function_call"))),
        streams=document.get("stream") is True,
    )


def _read_response(document: Document) -> Answered:
    choices = sorted(mappings(document.get("choices")), key=lambda choice: position(choice, "index"))
    first = choices[0] if choices else {}
    return Answered(
        id=string(document, "id"),
        model=string(document, "model"),
        messages=tuple(_message({"role": "assistant", **mapping(choice.get("message"))}) for choice in choices),
        reason=string(first, "finish_reason"),
        usage=inclusive_usage(mapping(document.get("usage"))),
        failure=error_in(document) or _failed_choice(first),
    )


def _failed_choice(choice: Document) -> Failure | None:
    failure = error_in(choice)
    return failure or (Failure() if string(choice, "finish_reason") == _FAILED else None)


def _message(fields: Document) -> Message:
    said = string(fields, "role") or ""
    role = ROLES.get(said)
    name = string(fields, "name")
    if role == "tool":
        parts = tool_result_parts(fields.get("content"), string(fields, "tool_call_id"), name)
    else:
        parts = (*_thoughts(fields), *content_parts(fields.get("content")), *_further(fields))
    return Message(role=role, name=name, parts=parts)


def _thoughts(fields: Document) -> tuple[Part, ...]:
    return present(thinking_part(string(fields, "reasoning_content", "reasoning")))


def _further(fields: Document) -> tuple[Part, ...]:
    """What an assistant's message has beside its content."""
    calls = [_tool_call(call) for call in mappings(fields.get("tool_calls"))]
    legacy = mapping(fields.get("function_call"))
    if not string(legacy, "name"):  # some providers send an empty one where there is none
        legacy = {}
    return present(
        text_part(fields.get("refusal"), REFUSAL),
        text_part(mapping(fields.get("audio")).get("transcript"), TRANSCRIPT),
        *calls,
        _tool_call({"function": legacy}) if legacy else None,
    )


def _tool_call(call: Document) -> Part:
    function, custom = mapping(call.get("function")), mapping(call.get("custom"))
    if custom and (not function or call.get("type") == "custom"):
        # Its input is free text, which as JSON is a string.
        name, said = string(custom, "name"), compact(custom.get("input"))
    else:
        name, said = string(function, "name"), text_or_json(function.get("arguments"))
    return Part(tool_call=ToolCall(id=string(call, "id"), name=name, input_json=said))


CHAT = Shape(
    name="Chat Completions",
    reason_key="finish_reason",
    is_request=_is_request,
    is_response=_is_response,
    is_event=is_chunk,
    read_request=_read_request,
    read_response=_read_response,
    assemble=assemble,
)
