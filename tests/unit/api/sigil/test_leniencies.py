"""Whatever spelling a client uses, the generation is the same, and nothing it sent is lost."""

import base64
import json
from typing import Any

import pytest

from chalicelib.api.sigil.export import ItemRejected, read_item
from chalicelib.domain.content import canonical_json
from chalicelib.domain.free_form import Unreadable
from chalicelib.domain.generation import (
    Artifact,
    Generation,
    Media,
    Message,
    ModelRef,
    Part,
    PartMetadata,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from tests.unit.api.sigil.items import REQUIRED, noted, read

START, FIRST, END = "2026-02-11T12:00:00.000000Z", "2026-02-11T12:00:01.000000Z", "2026-02-11T12:00:02.000000Z"


def test_an_item_with_everything_reads_as_sent() -> None:
    generation = read(
        operation_name="generateText",
        mode="GENERATION_MODE_STREAM",
        trace_id="t",
        span_id="s",
        response_id="r",
        response_model="gpt-5-1",
        system_prompt="Be brief.",
        input=[{"role": "MESSAGE_ROLE_USER", "name": "ann", "parts": [{"text": "hi"}]}],
        output=[
            {
                "role": 2,
                "parts": [
                    {"thinking": "hm", "metadata": {"provider_type": "reasoning"}},
                    {"tool_call": {"id": "1", "name": "f", "input_json": '{"a": 1}'}},
                    {"tool_result": {"tool_call_id": "1", "name": "f", "content": "x", "is_error": True}},
                    {"media": {"kind": "image", "url": "u", "mime_type": "image/png", "name": "n"}},
                    {},
                ],
            }
        ],
        tools=[{"name": "f", "description": "d", "type": "function", "input_schema_json": "e30=", "deferred": True}],
        usage={"input_tokens": "1", "output_tokens": 2, "cache_write_input_tokens": 3, "input_semantics": 1},
        stop_reason="stop",
        started_at="2026-02-11T12:00:00Z",
        completed_at="2026-02-11T12:00:02Z",
        tags={"env": "prod"},
        metadata={"k": [1, None]},
        raw_artifacts=[{"kind": "ARTIFACT_KIND_REQUEST", "name": "n", "content_type": "text/plain", "payload": "aGk"}],
        call_error="boom",
        agent_name="planner",
        agent_version="1",
        max_tokens="10",
        temperature="0.5",
        top_p=1,
        tool_choice="auto",
        thinking_enabled=True,
        parent_generation_ids=["p"],
        effective_version="sha256:" + "a" * 64,
    )
    assert generation == Generation(
        id="g",
        source="sigil",
        conversation_id="c",
        model=ModelRef(provider="openai", name="gpt-5"),
        operation_name="generateText",
        mode="STREAM",
        trace_id="t",
        span_id="s",
        response_id="r",
        response_model="gpt-5-1",
        system_prompt="Be brief.",
        input=(Message(role="user", name="ann", parts=(Part(text="hi"),)),),
        output=(
            Message(
                role="assistant",
                parts=(
                    Part(thinking="hm", metadata=PartMetadata(provider_type="reasoning")),
                    Part(tool_call=ToolCall(id="1", name="f", input_json='{"a": 1}')),
                    Part(tool_result=ToolResult(tool_call_id="1", name="f", content="x", is_error=True)),
                    Part(media=Media(kind="image", url="u", mime_type="image/png", name="n")),
                    Part(),
                ),
            ),
        ),
        tools=(Tool(name="f", description="d", type="function", input_schema_json="{}", deferred=True),),
        usage=Usage(input_tokens=1, output_tokens=2, cache_creation_input_tokens=3, input_semantics="inclusive"),
        stop_reason="stop",
        started_at=START,
        completed_at=END,
        tags={"env": "prod"},
        metadata={"k": [1, None]},
        raw_artifacts=(Artifact(kind="request", name="n", content_type="text/plain", payload="aGk="),),
        call_error="boom",
        agent_name="planner",
        agent_version="1",
        max_tokens=10,
        temperature=0.5,
        top_p=1.0,
        tool_choice="auto",
        thinking_enabled=True,
        depends_on=("p",),
        effective_version="sha256:" + "a" * 64,
    )


def test_null_and_empty_strings_are_absent() -> None:
    bare = read()
    assert (
        read(**dict.fromkeys(("agent_name", "system_prompt", "call_error", "trace_id", "effective_version"), ""))
        == bare
    )
    assert (
        read(**dict.fromkeys(("input", "output", "tools", "usage", "tags", "metadata", "depends_on", "mode"))) == bare
    )
    assert read(unknown=None, started_at=None, timestamps=None, raw_artifacts=None, max_tokens=None) == bare


def test_what_has_presence_keeps_its_zero() -> None:
    kept = read(max_tokens=0, temperature=0, tool_choice="", thinking_enabled=False)
    assert (kept.max_tokens, kept.temperature, kept.tool_choice, kept.thinking_enabled) == (0, 0.0, "", False)
    assert read(input=[{"parts": [{"text": ""}]}]).input[0].parts[0].text == ""
    assert read(usage={"input_tokens": 0}).usage == Usage(input_tokens=0)


@pytest.mark.parametrize("mode", ["SYNC", "GENERATION_MODE_SYNC", 1, 1.0])
def test_a_mode_has_three_spellings(mode: object) -> None:
    assert read(mode=mode).mode == "SYNC"


@pytest.mark.parametrize("mode", [0, "GENERATION_MODE_UNSPECIFIED", None, ""])
def test_an_unspecified_mode_is_none(mode: object) -> None:
    assert read(mode=mode).mode is None


@pytest.mark.parametrize(
    ("sent", "role"),
    [
        ("user", "user"),
        ("USER", "user"),
        ("MESSAGE_ROLE_USER", "user"),
        (1, "user"),
        ("assistant", "assistant"),
        (2, "assistant"),
        ("tool", "tool"),
        (3, "tool"),
        ("function", "tool"),
        ("system", "system"),
        ("developer", "system"),
        (0, None),
        (None, None),
    ],
)
def test_a_role_has_many_spellings(sent: object, role: str | None) -> None:
    assert read(input=[{"role": sent}]).input[0].role == role


def test_an_enum_number_from_the_future_is_noted() -> None:
    future = read(input=[{"role": 9}], raw_artifacts=[{"kind": 9}], usage={"input_semantics": "NEWER"})
    assert (future.input[0].role, future.raw_artifacts[0].kind) == (None, None)
    assert noted(future) == {"input[0].role": 9, "raw_artifacts[0].kind": 9, "usage.input_semantics": "NEWER"}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("hi", (Part(text="hi"),)),
        (["a", {"type": "text", "text": "b"}, {"text": "c"}], (Part(text="a"), Part(text="b"), Part(text="c"))),
        ([{"type": "output_text", "text": "d"}], (Part(text="d", metadata=PartMetadata(provider_type="output_text")),)),
        (None, ()),
        ([], ()),
    ],
)
def test_a_message_may_carry_content_instead_of_parts(content: object, parts: tuple[Part, ...]) -> None:
    assert read(input=[{"role": "user", "content": content}]).input == (Message(role="user", parts=parts),)
    assert read(input=[{"role": "user", "content": content, "parts": []}]).input[0].parts == parts


def test_what_a_content_part_holds_besides_text_is_noted() -> None:
    image = read(input=[{"content": [{"type": "image_url", "image_url": {"url": "u"}}]}])
    assert image.input[0].parts == (Part(metadata=PartMetadata(provider_type="image_url")),)
    assert noted(image) == {"input[0].parts[0].image_url": {"url": "u"}}


def test_content_beside_parts_is_noted() -> None:
    both = read(output=[{"parts": [{"text": "a"}], "content": "b"}])
    assert both.output[0].parts == (Part(text="a"),)
    assert noted(both) == {"output[0].content": "b"}


def test_a_bare_string_is_said_by_whoever_speaks_there() -> None:
    generation = read(input=["question"], output=["answer"])
    assert generation.input == (Message(role="user", parts=(Part(text="question"),)),)
    assert generation.output == (Message(role="assistant", parts=(Part(text="answer"),)),)


@pytest.mark.parametrize(
    "spelling",
    [
        {"depends_on": ["a", "b"]},
        {"dependsOn": ["a", "b"]},
        {"parent_generation_ids": ["a", "b"]},
        {"parentGenerationIds": ["a", "b"]},
        {"depends_on": ["a"], "parentGenerationIds": ["b"]},
    ],
)
def test_dependencies_are_one_field(spelling: dict[str, Any]) -> None:
    assert read(**spelling) == read(depends_on=["a", "b"])


def test_dependencies_that_say_nothing_are_dropped_and_noted() -> None:
    generation = read(depends_on=["a", "g", "", "a", "b"], parent_generation_ids=["b"])
    assert generation.depends_on == ("a", "b")
    assert noted(generation) == {"depends_on": ["g", "", "a", "b"]}


def test_a_thousand_dependencies_are_fine() -> None:
    ids = [f"p{number}" for number in range(1_000)]
    assert read(depends_on=[*ids, "", "g", *ids]).depends_on == tuple(ids)


@pytest.mark.parametrize(
    "timestamps",
    [
        {"start": START, "first_token": FIRST, "end": END},
        {"started_at": START, "first_token_at": FIRST, "completed_at": END},
        {"startTime": START, "firstToken": FIRST, "endTime": END},
        {"start_time": START, "firstTokenAt": FIRST, "ended_at": END},
    ],
)
def test_times_may_be_inside_timestamps(timestamps: dict[str, str]) -> None:
    generation = read(timestamps=timestamps)
    assert (generation.started_at, generation.first_token_at, generation.completed_at) == (START, FIRST, END)


def test_the_items_own_times_win() -> None:
    generation = read(started_at=START, timestamps={"start": END, "end": END, "queued": 1})
    assert (generation.started_at, generation.completed_at) == (START, END)
    assert noted(generation) == {"timestamps.queued": 1}


@pytest.mark.parametrize("sent", [120, "120", 120.0, "1.2e2", "120.0", "1200e-1"])
def test_an_integer_has_many_spellings(sent: object) -> None:
    assert read(max_tokens=sent).max_tokens == 120


@pytest.mark.parametrize("sent", [-(2**63), 2**63 - 1, "9223372036854775807", -1])
def test_integers_have_64_bits(sent: object) -> None:
    assert read(max_tokens=sent).max_tokens == int(str(sent))


@pytest.mark.parametrize("sent", ["NaN", "Infinity", "-Infinity"])
def test_a_double_that_json_cannot_hold_is_noted(sent: str) -> None:
    generation = read(temperature=sent)
    assert generation.temperature is None
    assert noted(generation) == {"temperature": sent}


@pytest.mark.parametrize("name", ["cache_creation_input_tokens", "cacheWriteInputTokens", "cache_write_input_tokens"])
def test_tokens_written_to_a_cache_have_two_names(name: str) -> None:
    assert read(usage={name: "5"}).usage == Usage(cache_creation_input_tokens=5)


def test_of_both_names_the_one_that_counts_wins() -> None:
    usage = {"cache_creation_input_tokens": 0, "cache_write_input_tokens": 5}
    assert read(usage=usage).usage == Usage(cache_creation_input_tokens=5)
    assert read(usage=dict.fromkeys(usage, 0)).usage == Usage(cache_creation_input_tokens=0)
    both = read(usage=dict(zip(usage, (3, 5), strict=True)))
    assert both.usage == Usage(cache_creation_input_tokens=3)
    assert noted(both) == {"usage.cache_write_input_tokens": 5}


def test_tags_may_be_a_list() -> None:
    assert read(tags=["a", "b", "a"]) == read(tags={"a": "true", "b": "true"})


def test_a_tag_without_a_name_is_noted_and_one_without_a_value_stays() -> None:
    generation = read(tags={"": "x", "empty": ""})
    assert generation.tags == {"empty": ""}
    assert noted(generation) == {"tags": {"": "x"}}


SCHEMA = '{"b": 1,"a":[1.0,"é"]}'
ENCODED = base64.b64encode(SCHEMA.encode()).decode()


@pytest.mark.parametrize("sent", [SCHEMA, ENCODED, ENCODED.rstrip("="), ENCODED.replace("+", "-").replace("/", "_")])
def test_json_in_bytes_is_base64_or_the_text_itself(sent: str) -> None:
    generation = read(
        tools=[{"input_schema_json": sent}],
        input=[{"parts": [{"tool_call": {"input_json": sent}}, {"tool_result": {"content_json": sent}}]}],
    )
    assert generation.tools[0].input_schema_json == SCHEMA
    assert generation.input[0].parts[0].tool_call == ToolCall(input_json=SCHEMA)
    assert generation.input[0].parts[1].tool_result == ToolResult(content_json=SCHEMA)


@pytest.mark.parametrize(
    ("value", "text"),
    [(json.loads(SCHEMA), '{"b":1,"a":[1.0,"é"]}'), ([], "[]"), (5, "5"), (True, "true"), ({"a": None}, '{"a":null}')],
)
def test_json_in_bytes_may_be_the_value_itself(value: object, text: str) -> None:
    assert read(tools=[{"inputSchemaJson": value}]).tools[0].input_schema_json == text
    assert read(input=[{"parts": [{"toolCall": {"inputJson": value}}]}]).input[0].parts[0].tool_call == ToolCall(
        input_json=text
    )


def test_a_schema_that_is_no_text_keeps_its_bytes() -> None:
    tool = read(tools=[{"input_schema_json": "Af_igu-_vQ"}]).tools[0]
    assert (tool.input_schema_json, tool.input_schema_base64) == ("", "Af/igu+/vQ==")


@pytest.mark.parametrize("text", ["eyJhIjoxfQ=", "/-/-", "e30===", "é", "a b c", "{}", "a"])
def test_what_the_reference_would_not_decode_is_text(text: str) -> None:
    assert read(tools=[{"input_schema_json": text}]).tools[0].input_schema_json == text


@pytest.mark.parametrize("text", ["null", "true", "1234"])
def test_arguments_that_only_look_like_base64_stay_text(text: str) -> None:
    assert read(input=[{"parts": [{"tool_call": {"input_json": text}}]}]).input[0].parts[0].tool_call == ToolCall(
        input_json=text
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("aGk=", "aGk="),
        ("aGk", "aGk="),
        ("_-_-", "/+/+"),
        ("h i", "aCBp"),
        ({"a": 1}, "eyJhIjoxfQ=="),
        ("aG\nk=\n\n\n", "aGk="),
    ],
)
def test_an_artifact_is_kept_as_standard_base64(sent: object, kept: str) -> None:
    assert read(raw_artifacts=[{"payload": sent}]).raw_artifacts[0].payload == kept


def test_fields_that_nobody_knows_are_kept_under_their_path() -> None:
    generation = read(
        fooBar={"a": 2.0},
        model={"provider": "p", "name": "n", "region": "eu"},
        usage={"is_byok": True},
        tools=[{}, {"strict": True}],
        input=[{"tool_call_id": "1", "parts": [{"cache": 1, "tool_call": {"index": 0}, "metadata": {"x": "y"}}]}],
        metadata={"mine": 1},
    )
    assert generation.metadata == {
        "mine": 1,
        "unrecognized": {
            "fooBar": {"a": 2},
            "model.region": "eu",
            "usage.is_byok": True,
            "tools[1].strict": True,
            "input[0].tool_call_id": "1",
            "input[0].parts[0].cache": 1,
            "input[0].parts[0].tool_call.index": 0,
            "input[0].parts[0].metadata.x": "y",
        },
    }


def test_a_clients_own_unrecognized_is_kept_too() -> None:
    assert read(metadata={"unrecognized": 1}).metadata == {"unrecognized": 1}
    assert read(metadata={"unrecognized": 1}, foo=2).metadata == {
        "unrecognized": {"foo": 2, "metadata.unrecognized": 1}
    }


def test_of_two_spellings_one_counts_and_the_other_is_noted() -> None:
    generation = read(conversationId="d")
    assert {generation.conversation_id, noted(generation)["conversation_id"]} == {"c", "d"}


def test_text_cut_inside_a_character_is_mended() -> None:
    generation = read(
        system_prompt="a\ud83d",
        input=["\udc00", {"role": "user", "parts": [{"text": "\ud800"}]}],
        tools=[{"input_schema_json": {"\ud800": 1.0}}],
        metadata={"m\ud800": "\ud800"},
        foo="\ud800",
    )
    assert generation.system_prompt == "a\ufffd"
    assert [message.parts[0].text for message in generation.input] == ["\ufffd", "\ufffd"]
    assert generation.tools[0].input_schema_json == '{"\ufffd":1.0}'
    assert generation.metadata == {"m\ufffd": "\ufffd", "unrecognized": {"foo": "\ufffd"}}
    assert canonical_json(generation).decode()


def test_a_conversation_may_be_missing_from_what_real_sdks_send() -> None:
    for key in ("sigil.sdk.name", "agento11y.sdk.name"):
        assert read(conversation_id=None, metadata={key: "x"}).conversation_id is None
    without = {key: value for key, value in REQUIRED.items() if key != "conversation_id"}
    assert read_item(without, conversation_required=False).conversation_id is None
    with pytest.raises(ItemRejected, match=r"^generation.conversation_id is required$"):
        read_item(without, conversation_required=True)


def test_an_unreadable_value_that_nobody_reads_refuses_only_its_item() -> None:
    with pytest.raises(ItemRejected, match="is nested over 100 levels"):
        read(foo=Unreadable("is nested over 100 levels"))


def test_messages_may_be_one_bare_string() -> None:
    item = {"id": "g", "conversation_id": "c", "model": {"provider": "p", "name": "n"}, "input": "q", "output": "a"}
    generation = read_item(item, conversation_required=True)
    assert [(message.role, message.parts[0].text) for message in generation.input] == [("user", "q")]
    assert [(message.role, message.parts[0].text) for message in generation.output] == [("assistant", "a")]
