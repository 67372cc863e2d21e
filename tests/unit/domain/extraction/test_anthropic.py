"""Anthropic Messages: what request, answer and events say."""

from typing import Any

import pytest

from chalicelib.domain.generation import Media, Message, Part, PartMetadata, Tool, ToolCall, ToolResult, Usage
from tests.unit.domain.extraction.exchanges import MESSAGES, asked, generation, spoken, stream


def typed(kind: str) -> PartMetadata:
    """The provider's name for a type."""
    return PartMetadata(provider_type=kind)


def message(*blocks: Any, **fields: Any) -> dict[str, Any]:
    """An answer."""
    return {"type": "message", "role": "assistant", "content": list(blocks), **fields}


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        ("text", spoken("text")),
        ({"type": "text", "text": "t"}, spoken("t")),
        ({"type": "text", "text": None}, ()),
        (3, ()),
        ({"type": "thinking", "thinking": "hm", "signature": "S"}, (Part(thinking="hm"),)),
        ({"type": "redacted_thinking", "data": "X"}, (Part(metadata=typed("redacted_thinking")),)),
        ({"type": "brand_new", "text": "t"}, (Part(text="t", metadata=typed("brand_new")),)),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 99}},
            (Part(media=Media(kind="image", mime_type="image/png")),),
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://x"}},
            (Part(media=Media(kind="image", url="https://x")),),
        ),
        (
            {"type": "document", "title": "T", "source": {"type": "file", "file_id": "f"}},
            (Part(media=Media(kind="document", name="T")),),
        ),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {"b": 1, "a": "é"}},
            (Part(tool_call=ToolCall(id="t", name="f", input_json='{"b":1,"a":"é"}')),),
        ),
        (
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            (Part(tool_call=ToolCall(id="s", name="web_search", input_json="{}"), metadata=typed("server_tool_use")),),
        ),
        (
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"url": "u"}]},
            (
                Part(
                    tool_result=ToolResult(tool_call_id="s", content_json='[{"url":"u"}]'),
                    metadata=typed("web_search_tool_result"),
                ),
            ),
        ),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": "sunny", "is_error": False},
            (Part(tool_result=ToolResult(tool_call_id="t", content="sunny", is_error=False)),),
        ),
        (
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "is_error": "yes",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image", "source": {"media_type": "image/png"}},
                    {"type": "tool_result", "content": "never"},
                    {"type": "text", "text": "b"},
                ],
            },
            (
                Part(tool_result=ToolResult(tool_call_id="t", content="ab")),
                Part(media=Media(kind="image", mime_type="image/png")),
            ),
        ),
    ],
)
def test_the_parts_of_a_block(block: Any, parts: tuple[Part, ...]) -> None:
    assert asked(MESSAGES, messages=[{"role": "user", "content": [block]}]).input == (
        Message(role="user", parts=parts),
    )


def test_a_result_inside_a_result_is_not_followed() -> None:
    content: Any = "deep"
    for _ in range(10_000):
        content = {"type": "tool_result", "content": content}
    read = asked(MESSAGES, messages=[{"role": "user", "content": content}])
    assert read.input == (Message(role="user", parts=(Part(tool_result=ToolResult()),)),)


def test_a_turn_of_results_is_no_prompt() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "sunny"}
    messages = [{"role": "user", "content": "ask"}, {"role": "user", "content": [result]}]
    assert asked(MESSAGES, messages=messages).prompt == "ask"
    mixed = [{"role": "user", "content": [result, {"type": "text", "text": "and"}]}]
    assert asked(MESSAGES, messages=mixed).prompt == "and"


@pytest.mark.parametrize(
    ("system", "prompt"),
    [
        ("be kind", "be kind"),
        ([{"type": "text", "text": "be"}, "kind", {"type": "image"}, 3], "be\n\nkind"),
        ([], None),
        ({"text": "x"}, None),
    ],
)
def test_the_system_prompt(system: Any, prompt: str | None) -> None:
    assert asked(MESSAGES, system=system).system_prompt == prompt


def test_a_system_message_before_all_others_belongs_to_the_system_prompt() -> None:
    messages = [
        {"role": "system", "content": "two"},
        {"role": "user", "content": "u"},
        {"role": "system", "content": "x"},
    ]
    assert asked(MESSAGES, system="one", messages=messages).system_prompt == "one\n\ntwo"


def test_tools_and_settings() -> None:
    read = asked(
        MESSAGES,
        tools=[
            {"name": "f", "description": "d", "input_schema": {"type": "object"}, "defer_loading": True},
            {"type": "web_search_20250305", "name": "web_search"},
            {"type": "mcp_toolset"},
        ],
        tool_choice={"type": "any"},
        thinking={"type": "enabled", "budget_tokens": 1_024},
        max_tokens=64,
    )
    assert read.tools == (
        Tool(name="f", description="d", input_schema_json='{"type":"object"}', deferred=True),
        Tool(name="web_search", type="web_search_20250305"),
        Tool(name="mcp_toolset", type="mcp_toolset"),
    )
    assert (read.tool_choice, read.thinking_enabled, read.max_tokens) == ("any", True, 64)
    assert asked(MESSAGES, thinking={"type": "disabled"}).thinking_enabled is False
    assert asked(MESSAGES, thinking=[]).thinking_enabled is None


def test_an_answer() -> None:
    blocks = [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "b"}]
    usage = {"input_tokens": 10, "output_tokens": 3, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 2}
    details = {"output_tokens_details": {"thinking_tokens": 1}}
    document = message(*blocks, id="m1", model="claude", stop_reason="max_tokens", usage={**usage, **details})
    read = generation(MESSAGES, {"model": "alias"}, document)
    assert (read.completion, read.stop_reason, read.metadata) == ("ab", "max_tokens", {"stop_reason": "max_tokens"})
    assert (read.response_id, read.response_model, read.mode, read.call_error) == ("m1", "claude", "SYNC", None)
    assert read.usage == Usage(
        input_tokens=10,
        output_tokens=3,
        total_tokens=19,
        cache_read_input_tokens=4,
        cache_creation_input_tokens=2,
        reasoning_tokens=1,
        input_semantics="exclusive",
    )
    assert read.token_count == 19


def test_what_was_written_to_the_cache_may_be_told_by_bucket() -> None:
    buckets = {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}
    usage = generation(MESSAGES, None, message(usage={"cache_creation": buckets})).usage
    assert usage
    assert (usage.cache_creation_input_tokens, usage.total_tokens) == (7, None)


def event(kind: str, **fields: Any) -> dict[str, Any]:
    """An event of a stream."""
    return {"type": kind, **fields}


START = event("message_start", message=message(id="m1", model="claude", usage={"input_tokens": 9, "output_tokens": 1}))
STOPPED = event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 7, "input_tokens": None})


def block(index: Any, start: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of one block, without its end."""
    pieces = [event("content_block_delta", index=index, delta=delta) for delta in deltas]
    return [event("content_block_start", index=index, content_block=start), *pieces]


def json_piece(text: str) -> dict[str, Any]:
    """A piece of a tool's input."""
    return {"type": "input_json_delta", "partial_json": text}


def test_blocks_of_a_stream_come_in_the_order_of_their_indexes() -> None:
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    events = [
        START,
        *block(10**9, tool, json_piece('{"b": 1,'), json_piece(' "a": 2}')),
        *block(2, tool),
        *block(
            1, {"type": "text", "text": "H"}, {"type": "text_delta", "text": "i"}, {"type": "new_delta", "text": "!"}
        ),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": "lost start"}),
        event("ping"),
        STOPPED,
        event("message_stop"),
    ]
    read = generation(MESSAGES, None, stream(events))
    assert read.output[0].parts == (
        *spoken("lost start", "Hi"),
        Part(tool_call=ToolCall(id="t", name="f", input_json="{}")),
        Part(tool_call=ToolCall(id="t", name="f", input_json='{"b":1,"a":2}')),
    )
    assert read.usage
    assert (read.usage.input_tokens, read.usage.output_tokens) == (9, 7)
    assert (read.stop_reason, read.call_error, read.mode) == ("tool_use", None, "STREAM")


def test_the_input_of_a_cut_call_is_kept_as_far_as_it_came() -> None:
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    read = generation(MESSAGES, None, [START, *block(0, tool, json_piece('{"city": "Pa'))])
    assert read.output[0].parts == (Part(tool_call=ToolCall(id="t", name="f", input_json='{"city": "Pa')),)
    assert read.call_error == "Provider request failed: the stream ended before its end"


@pytest.mark.parametrize(
    ("events", "cut"),
    [
        ([START], True),
        ([START, event("message_stop")], False),
        ([START, STOPPED], False),
        ([START, event("message_delta", delta={"stop_reason": None})], True),
        ([], True),
    ],
)
def test_a_stream_has_ended_when_it_says_so_or_has_its_reason(events: Any, cut: bool) -> None:
    assert (generation(MESSAGES, {"model": "m"}, events).call_error is not None) is cut
