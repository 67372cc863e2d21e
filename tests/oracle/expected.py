"""What the official packages make of an exchange: their own clients read the recorded answer off a connection."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import anthropic
import httpx2
import openai

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Expected:
    """What `GET /generations/{id}` shall show of an exchange.

    `tool_calls` are name and arguments, those of Anthropic as a JSON value. `input_tokens` and the others are as the
    provider counts. `raised`: the package raised this when it had read the rest.
    """

    model: str | None = None
    response_model: str | None = None
    completion: str | None = None
    reason: str | None = None
    tool_calls: tuple[tuple[str | None, Any], ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    raised: str | None = None


def expected(exchange: dict[str, Any]) -> Expected:
    """What the package of the exchange's shape makes of it; the answer must be one of 2xx."""
    read = _READERS[exchange["shape"]]
    return replace(read(exchange), model=exchange["request_body"].get("model"))


def _answering(exchange: dict[str, Any]) -> httpx2.Client:
    body = exchange["response_body"]
    content = body if isinstance(body, str) else json.dumps(body)

    def answer(request: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": EVENT_STREAM if isinstance(body, str) else "application/json"}
        return httpx2.Response(exchange["status_code"], headers=headers, content=content.encode(), request=request)

    return httpx2.Client(transport=httpx2.MockTransport(answer))


def _openai(exchange: dict[str, Any]) -> openai.OpenAI:
    return openai.OpenAI(api_key="none", base_url="http://provider/v1", http_client=_answering(exchange), max_retries=0)


def _count(holder: Any, *path: str) -> int | None:
    for name in path:
        holder = getattr(holder, name, None)
    return holder if isinstance(holder, int) else None


def _chat(exchange: dict[str, Any]) -> Expected:
    with _openai(exchange) as client:
        create: Callable[..., Any] = client.chat.completions.create
        if isinstance(exchange["response_body"], str):
            return _chat_stream(create(model="any", messages=[], stream=True))
        answer = create(model="any", messages=[])
    choice = answer.choices[0]
    message = choice.message
    legacy = message.function_call
    # Snowflake sends one with an empty name where there is none.
    calls = [*(message.tool_calls or ()), *([_Legacy(legacy)] if legacy and legacy.name else ())]
    spoken = _text(message.content) or message.refusal or getattr(message.audio, "transcript", None)
    return _with_usage(
        Expected(
            response_model=answer.model,
            completion=spoken or None,
            reason=choice.finish_reason or None,
            tool_calls=tuple((call.function.name, call.function.arguments) for call in calls),
        ),
        answer.usage,
    )


@dataclass(frozen=True, slots=True)
class _Legacy:
    """The one call that a message could hold before there were tools."""

    function: Any


def _text(content: Any) -> str:
    """Some providers send a list of parts where the package promises a string; it gives them as they came."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def _with_usage(found: Expected, usage: Any) -> Expected:
    return replace(
        found,
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        total_tokens=_count(usage, "total_tokens"),
        cached_tokens=_count(usage, "prompt_tokens_details", "cached_tokens"),
        reasoning_tokens=_count(usage, "completion_tokens_details", "reasoning_tokens"),
    )


def _chat_stream(stream: Iterable[Any]) -> Expected:
    texts: list[str] = []
    refusals: list[str] = []
    calls: dict[int, list[str]] = {}
    reason = usage = model = raised = None
    try:
        for chunk in stream:
            model = model or chunk.model
            usage = chunk.usage or usage
            for choice in chunk.choices:
                if choice.index != 0:
                    continue
                texts.append(_text(choice.delta.content))
                refusals.append(choice.delta.refusal or "")
                reason = choice.finish_reason or reason
                for call in choice.delta.tool_calls or ():
                    held = calls.setdefault(call.index, ["", ""])
                    held[0] += call.function.name or ""
                    held[1] += call.function.arguments or ""
    except openai.APIError as error:
        raised = str(error)
    found = Expected(
        response_model=model or None,
        completion="".join(texts) or "".join(refusals) or None,
        reason=reason,
        tool_calls=tuple((name, arguments) for _, (name, arguments) in sorted(calls.items())),
        raised=raised,
    )
    return _with_usage(found, usage)


def _responses(exchange: dict[str, Any]) -> Expected:
    with _openai(exchange) as client:
        create: Callable[..., Any] = client.responses.create
        if isinstance(exchange["response_body"], str):
            last = [event for event in create(model="any", input="", stream=True) if hasattr(event, "response")][-1]
            answer = last.response
        else:
            answer = create(model="any", input="")
    calls = [item for item in answer.output if item.type == "function_call"]
    reason = answer.incomplete_details.reason if answer.incomplete_details else answer.status
    return Expected(
        response_model=answer.model,
        completion=answer.output_text or None,
        reason=reason,
        tool_calls=tuple((call.name, call.arguments) for call in calls),
        input_tokens=_count(answer.usage, "input_tokens"),
        output_tokens=_count(answer.usage, "output_tokens"),
        total_tokens=_count(answer.usage, "total_tokens"),
        cached_tokens=_count(answer.usage, "input_tokens_details", "cached_tokens"),
        reasoning_tokens=_count(answer.usage, "output_tokens_details", "reasoning_tokens"),
    )


def _messages(exchange: dict[str, Any]) -> Expected:
    answering = _answering(exchange)
    with anthropic.Anthropic(
        api_key="none", base_url="http://provider", http_client=answering, max_retries=0
    ) as client:
        create: Callable[..., Any] = client.messages.create
        if isinstance(exchange["response_body"], str):
            return _message_stream(create(model="any", max_tokens=1, messages=[], stream=True))
        answer = create(model="any", max_tokens=1, messages=[])
    blocks = [(block.type, block) for block in answer.content]
    found = Expected(
        response_model=answer.model,
        completion="".join(block.text for kind, block in blocks if kind == "text") or None,
        reason=answer.stop_reason,
        tool_calls=tuple((block.name, block.input) for kind, block in blocks if kind == "tool_use"),
    )
    return _with_exclusive_usage(found, answer.usage)


def _with_exclusive_usage(found: Expected, *usages: Any) -> Expected:
    """Of several usages the last one that has a count gives it."""

    def last(*path: str) -> int | None:
        counts = [count for usage in usages if (count := _count(usage, *path)) is not None]
        return counts[-1] if counts else None

    read, written = last("cache_read_input_tokens"), last("cache_creation_input_tokens")
    asked, answered = last("input_tokens"), last("output_tokens")
    return replace(
        found,
        input_tokens=asked,
        output_tokens=answered,
        total_tokens=(asked or 0) + (read or 0) + (written or 0) + (answered or 0),
        cached_tokens=read,
        reasoning_tokens=last("output_tokens_details", "thinking_tokens"),
    )


def _message_stream(stream: Iterable[Any]) -> Expected:
    texts: list[str] = []
    calls: dict[int, tuple[str, list[str]]] = {}
    usages: list[Any] = []
    model = reason = None
    for event in stream:
        if event.type == "message_start":
            model = event.message.model
            usages.append(event.message.usage)
        elif event.type == "message_delta":
            reason = event.delta.stop_reason
            usages.append(event.usage)
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            calls[event.index] = (event.content_block.name, [])
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            texts.append(event.delta.text)
        elif event.type == "content_block_delta" and event.delta.type == "input_json_delta" and event.index in calls:
            calls[event.index][1].append(event.delta.partial_json)
    found = Expected(
        response_model=model,
        completion="".join(texts) or None,
        reason=reason,
        tool_calls=tuple((name, json.loads("".join(pieces) or "{}")) for _, (name, pieces) in sorted(calls.items())),
    )
    return _with_exclusive_usage(found, *usages)


_READERS: dict[str, Callable[[dict[str, Any]], Expected]] = {
    "/chat/completions": _chat,
    "/responses": _responses,
    "/messages": _messages,
}
