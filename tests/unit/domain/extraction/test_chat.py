"""Chat Completions: what request, answer and chunks say."""

from typing import Any

import pytest

from chalicelib.domain.generation import Media, Message, Part, PartMetadata, Tool, ToolCall, ToolResult, Usage
from tests.unit.domain.extraction.exchanges import CHAT, answer, asked, chunk, generation, read, spoken, stream


def parts_of(content: Any, role: str = "user", **fields: Any) -> tuple[Part, ...]:
    """The parts of one message of a request."""
    (message,) = asked(CHAT, messages=[{"role": role, "content": content, **fields}]).input
    return message.parts


def typed(kind: str, text: str | None = None) -> Part:
    """A part that keeps the provider's name for its type."""
    return Part(text=text, metadata=PartMetadata(provider_type=kind))


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("Hi", spoken("Hi")),
        ("", ()),
        (None, ()),
        (17, ()),
        ([], ()),
        (["a", {"type": "text", "text": "b"}, 3, None, {"type": "text", "text": 3}], spoken("a", "b")),
        ({"type": "text", "text": "alone"}, spoken("alone")),
        ([{"type": "brand_new", "text": "t", "x": 1}], (typed("brand_new", "t"),)),
        ([{"type": "brand_new"}], (typed("brand_new"),)),
        ([{"text": "no type"}], spoken("no type")),
        (
            [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}],
            (Part(media=Media(kind="image", url="https://x/y.png")),),
        ),
        (
            [{"type": "image_url", "image_url": "data:image/png;base64," + "A" * 99}],
            (Part(media=Media(kind="image", mime_type="image/png")),),
        ),
        ([{"type": "image_url", "image_url": {"url": "QUJD" * 99}}], (Part(media=Media(kind="image")),)),
        (
            [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}],
            (Part(media=Media(kind="audio", mime_type="audio/wav")),),
        ),
        (
            [{"type": "file", "file": {"file_data": "data:application/pdf;base64,AA", "filename": "a.pdf"}}],
            (Part(media=Media(kind="file", mime_type="application/pdf", name="a.pdf")),),
        ),
        ([{"type": "file", "file": {"file_id": "f-1"}}], (Part(media=Media(kind="file", name="f-1")),)),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}], (Part(thinking="hm"),)),
    ],
)
def test_the_parts_of_a_content(content: Any, parts: tuple[Part, ...]) -> None:
    assert parts_of(content) == parts


def test_roles_are_the_products() -> None:
    said = ["system", "developer", "user", "assistant", "tool", "function", "narrator", None, 3]
    messages = asked(CHAT, messages=[{"role": role, "content": "x"} for role in said]).input
    assert [message.role for message in messages] == [
        "system", "system", "user", "assistant", "tool", "tool", None, None, None,
    ]  # fmt: skip
    assert messages[6].parts == spoken("x")


def test_what_is_no_message_costs_itself_only() -> None:
    read = asked(CHAT, model="m", messages=["x", 3, None, [], {}, {"role": "user", "content": "Hi", "name": "Ann"}])
    assert read.input == (Message(), Message(role="user", name="Ann", parts=spoken("Hi")))
    assert read.prompt == "Hi"


@pytest.mark.parametrize(
    ("messages", "prompt"),
    [
        ([("user", "first"), ("assistant", "a"), ("user", "last"), ("tool", "t")], "last"),
        ([("user", "first"), ("user", [{"type": "image_url"}])], "first"),
        ([("user", "first"), ("user", "")], "first"),
        ([("user", ["a", {"type": "image_url"}, {"type": "text", "text": "b"}])], "ab"),
        ([("system", "s")], None),
        ([], None),
    ],
)
def test_the_prompt_is_the_text_of_the_last_user_message_that_has_text(messages: Any, prompt: str | None) -> None:
    assert asked(CHAT, messages=[{"role": role, "content": content} for role, content in messages]).prompt == prompt


def test_the_system_prompt_is_what_stands_before_all_else() -> None:
    said = [
        ("system", "one"),
        ("developer", [{"type": "text", "text": "two"}]),
        ("system", None),
        ("user", "u"),
        ("system", "late"),
    ]
    read = asked(CHAT, messages=[{"role": role, "content": content} for role, content in said])
    assert read.system_prompt == "one\n\ntwo"
    assert len(read.input) == 5


def test_an_assistants_message_keeps_thoughts_text_refusal_and_calls_in_order() -> None:
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
        {"id": "c2", "function": {"name": "g", "arguments": {"b": 1, "a": "é"}}},
        {"id": "c3", "type": "custom", "custom": {"name": "h", "input": "SELECT 1"}},
        {"id": "c4", "function": {"name": None, "arguments": ""}},
        "no call",
    ]
    parts = parts_of("text", "assistant", reasoning_content="hm", refusal="no", tool_calls=calls)
    assert parts == (
        Part(thinking="hm"),
        *spoken("text"),
        typed("refusal", "no"),
        Part(tool_call=ToolCall(id="c1", name="f", input_json='{"x": 1}')),
        Part(tool_call=ToolCall(id="c2", name="g", input_json='{"b":1,"a":"é"}')),
        Part(tool_call=ToolCall(id="c3", name="h", input_json='"SELECT 1"')),
        Part(tool_call=ToolCall(id="c4")),
    )


def test_a_legacy_call_is_a_call() -> None:
    call = {"name": "f", "arguments": "{}"}
    assert parts_of(None, "assistant", function_call=call) == (Part(tool_call=ToolCall(name="f", input_json="{}")),)
    assert parts_of(None, "assistant", function_call={"name": "", "arguments": ""}) == ()


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("sunny", (Part(tool_result=ToolResult(tool_call_id="c", content="sunny")),)),
        (None, (Part(tool_result=ToolResult(tool_call_id="c")),)),
        ({"t": 20}, (Part(tool_result=ToolResult(tool_call_id="c", content_json='{"t":20}')),)),
        (
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": "https://x"}, "b"],
            (
                Part(tool_result=ToolResult(tool_call_id="c", content="ab")),
                Part(media=Media(kind="image", url="https://x")),
            ),
        ),
    ],
)
def test_what_a_tool_answered(content: Any, parts: tuple[Part, ...]) -> None:
    assert parts_of(content, "tool", tool_call_id="c") == parts


def test_tools_keep_the_order_of_their_keys() -> None:
    schema = {"type": "object", "properties": {"b": {}, "a": {"description": "é"}}}
    tools = [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}},
        {"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}},
        {"type": "web_search"},
        {"function": {"name": "g"}, "defer_loading": True},
        "no tool",
    ]
    text = '{"type":"object","properties":{"b":{},"a":{"description":"é"}}}'
    assert asked(CHAT, tools=tools, functions=[{"name": "old", "parameters": {}}]).tools == (
        Tool(name="f", description="d", type="function", input_schema_json=text),
        Tool(name="c", type="custom", input_schema_json='{"type":"text"}'),
        Tool(name="web_search", type="web_search"),
        Tool(name="g", type="function", deferred=True),
        Tool(name="old", type="function", input_schema_json="{}"),
    )


def test_settings_of_the_request() -> None:
    read = asked(CHAT, model="m", max_tokens=5, temperature=1, top_p=0.5, tool_choice="auto", stream=True)
    assert (read.max_tokens, read.temperature, read.top_p, read.tool_choice) == (5, 1.0, 0.5, "auto")
    assert read.mode == "STREAM"
    odd = asked(CHAT, model="m", max_tokens=-1, temperature="hot", top_p=True, tool_choice=3, stream="yes")
    assert (odd.max_tokens, odd.temperature, odd.top_p, odd.tool_choice, odd.mode) == (None, None, None, None, "SYNC")
    one = {"type": "function", "function": {"name": "f"}}
    assert asked(CHAT, tool_choice=one).tool_choice == '{"type":"function","function":{"name":"f"}}'


@pytest.mark.parametrize(
    ("message", "completion"),
    [
        ({"content": "Hi"}, "Hi"),
        ({"content": [{"type": "text", "text": "H"}, {"type": "thinking", "thinking": "hm"}, "i"]}, "Hi"),
        ({"content": "", "refusal": "no"}, "no"),
        ({"content": "Hi", "refusal": "no"}, "Hi"),
        ({"content": None, "audio": {"transcript": "spoken"}}, "spoken"),
        ({"content": None, "audio": {"transcript": "spoken"}, "refusal": "no"}, "no"),
        ({"content": None}, None),
        ({"content": 3}, None),
        (None, None),
        ("text", None),
    ],
)
def test_the_completion_is_the_text_else_the_refusal_else_what_the_sound_says(
    message: Any, completion: str | None
) -> None:
    response = {"choices": [{"index": 0, "message": message}]}
    assert generation(CHAT, None, response).completion == completion


def test_the_completion_and_its_reason_are_those_of_choice_0() -> None:
    choices = [
        {"index": 1, "finish_reason": "length", "message": {"content": "second"}},
        {"index": 0, "finish_reason": "stop", "message": {"content": "first"}},
    ]
    read = generation(CHAT, None, {"id": "c", "choices": choices}, metadata={"mine": 1, "finish_reason": "mine"})
    assert (read.completion, read.stop_reason, read.response_id) == ("first", "stop", "c")
    assert read.metadata == {"mine": 1, "finish_reason": "stop"}
    assert read.output == (
        Message(role="assistant", parts=spoken("first")),
        Message(role="assistant", parts=spoken("second")),
    )


def test_tokens() -> None:
    counts = {
        "prompt_tokens": 10,
        "completion_tokens": 5.0,
        "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    read = generation(CHAT, None, {**answer(), "usage": {**counts, "total_tokens": 99}}, token_count=7)
    assert read.usage == Usage(
        input_tokens=10,
        output_tokens=5,
        total_tokens=99,
        cache_read_input_tokens=4,
        cache_creation_input_tokens=3,
        reasoning_tokens=2,
        input_semantics="inclusive",
    )
    assert read.token_count == 99
    assert generation(CHAT, None, {**answer(), "usage": counts}).token_count == 15


@pytest.mark.parametrize("odd", [-1, 2**63, True, "5", 1.5, 1e300, None, [], float("inf")])
def test_what_is_no_count_is_not_there(odd: Any) -> None:
    usage = {"prompt_tokens": odd, "completion_tokens": 5, "total_tokens": odd, "prompt_tokens_details": odd}
    read = generation(CHAT, None, {**answer(), "usage": usage}, token_count=7)
    assert read.usage == Usage(output_tokens=5, input_semantics="inclusive")
    assert read.token_count == 7
    assert generation(CHAT, None, {**answer(), "usage": odd}).usage is None


def test_counts_whose_sum_is_no_count_have_no_total() -> None:
    most = 2**63 - 1
    read = generation(CHAT, None, {**answer(), "usage": {"prompt_tokens": most, "completion_tokens": most}})
    assert read.usage == Usage(input_tokens=most, output_tokens=most, input_semantics="inclusive")


def calls(*pieces: Any) -> list[tuple[str | None, str | None, str | None]]:
    """The tool calls that a stream of these pieces gives."""
    events = [chunk({"tool_calls": [piece]}) for piece in pieces]
    (message,) = generation(CHAT, None, stream(events, done=True)).output
    found = [part.tool_call for part in message.parts if part.tool_call]
    return [(call.id, call.name, call.input_json) for call in found]


def piece(arguments: Any, name: str | None = None, **fields: Any) -> dict[str, Any]:
    """A piece of a streamed tool call."""
    return {**fields, "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("pieces", "made"),
    [
        ([piece("", "f", index=0, id="a"), piece('{"x"', index=0), piece(":1}", index=0)], [("a", "f", '{"x":1}')]),
        (
            [piece("{", "f", index=10**9, id="a"), piece("[", "g", index=-5, id="b"), piece("}", index=10**9)],
            [("a", "f", "{}"), ("b", "g", "[")],
        ),
        # One index for several calls, as some providers number them; a new id alone is only another name for one.
        ([piece("{}", "f", index=0, id="a"), piece("[]", "g", index=0, id="b")], [("a", "f", "{}"), ("b", "g", "[]")]),
        ([piece("{", "f", index=0, id="a"), piece("}", index=0, id="b")], [("a", "f", "{}")]),
        ([piece("{", "f", index=0, id="a"), piece("}", "f", index=0, id="a")], [("a", "f", "{}")]),
        ([piece("{}", "f"), piece("[]", "f"), piece("1", "g", id="c")],
         [(None, "f", "{}"), (None, "f", "[]"), ("c", "g", "1")]),
        ([piece({"x": 1}, "f", index="0")], [(None, "f", '{"x":1}')]),
        (
            [{"index": 0, "id": "c", "type": "custom", "custom": {"name": "sql", "input": "SELECT "}},
             {"index": 0, "custom": {"input": "1"}}],
            [("c", "sql", '"SELECT 1"')],
        ),
        ([{"index": 0, "function": "x"}, 3], [(None, None, None)]),
    ],
)  # fmt: skip
def test_a_call_is_put_together_from_its_pieces(pieces: Any, made: Any) -> None:
    assert calls(*pieces) == made


def test_a_streamed_content_may_be_a_list_of_parts() -> None:
    pieces: list[Any] = [
        [{"type": "thinking", "thinking": [{"type": "text", "text": "h"}]}],
        [{"type": "thinking", "thinking": [{"type": "text", "text": "m"}]}],
        "Hel",
        [{"type": "text", "text": "lo"}, {"type": "reference", "reference_ids": [1]}],
        "!",
    ]
    read = generation(CHAT, None, stream([chunk({"content": content}) for content in pieces], done=True))
    assert read.output[0].parts == (Part(thinking="hm"), *spoken("Hello"), typed("reference"), *spoken("!"))
    assert read.completion == "Hello!"


def test_other_texts_of_a_stream() -> None:
    deltas: list[dict[str, Any]] = [
        {"reasoning": "h"},
        {"reasoning_content": None, "reasoning": "m"},
        {"audio": {"id": "a", "transcript": "spo"}},
        {"audio": {"transcript": "ken", "data": "AAAA"}},
        {"function_call": {"name": "f", "arguments": "{"}},
        {"function_call": {"arguments": "}"}},
    ]
    read = generation(CHAT, None, [chunk(delta) for delta in deltas] + [chunk({}, finish_reason="stop")])
    assert read.completion == "spoken"
    assert read.output[0].parts == (
        Part(thinking="hm"),
        typed("audio", "spoken"),
        Part(tool_call=ToolCall(name="f", input_json="{}")),
    )


def test_a_model_and_id_that_the_first_chunk_leaves_empty_come_from_the_next() -> None:
    events = [{**chunk({}), "id": "", "model": ""}, chunk({"content": "x"}, finish_reason="stop", id="c", model="m")]
    read = generation(CHAT, None, events)
    assert (read.response_id, read.response_model) == ("c", "m")


def test_an_absurd_index_costs_no_memory() -> None:
    events = [
        chunk({"content": "b"}, index=10**9),
        chunk({"content": "a"}, index=-3),
        chunk({"content": "!"}, index="x"),
    ]
    read = generation(CHAT, None, stream(events, done=True))
    assert [message.parts for message in read.output] == [spoken("a"), spoken("!"), spoken("b")]


def test_a_document_without_choices_is_no_completion() -> None:
    reading = read(CHAT, {"model": "m"}, {"hello": 1}, completion="mine")
    assert (reading.outcome, reading.reason) == ("failed", "the response is not of the shape Chat Completions")
    assert (reading.generation.completion, reading.generation.model) == ("mine", None)
    assert generation(CHAT, {"model": "m"}, {"choices": []}, completion="mine").completion == "mine"
