"""Exchanges for tests: built from two bodies, with what a client says beside them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chalicelib.domain.extraction import Reading, read_exchange
from chalicelib.domain.generation import Exchange, Generation, ModelRef, Part

STREAMS = Path(__file__).parents[3] / "data" / "sse"

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
MESSAGES = "/v1/messages"
GEMINI = "/v1beta/models/gemini-2.5-flash:generateContent"
INTERACTIONS = "/v1beta/interactions"


def read(path: str | None, request: Any, response: Any, status: int | None = 200, **client: Any) -> Reading:
    """An exchange as it is read; `client` are the fields that its sender filled in."""
    exchange = Exchange(path=path, method="POST", status_code=status, request_body=request, response_body=response)
    return read_exchange(Generation(id="g", source="ingate", exchange=exchange, **client))


def generation(path: str | None, request: Any, response: Any, status: int | None = 200, **client: Any) -> Generation:
    """The generation of an exchange that can be read."""
    reading = read(path, request, response, status, **client)
    assert reading.outcome == "succeeded", reading.reason
    assert reading.reason is None
    return reading.generation


def named(name: str | None, provider: str | None = None) -> ModelRef:
    """A model."""
    return ModelRef(provider=provider, name=name)


def answer(content: Any = "Hello", **message: Any) -> dict[str, Any]:
    """A chat completion with one choice."""
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": {"content": content, **message}}]}


def chunk(delta: Any, index: Any = 0, finish_reason: Any = None, **fields: Any) -> dict[str, Any]:
    """One chunk of a streamed chat completion."""
    choice = {"index": index, "delta": delta, "finish_reason": finish_reason}
    return {"object": "chat.completion.chunk", "choices": [choice], **fields}


def stream(events: Iterable[Any], done: bool = False) -> str:
    """The text of an event stream."""
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + ("data: [DONE]\n\n" if done else "")


def asked(path: str, **request: Any) -> Generation:
    """What a request alone says."""
    return generation(path, request, None)


def spoken(*texts: str) -> tuple[Part, ...]:
    """Parts of plain text."""
    return tuple(Part(text=text) for text in texts)


def recorded_stream(name: str) -> str:
    """The text of a stream in tests/data/sse."""
    return (STREAMS / f"{name}.sse").read_text(encoding="utf-8")
