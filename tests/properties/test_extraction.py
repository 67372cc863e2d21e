"""No exchange, however mutilated, does anything but be read or be given up."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.content import canonical_json, from_stored_json
from chalicelib.domain.extraction import Reading, read_exchange
from chalicelib.domain.generation import Exchange, Generation, ModelRef
from tests.unit.domain.extraction.exchanges import CHAT, GEMINI, INTERACTIONS, MESSAGES, RESPONSES, STREAMS, stream
from tests.unit.domain.extraction.google import (
    CONTENTS,
    STEPS,
    WIRE_ANSWER,
    WIRE_REQUEST,
    as_dumped,
    ended,
)
from tests.unit.domain.extraction.google import chunks as gemini_chunks
from tests.unit.domain.extraction.voker_events import TAGS, names, properties

INTERACTION_CHUNKS = [*CONTENTS, ended("interaction.complete")]
STREAM_TEXTS = [
    *(path.read_text(encoding="utf-8") for path in sorted(STREAMS.glob("*.sse"))),
    stream(gemini_chunks()),
    json.dumps(gemini_chunks(), indent=2),
    stream(INTERACTION_CHUNKS),
    stream([*STEPS, ended("interaction.completed")]),
]
CALLS: list[Any] = [properties(name) for name in names()]
DOCUMENTS: list[Any] = [
    *(
        json.loads(path.read_text(encoding="utf-8"))["ok"]
        for path in sorted(STREAMS.glob("*.sdk.json"))
        if "ok" in json.loads(path.read_text(encoding="utf-8"))
    ),
    *(call["output"] for call in CALLS),
    WIRE_ANSWER,
    as_dumped(WIRE_ANSWER),
    {"status": "completed", "steps": [{"type": "model_output", "content": [{"type": "text", "text": "t"}]}]},
]
CHUNKS: list[Any] = [
    *([json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: {")] for text in STREAM_TEXTS),
    as_dumped(gemini_chunks()),
]
PARTS: list[Any] = [
    "bare",
    {"type": "text", "text": "t"},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "r"}]},
    {"type": "thinking", "thinking": "hm"},
    {"type": "input_file", "file_url": "https://x/a.pdf"},
]
REQUESTS: list[Any] = [
    {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": PARTS},
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": PARTS},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "max_tokens": 5,
        "stream": True,
    },
    {
        "model": "m",
        "instructions": "be kind",
        "input": [
            {"role": "user", "content": PARTS},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": PARTS},
            {"type": "reasoning", "summary": [{"text": "hm"}], "content": [{"text": "all"}]},
        ],
    },
    {"model": "m", "system": [{"type": "text", "text": "s"}], "thinking": {"type": "enabled"}, "messages": []},
    {"model": "m", **WIRE_REQUEST, "extra_body": {"labels": {}}},
    {"model": "m", "contents": ["Hi", {"text": "a"}, [{"text": "b"}]], "config": as_dumped(WIRE_REQUEST)},
    {"model": "m", "input": [{"role": "user", "content": PARTS}, {"type": "function_result", "result": PARTS}, *PARTS]},
    *(call["inputs"] for call in CALLS),
]
SHAPES = st.sampled_from([None, "", "x", *TAGS])
MARKS = {
    "message_start": MESSAGES,
    "response.created": RESPONSES,
    "interaction.start": INTERACTIONS,
    "candidates": GEMINI,
    "": CHAT,
}
PATHS = st.sampled_from(
    [
        CHAT,
        RESPONSES,
        MESSAGES,
        GEMINI,
        INTERACTIONS,
        None,
        "",
        "/proxy",
        "/model/m/invoke",
        "/v1/embeddings",
        "https://",
        "/a:b",
        "%ff/%",
    ]
) | st.text(max_size=20)
STATUSES = st.sampled_from([None, 200, 0, 400, 529, -1, 10**6])

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [10**400, 2**63, -1, 10**9, 1e308, True, None, "", [], {}, "x", "\ud800", 0.5, [[]], {"error": 1}]
)
ANYTHING = st.recursive(
    ODD | st.text(st.characters(codec=None), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "content", "choices", "delta", "message", "error", "index", "role", "output", "usage",
                 "response", "messages", "input", "item", "tool_calls", "function", "data", "event", "status",
                 "contents", "parts", "candidates", "outputs", "steps", "event_type", "interaction", "extra_body"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@st.composite
def mutilated(draw: st.DrawFn, whole: list[Any]) -> Any:
    """One of the values, with some places inside it emptied, doubled or filled with something else."""
    value = copy.deepcopy(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(0, 4))):
        places: list[tuple[Any, Any]] = []
        stack = [value]
        while stack:
            holder = stack.pop()
            inside = list(holder.items() if isinstance(holder, dict) else enumerate(holder))
            places += [(holder, key) for key, _ in inside]
            stack += [item for _, item in inside if isinstance(item, dict | list)]
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            holder[key] = copy.deepcopy(draw(ANYTHING))  # or one value would come to hold itself
        elif isinstance(holder, dict):
            del holder[key]
        else:
            holder.insert(key, copy.deepcopy(holder[key]))
    return value


@st.composite
def cut_streams(draw: st.DrawFn) -> str:
    """A stream cut at both ends, anywhere."""
    text = draw(st.sampled_from(STREAM_TEXTS)).encode()
    first = draw(st.just(0) | st.integers(0, len(text)))
    return text[first : draw(st.integers(first, len(text)))].decode(errors="replace")


def nested(levels: int) -> Any:
    """A value that holds another of its kind, down to a bound."""
    value: Any = {"type": "text", "text": "deep"}
    for level in range(levels):
        value = ([value], {"type": "tool_result", "content": value}, {"type": "new", "error": value})[level % 3]
    return value


REQUEST_BODIES = mutilated(REQUESTS) | ANYTHING | mutilated(REQUESTS).map(json.dumps)
RESPONSE_BODIES = (
    mutilated(DOCUMENTS) | mutilated(CHUNKS) | cut_streams() | ANYTHING | mutilated(DOCUMENTS).map(json.dumps)
)


def check(exchange: Exchange) -> Reading:
    """Read it beside what a client says, and look at what every reading must be."""
    client = Generation(
        id="g",
        source="ingate",
        model=ModelRef(provider="p", name="mine"),
        prompt="my prompt",
        completion="my completion",
        token_count=7,
        metadata={"mine": 1},
        exchange=exchange,
    )
    reading = read_exchange(client)
    found = reading.generation
    stored = found.model_copy(update={"exchange": None})
    content = canonical_json(stored)
    assert canonical_json(from_stored_json(content)) == content
    assert found.exchange == exchange
    assert found.model
    assert found.model.name
    assert len(found.model.name) <= 256
    assert found.metadata["mine"] == 1
    assert (reading.outcome == "failed") is (reading.reason is not None)
    assert not (reading.reason or "").startswith("reading broke off"), reading.reason
    if reading.outcome != "succeeded":
        changed = {name for name in Generation.model_fields if getattr(found, name) != getattr(client, name)}
        assert changed <= {"call_error", "error_code", "error_meta", "metadata"}
    return reading


@given(PATHS, STATUSES, SHAPES, REQUEST_BODIES, RESPONSE_BODIES)
def test_whatever_comes_is_read_or_given_up(
    path: str | None, status: int | None, shape: str | None, request: Any, response: Any
) -> None:
    check(Exchange(path=path, status_code=status, shape=shape, request_body=request, response_body=response))


@given(
    st.sampled_from([CHAT, RESPONSES, MESSAGES, GEMINI, INTERACTIONS]),
    mutilated(REQUESTS),
    mutilated(DOCUMENTS) | mutilated(CHUNKS),
)
def test_a_wrong_value_in_one_place_costs_no_other_path(path: str, request: Any, response: Any) -> None:
    """The model of a readable request is found whatever the rest is like, unless the answer is not to be read."""
    reading = check(Exchange(path=path, method="POST", status_code=200, request_body=request, response_body=response))
    asked = request.get("model")
    if reading.outcome == "succeeded" and isinstance(asked, str) and asked.isascii() and asked:
        assert reading.generation.model
        assert reading.generation.model.name == asked


@given(st.sampled_from(TAGS), mutilated(CALLS))
def test_a_wrong_name_of_the_shape_costs_no_more_than_none(tag: str, call: Any) -> None:
    """What is read by its bodies alone is read by them beside any name, too."""
    exchange = Exchange(request_body=call.get("inputs"), response_body=call.get("output"))
    unnamed = check(exchange)
    named = check(exchange.model_copy(update={"shape": tag}))
    if unnamed.outcome == "succeeded" and unnamed.generation.completion != "my completion":
        assert named.generation.completion == unnamed.generation.completion


@given(st.sampled_from(STREAM_TEXTS), st.data())
def test_a_stream_cut_anywhere_says_no_more_than_the_whole_one(text: str, data: st.DataObject) -> None:
    """What was said before the cut is the beginning of what was said in all."""
    path = next(path for mark, path in MARKS.items() if mark in text)
    encoded = text.encode()
    part = encoded[: data.draw(st.integers(1, len(encoded)))].decode(errors="ignore")
    whole, cut = (
        read_exchange(
            Generation(id="g", source="voker", exchange=Exchange(path=path, status_code=200, response_body=body))
        )
        for body in (text, part)
    )
    if not part.strip():
        return
    assert cut.outcome == "succeeded" or not part.lstrip().startswith(("data:", "event:", ":"))
    assert (whole.generation.completion or "").startswith(cut.generation.completion or "")


@given(st.integers(0, 100), st.sampled_from([CHAT, RESPONSES, MESSAGES, GEMINI, INTERACTIONS]), st.booleans())
def test_nesting_is_followed_no_further_than_a_document_goes(levels: int, path: str, as_text: bool) -> None:
    deep = nested(levels)
    request = {"messages": [{"role": "user", "content": deep}], "input": deep, "system": deep, "contents": deep}
    response = {
        "choices": [{"message": {"content": deep}}],
        "content": [deep],
        "output": [deep],
        "type": "message",
        "candidates": [{"content": {"parts": [deep]}}],
        "outputs": [deep],
        "status": "completed",
    }
    bodies = (json.dumps(request), json.dumps(response)) if as_text else (request, response)
    assert check(Exchange(path=path, request_body=bodies[0], response_body=bodies[1])).outcome == "succeeded"


def test_text_nested_deeper_than_any_document_is_read_or_given_up() -> None:
    for levels in (140, 400, 900, 5_000, 200_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            text = opening * levels + '"\\ud83d"' + closing * levels
            for body in (
                text,
                f'{{"choices":[{{"message":{{"tool_calls":[{{"function":{{"arguments":{text}}}}}]}}}}]}}',
            ):
                check(Exchange(path=CHAT, request_body=body, response_body=body))
