"""Responses: what request, answer and events say."""

from typing import Any

import pytest

from chalicelib.domain.generation import Media, Message, Part, PartMetadata, Tool, ToolCall, ToolResult, Usage
from tests.unit.domain.extraction.exchanges import RESPONSES, asked, generation, spoken, stream

CALL = {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": '{"x": 1}'}


def typed(kind: str, text: str | None = None) -> Part:
    """A part that keeps the provider's name for its type."""
    return Part(text=text, metadata=PartMetadata(provider_type=kind))


def said(*texts: str) -> dict[str, Any]:
    """A message of the output."""
    return {"type": "message", "content": [{"type": "output_text", "text": text} for text in texts]}


def response(*output: Any, **fields: Any) -> dict[str, Any]:
    """An answer."""
    return {"id": "r", "object": "response", "status": "completed", "output": list(output), **fields}


def test_a_string_is_what_the_user_says() -> None:
    read = asked(RESPONSES, model="m", input="Hi", instructions="be kind")
    assert read.input == (Message(role="user", parts=spoken("Hi")),)
    assert (read.prompt, read.system_prompt) == ("Hi", "be kind")


@pytest.mark.parametrize("absent", [None, 3, [], {}])
def test_an_input_may_be_absent(absent: Any) -> None:
    read = asked(RESPONSES, model="m", input=absent, prompt={"id": "p"})
    assert (read.input, read.prompt) == ((), None)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"role": "user", "content": "Hi"}, Message(role="user", parts=spoken("Hi"))),
        ({"type": None, "role": "developer", "content": "Hi"}, Message(role="system", parts=spoken("Hi"))),
        (
            {"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "a"},
                {"type": "input_image", "image_url": "data:image/jpeg;base64,AA"},
                {"type": "input_file", "file_url": "https://x/a.pdf", "filename": "a.pdf"},
                {"type": "input_audio"},
            ]},
            Message(role="user", parts=(
                *spoken("a"),
                Part(media=Media(kind="image", mime_type="image/jpeg")),
                Part(media=Media(kind="file", url="https://x/a.pdf", name="a.pdf")),
                Part(media=Media(kind="audio")),
            )),
        ),
        (
            {"type": "message", "role": "assistant", "content": [
                {"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "no"},
            ]},
            Message(role="assistant", parts=(*spoken("a"), typed("refusal", "no"))),
        ),
        (CALL, Message(role="assistant", parts=(Part(tool_call=ToolCall(id="c", name="f", input_json='{"x": 1}')),))),
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "SELECT 1"},
            Message(role="assistant", parts=(Part(tool_call=ToolCall(id="c", name="f", input_json='"SELECT 1"')),)),
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": "sunny"},
            Message(role="tool", parts=(Part(tool_result=ToolResult(tool_call_id="c", content="sunny")),)),
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": [
                {"type": "input_text", "text": "a"}, {"type": "input_image"},
            ]},
            Message(role="tool", parts=(
                Part(tool_result=ToolResult(tool_call_id="c", content="a")), Part(media=Media(kind="image")),
            )),
        ),
        ({"type": "shell_call_output"}, Message(role="tool", parts=(typed("shell_call_output"),))),
        ({"type": "shell_call"}, Message(role="assistant", parts=(typed("shell_call"),))),
        ({"type": "item_reference", "id": "i"}, Message(parts=(typed("item_reference"),))),
        (
            {"type": "reasoning", "summary": [{"text": "a"}, {"text": "b"}, 3]},
            Message(role="assistant", parts=(Part(thinking="a\n\nb"),)),
        ),
        (
            {"type": "reasoning", "summary": [{"text": "a"}], "content": [{"type": "reasoning_text", "text": "all"}]},
            Message(role="assistant", parts=(Part(thinking="all"),)),
        ),
        (
            {"type": "reasoning", "summary": [], "encrypted_content": "X"},
            Message(role="assistant", parts=(typed("reasoning"),)),
        ),
        ({}, Message()),
    ],
)  # fmt: skip
def test_the_items_of_an_input(item: Any, message: Message) -> None:
    assert asked(RESPONSES, input=[item]).input == (message,)


def test_the_system_prompt_is_the_instructions_and_what_stands_before_all_else() -> None:
    items = [
        {"role": "system", "content": "two"},
        {"role": "developer", "content": "three"},
        {"role": "user", "content": "u"},
    ]
    assert asked(RESPONSES, instructions="one", input=items).system_prompt == "one\n\ntwo\n\nthree"
    written = [{"role": "developer", "content": [{"type": "input_text", "text": "one"}]}, 3]
    assert asked(RESPONSES, instructions=written, input="u").system_prompt == "one"


def test_tools_and_settings() -> None:
    read = asked(
        RESPONSES,
        tools=[
            {"type": "function", "name": "f", "description": "d", "parameters": {"b": 1, "a": 2}, "strict": True},
            {"type": "web_search", "filters": {}},
            {"type": "custom", "name": "sql", "format": {"type": "grammar"}},
        ],
        tool_choice={"type": "web_search"},
        max_output_tokens=9,
    )
    assert read.tools == (
        Tool(name="f", description="d", type="function", input_schema_json='{"b":1,"a":2}'),
        Tool(name="web_search", type="web_search"),
        Tool(name="sql", type="custom", input_schema_json='{"type":"grammar"}'),
    )
    assert (read.tool_choice, read.max_tokens) == ("web_search", 9)


def test_an_answer_is_one_message_with_its_parts_in_the_order_of_the_items() -> None:
    refusal = {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}
    read = generation(
        RESPONSES, None, response(thought, said("a", "b"), CALL, {"type": "web_search_call"}, said("c"), refusal)
    )
    assert read.output == (
        Message(
            role="assistant",
            parts=(
                Part(thinking="hm"),
                *spoken("a", "b"),
                Part(tool_call=ToolCall(id="c", name="f", input_json='{"x": 1}')),
                typed("web_search_call"),
                *spoken("c"),
                typed("refusal", "no"),
            ),
        ),
    )
    assert read.completion == "abc"
    assert generation(RESPONSES, None, response(refusal)).completion == "no"


def test_tokens() -> None:
    counts = {
        "input_tokens": 10,
        "output_tokens": 5,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens_details": {"reasoning_tokens": 2},
    }
    read = generation(RESPONSES, None, response(usage=counts))
    assert read.usage == Usage(
        input_tokens=10,
        output_tokens=5,
        total_tokens=15,
        cache_read_input_tokens=4,
        reasoning_tokens=2,
        input_semantics="inclusive",
    )


@pytest.mark.parametrize(
    ("fields", "reason", "error"),
    [
        ({}, "completed", None),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "max_output_tokens", None),
        ({"status": "incomplete", "incomplete_details": None}, "incomplete", None),
        ({"status": "queued"}, "queued", None),
        ({"status": "in_progress"}, "in_progress", None),
        ({"status": "brand_new"}, "brand_new", None),
        ({"status": None}, None, None),
        ({"status": "failed"}, "failed", "Provider request failed: the response failed"),
        ({"status": "cancelled"}, "cancelled", "Provider request failed: the response was cancelled"),
        (
            {"status": "failed", "error": {"code": "server_error", "message": "boom"}},
            "failed",
            "Provider request failed: boom",
        ),
    ],
)
def test_the_reason_is_why_it_is_incomplete_else_its_status(fields: Any, reason: str | None, error: str | None) -> None:
    read = generation(RESPONSES, None, response(**fields))
    assert (read.stop_reason, read.metadata.get("finish_reason"), read.call_error) == (reason, reason, error)


def event(kind: str, **fields: Any) -> dict[str, Any]:
    """An event of a stream."""
    return {"type": f"response.{kind}", **fields}


CREATED = event("created", response=response(status="in_progress", model="m"))


def test_a_cut_stream_is_put_together_from_its_pieces() -> None:
    events = [
        CREATED,
        event("reasoning_summary_text.delta", output_index=0, summary_index=1, delta="then"),
        event("reasoning_summary_text.delta", output_index=0, summary_index=0, delta="fir"),
        event("reasoning_summary_text.delta", output_index=0, summary_index=0, delta="st"),
        event("output_item.added", output_index=1, item={"type": "message", "content": []}),
        event("output_text.delta", output_index=1, content_index=0, delta="Hel"),
        event("output_text.done", output_index=1, content_index=0, text="Hello"),
        event("refusal.delta", output_index=1, content_index=1, delta="no"),
        event("output_item.added", output_index=10**9, item={**CALL, "arguments": ""}),
        event("function_call_arguments.delta", output_index=10**9, delta='{"x"'),
        event("output_item.done", output_index=2, item=CALL),
        event("custom_tool_call_input.delta", output_index=3, delta="SELECT"),
        event("reasoning_text.delta", output_index=4, content_index=0, delta="all"),
        event("brand_new.delta", output_index=5, delta="x"),
    ]
    read = generation(RESPONSES, None, stream(events))
    assert read.output[0].parts == (
        Part(thinking="first\n\nthen"),
        *spoken("Hello"),
        typed("refusal", "no"),
        Part(tool_call=ToolCall(id="c", name="f", input_json='{"x": 1}')),
        Part(tool_call=ToolCall(input_json='"SELECT"')),
        Part(thinking="all"),
        Part(tool_call=ToolCall(id="c", name="f", input_json='{"x"')),
    )
    assert (read.response_model, read.stop_reason) == ("m", "in_progress")
    assert read.call_error == "Provider request failed: the stream ended before its end"


def test_a_whole_response_at_the_end_wins_over_the_pieces() -> None:
    events = [CREATED, event("output_text.delta", delta="Hel"), event("completed", response=response(said("Hello")))]
    read = generation(RESPONSES, None, events)
    assert (read.completion, read.stop_reason, read.call_error) == ("Hello", "completed", None)


def test_a_response_that_a_gateway_emptied_keeps_the_pieces() -> None:
    events = [CREATED, event("output_text.delta", delta="Hel"), event("completed", response=response(model="m2"))]
    read = generation(RESPONSES, None, events)
    assert (read.completion, read.response_model, read.call_error) == ("Hel", "m2", None)


@pytest.mark.parametrize("last", ["completed", "incomplete"])
def test_what_ends_a_stream(last: str) -> None:
    assert generation(RESPONSES, None, [CREATED, event(last, response=response())]).call_error is None
    assert generation(RESPONSES, None, [CREATED, event(last)]).call_error is not None


def test_an_error_event_names_its_reason() -> None:
    for error in (
        {"type": "error", "code": "c", "message": "slow"},
        {"type": "error", "error": {"code": "c", "message": "slow"}},
    ):
        read = generation(RESPONSES, None, [CREATED, error])
        assert (read.call_error, read.error_meta) == ("Provider request failed: slow", {"code": "c"})
