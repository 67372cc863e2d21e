"""Gemini's generateContent: what request, answer and chunks say, on the wire and in the package's spelling."""

import json
from typing import Any

import pytest

from chalicelib.domain.generation import Media, Message, Part, PartMetadata, Tool, ToolCall, ToolResult, Usage
from tests.unit.domain.extraction.exchanges import GEMINI, asked, generation, read, spoken, stream
from tests.unit.domain.extraction.google import WIRE_ANSWER, WIRE_REQUEST, as_dumped, candidate, chunks

STREAM = "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
BLOCKED = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3}}
CUT = "Provider request failed: the stream ended before its end"


def typed(kind: str, **payload: Any) -> Part:
    """A part that keeps the provider's name for its type."""
    return Part(metadata=PartMetadata(provider_type=kind), **payload)


def answer(*parts: Any, **fields: Any) -> dict[str, Any]:
    """An answer with one candidate."""
    return {"candidates": [candidate(*parts, finishReason="STOP", index=0)], "modelVersion": "v", **fields}


@pytest.mark.parametrize("spelled", [lambda body: body, as_dumped], ids=["wire", "package"])
def test_both_spellings_say_the_same(spelled: Any) -> None:
    found = generation(GEMINI, spelled(WIRE_REQUEST), spelled(WIRE_ANSWER))
    assert found.model
    assert (found.model.name, found.response_model, found.response_id) == (
        "gemini-2.5-flash",
        "gemini-2.5-flash-001",
        "r",
    )
    assert (found.prompt, found.completion, found.system_prompt) == ("ab", "one", "be kind\n\nbe brief")
    assert (found.max_tokens, found.temperature, found.top_p) == (9, 0.5, 0.25)
    assert (found.tool_choice, found.thinking_enabled) == ("ANY", False)
    assert [tool.name for tool in found.tools] == ["f", spelled({"googleSearch": 0}).popitem()[0].replace("S", "_s")]
    assert found.tools[0] == Tool(
        name="f", description="d", type="function", input_schema_json='{"someKey":{"type":"OBJECT"}}'
    )
    call = ToolCall(id="c", name="f", input_json='{"someArg":1}')
    assert found.output == (
        Message(role="assistant", parts=(Part(thinking="hm"), *spoken("one"), Part(tool_call=call))),
        Message(role="assistant", parts=spoken("two")),
    )
    assert (found.stop_reason, found.metadata, found.mode) == ("STOP", {"finish_reason": "STOP"}, "SYNC")
    assert found.usage == Usage(
        input_tokens=13,
        output_tokens=7,
        total_tokens=20,
        cache_read_input_tokens=4,
        reasoning_tokens=2,
        input_semantics="inclusive",
    )
    assert found.token_count == 20


@pytest.mark.parametrize(
    ("contents", "messages"),
    [
        ("Hi", (Message(role="user", parts=spoken("Hi")),)),
        ({"text": "Hi"}, (Message(role="user", parts=spoken("Hi")),)),
        ({"role": "user", "parts": [{"text": "Hi"}]}, (Message(role="user", parts=spoken("Hi")),)),
        ({"parts": ["Hi"]}, (Message(role="user", parts=spoken("Hi")),)),
        ({"parts": {"text": "Hi"}}, (Message(role="user", parts=spoken("Hi")),)),
        (["a", {"text": "b"}], (Message(role="user", parts=spoken("a", "b")),)),
        ([["a", {"text": "b"}]], (Message(role="user", parts=spoken("a", "b")),)),
        (
            ["a", {"role": "model", "parts": [{"text": "b"}]}, "c"],
            (
                Message(role="user", parts=spoken("a")),
                Message(role="assistant", parts=spoken("b")),
                Message(role="user", parts=spoken("c")),
            ),
        ),
        ({"role": "new", "parts": [{"text": "a"}]}, (Message(parts=spoken("a")),)),
        ({"role": "user", "parts": None}, (Message(role="user"),)),
        (None, ()),
        ([], ()),
        (3, ()),
    ],
)
def test_contents_are_a_text_a_content_a_part_or_a_list(contents: Any, messages: tuple[Message, ...]) -> None:
    found = asked(GEMINI, model="m", contents=contents)
    assert found.input == messages


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"text": "a", "thought": None, "function_call": None}, Part(text="a")),
        ({"text": "a", "thought": True}, Part(thinking="a")),
        ({"text": "", "thoughtSignature": "s"}, None),
        ({"thoughtSignature": "s", "mediaResolution": {"level": "HIGH"}}, None),
        ({}, None),
        (3, None),
        (
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            Part(media=Media(kind="image", mime_type="image/png")),
        ),
        ({"inline_data": {"mime_type": "application/pdf", "display_name": "a.pdf"}},
         Part(media=Media(kind="file", mime_type="application/pdf", name="a.pdf"))),
        ({"fileData": {"fileUri": "gs://b/a.mp4", "mimeType": "video/mp4"}},
         Part(media=Media(kind="video", url="gs://b/a.mp4", mime_type="video/mp4"))),
        ({"name": "files/1", "uri": "https://x/files/1", "mime_type": "audio/wav"},
         Part(media=Media(kind="audio", url="https://x/files/1", mime_type="audio/wav", name="files/1"))),
        ({"functionCall": {"name": "f", "args": {"aB": 1}}}, Part(tool_call=ToolCall(name="f", input_json='{"aB":1}'))),
        ({"functionCall": {"name": "f"}}, Part(tool_call=ToolCall(name="f"))),
        ({"functionResponse": {"id": "c", "name": "f", "response": {"aB": 1}}},
         Part(tool_result=ToolResult(tool_call_id="c", name="f", content_json='{"aB":1}'))),
        ({"executableCode": {"language": "PYTHON", "code": "1+1"}},
         typed("executable_code", tool_call=ToolCall(
             name="code_execution", input_json='{"language":"PYTHON","code":"1+1"}'))),
        ({"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "boom"}},
         typed("code_execution_result", tool_result=ToolResult(name="code_execution", content="boom", is_error=True))),
        ({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
         typed("code_execution_result", tool_result=ToolResult(name="code_execution", content="2", is_error=False))),
        ({"toolCall": {"id": "c", "toolType": "GOOGLE_SEARCH", "args": {"q": "x"}}},
         typed("tool_call", tool_call=ToolCall(id="c", name="GOOGLE_SEARCH", input_json='{"q":"x"}'))),
        ({"toolResponse": {"id": "c", "toolType": "GOOGLE_SEARCH", "response": {}}},
         typed("tool_response", tool_result=ToolResult(tool_call_id="c", name="GOOGLE_SEARCH", content_json="{}"))),
        ({"newKind": {"x": 1}}, typed("new_kind")),
        ({"function_call": "no object"}, typed("function_call")),
    ],
)  # fmt: skip
def test_each_kind_of_part(part: Any, expected: Part | None) -> None:
    found = generation(GEMINI, {"contents": [{"parts": [part]}]}, None)
    assert found.input[0].parts == ((expected,) if expected else ())


def test_results_of_tools_are_no_prompt() -> None:
    result = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}
    assert asked(GEMINI, contents=[{"role": "user", "parts": [{"text": "Hi"}]}, result]).prompt == "Hi"


@pytest.mark.parametrize(
    ("config", "field", "expected"),
    [
        ({"system_instruction": "be kind"}, "system_prompt", "be kind"),
        ({"systemInstruction": ["a", {"text": "b"}]}, "system_prompt", "a\n\nb"),
        ({"system_instruction": {"text": "a"}}, "system_prompt", "a"),
        ({"thinking_config": {"thinking_budget": -1}}, "thinking_enabled", True),
        ({"thinking_config": {"thinking_level": "LOW"}}, "thinking_enabled", True),
        ({"thinking_config": {"include_thoughts": True}}, "thinking_enabled", None),
        (
            {"tool_config": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}}},
            "tool_choice",
            '{"mode":"ANY","allowedFunctionNames":["f"]}',
        ),
        (
            {
                "tools": [
                    {"function_declarations": [{"name": "f", "parameters": None, "parameters_json_schema": {"a": 1}}]}
                ]
            },
            "tools",
            (Tool(name="f", type="function", input_schema_json='{"a":1}'),),
        ),
        (
            {"tools": [{"google_search": None, "url_context": {}}]},
            "tools",
            (Tool(name="url_context", type="url_context"),),
        ),
        ({"max_output_tokens": 7, "temperature": None}, "max_tokens", 7),
        (None, "max_tokens", None),
        ("no object", "max_tokens", None),
    ],
)
def test_the_settings_of_the_package(config: Any, field: str, expected: Any) -> None:
    assert getattr(asked(GEMINI, model="m", contents="Hi", config=config), field) == expected


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"promptTokenCount": 3}, (3, None, None, None)),
        ({"promptTokenCount": 3, "candidatesTokenCount": 2}, (3, 2, 5, None)),
        ({"promptTokenCount": 3, "thoughtsTokenCount": 2}, (3, 2, 5, 2)),
        ({"totalTokenCount": 3}, (None, None, 3, None)),
        ({"candidatesTokenCount": 2**63 - 1, "thoughtsTokenCount": 1}, (None, None, None, 1)),
    ],
)
def test_counts_that_are_there_are_summed_up(usage: Any, expected: tuple[int | None, ...]) -> None:
    found = generation(GEMINI, {"contents": "Hi"}, answer({"text": "a"}, usageMetadata=usage)).usage
    assert found
    assert (found.input_tokens, found.output_tokens, found.total_tokens, found.reasoning_tokens) == expected


@pytest.mark.parametrize(
    "captured",
    [
        stream(chunks()),
        chunks(),
        json.dumps(chunks(), indent=2),
        [{"data": chunk} for chunk in chunks()],
        [json.dumps(chunk) for chunk in chunks()],
        [json.dumps(chunks())[at : at + 7] for at in range(0, len(json.dumps(chunks())), 7)],
        as_dumped(chunks()),
    ],
    ids=["events", "list", "text of a list", "pairs", "texts", "pieces of a list", "package"],
)
def test_a_stream_is_put_together(captured: Any) -> None:
    found = generation(STREAM, {"contents": "Hi"}, captured)
    call = Part(tool_call=ToolCall(name="f", input_json='{"x":1}'))
    assert found.output == (Message(role="assistant", parts=(Part(thinking="hm"), *spoken("Hi there!"), call)),)
    assert (found.completion, found.stop_reason, found.mode, found.call_error) == ("Hi there!", "STOP", "STREAM", None)
    assert (found.response_id, found.response_model) == ("r", "gemini-2.5-flash-001")
    assert found.usage == Usage(
        input_tokens=10,
        output_tokens=7,
        total_tokens=17,
        cache_read_input_tokens=4,
        reasoning_tokens=2,
        input_semantics="inclusive",
    )


@pytest.mark.parametrize(
    "captured",
    [stream(chunks()[:3]), chunks()[:3], json.dumps(chunks())[: len(json.dumps(chunks()[:3])) + 20]],
    ids=["events", "list", "text of a list"],
)
def test_a_stream_that_was_cut_has_failed_and_keeps_what_it_had(captured: Any) -> None:
    found = generation(STREAM, {"contents": "Hi"}, captured)
    assert (found.completion, found.stop_reason, found.call_error) == ("Hi there!", None, CUT)


def test_the_only_chunk_of_a_stream_may_be_its_first() -> None:
    whole, first = answer({"text": "Hi"}), chunks()[1]
    assert generation(STREAM, {"contents": "Hi"}, [whole]).call_error is None
    assert generation(STREAM, {"contents": "Hi"}, [first]).call_error == CUT
    assert generation(STREAM, {"contents": "Hi"}, first).call_error is None


def test_every_candidate_of_a_stream_is_a_message() -> None:
    events = [
        {"candidates": [candidate({"text": "a"}, index=0), candidate({"text": "b"}, index=1)]},
        {"candidates": [candidate({"text": "B"}, index=1, finishReason="STOP")]},
    ]
    found = generation(STREAM, {"contents": "Hi"}, events)
    assert [message.parts for message in found.output] == [spoken("a"), spoken("bB")]
    assert found.call_error == CUT


@pytest.mark.parametrize("captured", [BLOCKED, [BLOCKED], stream([BLOCKED]), as_dumped(BLOCKED)])
def test_a_blocked_prompt_is_no_failure(captured: Any) -> None:
    found = generation(GEMINI, {"contents": "Hi"}, captured)
    assert (found.stop_reason, found.completion, found.output, found.call_error) == ("SAFETY", None, (), None)
    assert found.token_count == 3


@pytest.mark.parametrize("captured", [lambda error: error, lambda error: [error], lambda error: stream([error])])
def test_an_error_names_its_status(captured: Any) -> None:
    error = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}
    for status in (429, 200):
        found = generation(STREAM, {"contents": "Hi"}, captured(error), status)
        assert found.call_error == "Provider returned 429: slow down"
        assert found.error_meta == {"provider_status_code": 429, "type": "RESOURCE_EXHAUSTED", "code": 429}
        assert found.prompt == "Hi"


@pytest.mark.parametrize("header", ["content-type", "Content-Type"])
def test_counts_that_a_client_added_up_over_a_stream_are_left_out(header: str) -> None:
    dump = as_dumped(WIRE_ANSWER)
    for content_type, is_stream in (("text/event-stream; charset=utf-8", True), ("application/json", False)):
        dump["sdk_http_response"] = {"headers": {header: content_type}, "body": None}
        found = generation(None, {"model": "m", "contents": "Hi"}, dump)
        assert (found.mode == "STREAM", found.usage is None, found.token_count is None) == (is_stream,) * 3
        assert found.completion == "one"


def test_chunks_that_nobody_put_together_keep_their_counts() -> None:
    headers = {"sdk_http_response": {"headers": {"content-type": "text/event-stream"}}}
    found = generation(STREAM, {"contents": "Hi"}, [{**chunk, **headers} for chunk in as_dumped(chunks())])
    assert found.token_count == 17


def test_a_path_alone_reads_no_other_shape() -> None:
    reading = read(GEMINI, {"contents": "Hi"}, {"choices": []}, prompt="mine")
    assert (reading.outcome, reading.reason) == ("failed", "the response is not of the shape Gemini")
    assert reading.generation.prompt == "mine"
