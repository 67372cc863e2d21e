"""Gemini's Interactions: what request, answer and events say."""

from typing import Any

import pytest

from chalicelib.domain.generation import Media, Message, Part, PartMetadata, Tool, ToolCall, ToolResult, Usage
from tests.unit.domain.extraction.exchanges import INTERACTIONS, asked, generation, read, spoken, stream
from tests.unit.domain.extraction.google import CALL, CONTENTS, STEPS, ended, interaction, said

CUT = "Provider request failed: the stream ended before its end"
CALL_PART = Part(tool_call=ToolCall(id="c", name="f", input_json='{"x":1}'))


def typed(kind: str, **payload: Any) -> Part:
    """A part that keeps the provider's name for its type."""
    return Part(metadata=PartMetadata(provider_type=kind), **payload)


def test_a_request_says_what_is_asked() -> None:
    found = asked(
        INTERACTIONS,
        model="m",
        input="Hi",
        system_instruction="be kind",
        generation_config={
            "max_output_tokens": 9, "temperature": 0.5, "top_p": 0.25, "tool_choice": "any", "thinking_level": "low",
        },
        tools=[{"type": "function", "name": "f", "parameters": {"aB": 1}}, {"type": "google_search"}],
        stream=True,
    )  # fmt: skip
    assert found.model
    assert (found.model.name, found.prompt, found.system_prompt) == ("m", "Hi", "be kind")
    assert (found.max_tokens, found.temperature, found.top_p) == (9, 0.5, 0.25)
    assert (found.tool_choice, found.thinking_enabled, found.mode) == ("any", True, "STREAM")
    assert found.tools == (
        Tool(name="f", type="function", input_schema_json='{"aB":1}'),
        Tool(name="google_search", type="google_search"),
    )


def test_an_agent_stands_for_the_model() -> None:
    found = asked(INTERACTIONS, agent="deep-research", input="Hi")
    assert found.model
    assert found.model.name == "deep-research"


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        (said("Hi"), (Message(role="user", parts=spoken("Hi")),)),
        ([said("a"), "b"], (Message(role="user", parts=spoken("a", "b")),)),
        (
            [
                {"role": "user", "content": "a"}, {"role": "model", "content": [said("b")]},
                {"role": "new", "content": "c"},
            ],
            (
                Message(role="user", parts=spoken("a")),
                Message(role="assistant", parts=spoken("b")),
                Message(parts=spoken("c")),
            ),
        ),
        (
            [{"type": "user_input", "content": [said("a")]}, {"type": "model_output", "content": [said("b")]}],
            (Message(role="user", parts=spoken("a")), Message(role="assistant", parts=spoken("b"))),
        ),
        (
            [said("a"), CALL, {"type": "function_result", "call_id": "c", "name": "f", "result": "r"}],
            (
                Message(role="user", parts=spoken("a")),
                Message(role="assistant", parts=(CALL_PART,)),
                Message(role="tool", parts=(Part(tool_result=ToolResult(tool_call_id="c", name="f", content="r")),)),
            ),
        ),
        (None, ()),
        (3, ()),
    ],
)  # fmt: skip
def test_an_input_is_a_text_blocks_or_turns(given: Any, messages: tuple[Message, ...]) -> None:
    assert asked(INTERACTIONS, model="m", input=given).input == messages


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        ({"type": "text", "text": "a", "annotations": None}, spoken("a")),
        ({"type": "image", "data": "AAAA", "mime_type": "image/png"},
         (Part(media=Media(kind="image", mime_type="image/png")),)),
        ({"type": "document", "uri": "https://x/a.pdf"}, (Part(media=Media(kind="document", url="https://x/a.pdf")),)),
        ({"type": "thought", "signature": "s", "summary": [said("a"), said("b")]}, (Part(thinking="a\n\nb"),)),
        ({"type": "thought", "signature": "s", "summary": None}, (typed("thought"),)),
        (CALL, (CALL_PART,)),
        ({"type": "function_result", "call_id": "c", "result": [said("a"), {"type": "image"}], "is_error": True},
         (Part(tool_result=ToolResult(tool_call_id="c", content="a", is_error=True)), Part(media=Media(kind="image")))),
        ({"type": "function_result", "call_id": "c", "result": {"aB": 1}},
         (Part(tool_result=ToolResult(tool_call_id="c", content_json='{"aB":1}')),)),
        ({"type": "google_search_call", "id": "c", "arguments": {"queries": ["q"]}},
         (typed("google_search_call", tool_call=ToolCall(
             id="c", name="google_search", input_json='{"queries":["q"]}')),)),
        ({"type": "mcp_server_tool_call", "id": "c", "name": "t", "arguments": {}},
         (typed("mcp_server_tool_call", tool_call=ToolCall(id="c", name="t", input_json="{}")),)),
        ({"type": "code_execution_result", "call_id": "c", "result": "2"},
         (typed("code_execution_result", tool_result=ToolResult(
             tool_call_id="c", name="code_execution", content_json='"2"')),)),
        ({"type": "new", "text": "a"}, (typed("new", text="a"),)),
        ("bare", spoken("bare")),
        (3, ()),
    ],
)  # fmt: skip
def test_each_kind_of_block(block: Any, parts: tuple[Part, ...]) -> None:
    found = generation(INTERACTIONS, {"model": "m", "input": "Hi"}, interaction(block))
    assert found.output == ((Message(role="assistant", parts=parts),) if parts else ())


def test_an_answer_says_its_counts() -> None:
    usage = {
        "total_input_tokens": 7, "total_tool_use_tokens": 3, "total_output_tokens": 20, "total_thought_tokens": 22,
        "total_cached_tokens": 4, "total_tokens": 52, "input_tokens_by_modality": None,
    }  # fmt: skip
    found = generation(INTERACTIONS, {"model": "m", "input": "Hi"}, interaction(said("a"), model="n", usage=usage))
    assert found.usage == Usage(
        input_tokens=10,
        output_tokens=42,
        total_tokens=52,
        cache_read_input_tokens=4,
        reasoning_tokens=22,
        input_semantics="inclusive",
    )
    assert (found.response_id, found.response_model, found.stop_reason) == ("i", "n", "completed")
    assert found.metadata == {"finish_reason": "completed"}


def test_steps_are_the_outputs_of_a_later_revision() -> None:
    steps = [
        {"type": "user_input", "content": [said("Hi")]},
        {"type": "thought", "signature": "s"},
        CALL,
        {"type": "model_output", "content": [said("a"), said("b")]},
    ]
    found = generation(None, None, {"id": "i", "status": "requires_action", "steps": steps})
    assert found.output == (Message(role="assistant", parts=(typed("thought"), CALL_PART, *spoken("a", "b"))),)
    assert (found.completion, found.stop_reason, found.call_error) == ("ab", "requires_action", None)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": "failed"}, "Provider request failed: the interaction failed"),
        ({"status": "cancelled"}, "Provider request failed: the interaction was cancelled"),
        ({"status": "failed", "error": {"code": "x", "message": "boom"}}, "Provider request failed: boom"),
        ({"status": "incomplete"}, None),
        ({"status": "in_progress"}, None),
    ],
)
def test_only_what_failed_or_was_cancelled_has_failed(fields: Any, error: str | None) -> None:
    assert generation(INTERACTIONS, {"model": "m"}, interaction(**fields)).call_error == error


@pytest.mark.parametrize(
    "pieces",
    [[*CONTENTS, ended("interaction.complete")], [*STEPS, ended("interaction.completed")]],
    ids=["contents", "steps"],
)
def test_a_stream_is_put_together(pieces: list[Any]) -> None:
    for captured in (pieces, stream(pieces)):
        found = generation(INTERACTIONS, {"model": "m", "input": "Hi"}, captured)
        assert found.output == (
            Message(role="assistant", parts=(Part(thinking="hm"), *spoken("Hi there!"), CALL_PART)),
        )
        assert (found.completion, found.stop_reason, found.mode) == ("Hi there!", "completed", "STREAM")
        assert (found.response_id, found.token_count, found.call_error) == ("i", 3, None)


@pytest.mark.parametrize("pieces", [CONTENTS, STEPS], ids=["contents", "steps"])
def test_a_stream_that_was_cut_has_failed_and_keeps_what_it_had(pieces: list[Any]) -> None:
    found = generation(None, None, stream(pieces))
    assert (found.completion, found.stop_reason, found.call_error) == ("Hi there!", "in_progress", CUT)


def test_an_error_in_a_stream_is_the_failure() -> None:
    error = {"event_type": "error", "error": {"code": "overloaded", "message": "later"}}
    update = {"event_type": "interaction.status_update", "interaction_id": "i", "status": "failed"}
    found = generation(INTERACTIONS, None, [*CONTENTS, update, error])
    assert (found.call_error, found.stop_reason) == ("Provider request failed: later", "failed")
    assert found.error_meta == {"code": "overloaded"}


def test_outputs_of_something_else_are_no_interaction() -> None:
    assert read(None, None, {"outputs": [{"text": "a", "stop_reason": "stop"}]}).outcome == "failed"


def test_results_within_results_are_followed_no_further() -> None:
    result: dict[str, Any] = {"type": "function_result", "result": "deep"}
    for _ in range(1_000):
        result = {"type": "function_result", "call_id": "c", "result": [said("a"), result]}
    found = generation(INTERACTIONS, {"model": "m", "input": "Hi"}, interaction(result)).output
    assert found[0].parts == (Part(tool_result=ToolResult(tool_call_id="c", content="a")),)
