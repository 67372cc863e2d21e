"""An item is refused with a text that names the field and the rule, and never what was sent."""

import time
from typing import Any

import pytest

from chalicelib.api.json_body import parse_json
from chalicelib.api.sigil.export import ItemRejected, read_export, read_item
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.free_form import TOO_DEEP
from chalicelib.domain.generation import Generation
from tests.unit.api.sigil.items import REQUIRED, refusal

INT64 = "must be a 64-bit integer"
NUMBER = "must be a finite number"
TIME = "must be an RFC 3339 time with a zone"
TAGS = "must be an object with string values, or a list of strings"
ROLE = "must be user, assistant, tool or system"
KIND = "must be request, response, tools or provider_event"
DEEP = "is nested over 100 levels"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"id": None}, "generation.id is required"),
        ({"id": ""}, "generation.id is required"),
        ({"id": " \u3000"}, "generation.id is required"),
        ({"conversation_id": ""}, "generation.conversation_id is required"),
        ({"conversation_id": None, "metadata": {"sdk.name": "x"}}, "generation.conversation_id is required"),
        ({"model": None}, "generation.model is required"),
        ({"model": {}}, "generation.model.provider is required"),
        ({"model": {"provider": "", "name": "n"}}, "generation.model.provider is required"),
        ({"model": {"provider": " "}}, "generation.model.name is required"),
        ({"mode": 3}, "generation.mode is invalid"),
        ({"mode": "sync"}, "generation.mode is invalid"),
        ({"mode": True}, "generation.mode is invalid"),
        ({"mode": []}, "generation.mode is invalid"),
        ({"mode": float("nan")}, "generation.mode is invalid"),
    ],
)
def test_what_the_reference_refuses_is_refused_in_its_words(fields: dict[str, Any], text: str) -> None:
    assert refusal(**fields) == text


@pytest.mark.parametrize(
    ("path", "fields", "reason"),
    [
        ("id", {"id": 5}, "must be a string"),
        ("id", {"id": "x" * 257}, "must be at most 256 characters"),
        ("conversation_id", {"conversationId": "😀" * 121}, "must be at most 480 bytes of UTF-8"),
        ("trace_id", {"trace_id": "\n"}, "must not contain control characters"),
        ("span_id", {"span_id": "\ud800"}, "must not contain lone surrogates"),
        ("agent_name", {"agent_name": ["x"]}, "must be a string"),
        ("agent_version", {"agent_version": "x" * 257}, "must be at most 256 characters"),
        ("model.name", {"model": {"provider": "p", "name": "x" * 257}}, "must be at most 256 characters"),
        ("model", {"model": "gpt-5"}, "must be an object"),
        ("max_tokens", {"max_tokens": 1.5}, INT64),
        ("max_tokens", {"maxTokens": True}, INT64),
        ("max_tokens", {"max_tokens": 2**63}, INT64),
        ("max_tokens", {"max_tokens": 1e300}, INT64),
        ("max_tokens", {"max_tokens": float("inf")}, INT64),
        ("usage.input_tokens", {"usage": {"inputTokens": "1e999999"}}, INT64),
        ("usage.input_tokens", {"usage": {"input_tokens": "1.5"}}, INT64),
        ("usage.input_tokens", {"usage": {"input_tokens": "15e-1"}}, INT64),
        ("usage.input_tokens", {"usage": {"input_tokens": "01"}}, INT64),
        ("usage.input_tokens", {"usage": {"input_tokens": "+1"}}, INT64),
        ("usage.input_tokens", {"usage": {"input_tokens": "1_0"}}, INT64),
        ("usage.input_tokens", {"usage": {"input_tokens": "\u0661"}}, INT64),
        ("temperature", {"temperature": float("inf")}, NUMBER),
        ("temperature", {"temperature": "1e999"}, NUMBER),
        ("temperature", {"temperature": 10**400}, NUMBER),
        ("temperature", {"temperature": " 1"}, NUMBER),
        ("temperature", {"temperature": "nan"}, NUMBER),
        ("top_p", {"top_p": False}, NUMBER),
        ("thinking_enabled", {"thinking_enabled": 1}, "must be true or false"),
        ("started_at", {"started_at": ""}, TIME),
        ("completed_at", {"completed_at": 1}, "must be a string"),
        ("timestamps", {"timestamps": "2026-01-01T00:00:00Z"}, "must be an object"),
        ("timestamps.end", {"timestamps": {"end": "yesterday"}}, TIME),
        ("effective_version", {"effective_version": "sha256:" + "A" * 64}, "must match ^sha256:[0-9a-f]{64}$"),
        ("effective_version", {"effective_version": "sha256:" + "a" * 64 + "\n"}, "must match ^sha256:[0-9a-f]{64}$"),
        ("tags", {"tags": {"a": None}}, TAGS),
        ("tags", {"tags": ["a", 1]}, TAGS),
        ("tags", {"tags": "a"}, TAGS),
        ("tags", {"tags": {str(number): "x" for number in range(65)}}, "must have at most 64 tags"),
        ("tags", {"tags": {"x" * 257: "a"}}, "a key must be at most 256 characters"),
        ("tags", {"tags": {"a": "x" * 257}}, "a value must be at most 256 characters"),
        ("tags", {"tags": {"a": "\ud800"}}, "a value must not contain lone surrogates"),
        ("depends_on", {"depends_on": "a"}, "must be a list of strings"),
        ("depends_on", {"depends_on": [None]}, "must be a list of strings"),
        ("depends_on", {"depends_on": ["x" * 257]}, "an id must be at most 256 characters"),
        ("depends_on", {"depends_on": [str(number) for number in range(1_001)]}, "must have at most 1,000 ids"),
        ("depends_on", {"depends_on": [str(number) for number in range(9_999)]}, "must have at most 1,000 ids"),
        ("parent_generation_ids", {"parentGenerationIds": ["\ud800"]}, "an id must not contain lone surrogates"),
        ("input", {"input": {}}, "must be a list"),
        ("input[1]", {"input": ["a", None]}, "must be an object"),
        ("input[0].role", {"input": [{"role": "critic"}]}, ROLE),
        ("input[0].parts", {"input": [{"content": 5}]}, "must be a list"),
        ("output[0].parts[0].text", {"output": [{"parts": [{"text": 5}]}]}, "must be a string"),
        ("output[0].parts[0].tool_call", {"output": [{"parts": [{"toolCall": []}]}]}, "must be an object"),
        ("raw_artifacts[0].kind", {"raw_artifacts": [{"kind": "X"}]}, KIND),
        ("metadata", {"metadata": {"a": float("inf")}}, "contains a number out of range"),
        ("metadata", {"metadata": {"a": 10**309}}, "contains a number out of range"),
        ("metadata", {"metadata": TOO_DEEP}, DEEP),
        ("metadata", {"metadata": {"a": [TOO_DEEP]}}, DEEP),
        ("system_prompt", {"system_prompt": TOO_DEEP}, DEEP),
        ("started_at", {"started_at": TOO_DEEP}, DEEP),
        ("tools[0].input_schema_json", {"tools": [{"input_schema_json": {"a": TOO_DEEP}}]}, DEEP),
        ("input[0].parts", {"input": [{"content": TOO_DEEP}]}, DEEP),
        ("usage", {"usage": {"extra": TOO_DEEP}}, f"a field nobody knows {DEEP}"),
        ("<unknown>", {"extra": TOO_DEEP}, f"a field nobody knows {DEEP}"),
    ],
)
def test_the_text_names_field_and_rule(path: str, fields: dict[str, Any], reason: str) -> None:
    assert refusal(**fields) == f"generation.{path}: {reason}"


def test_a_second_payload_in_a_part_is_refused() -> None:
    part = {"text": "", "media": {}}
    assert refusal(input=[{"parts": [part]}]) == (
        "generation.input[0].parts[0]: must have only one of text, thinking, tool_call, tool_result and media"
    )


def test_a_real_fault_is_named_before_a_broken_character() -> None:
    assert refusal(system_prompt="\ud800", max_tokens="x") == f"generation.max_tokens: {INT64}"


@pytest.mark.parametrize(
    ("raw", "generation_id", "error"),
    [
        (None, "", "generation is required"),
        (5, "", "generation: must be an object"),
        ([], "", "generation: must be an object"),
        (TOO_DEEP, "", f"generation: {DEEP}"),
        ({**REQUIRED, "id": 5}, "", "generation.id: must be a string"),
        ({**REQUIRED, "mode": 9}, "g", "generation.mode is invalid"),
        ({"id": "\ud800"}, "\ufffd", "generation.id: must not contain lone surrogates"),
        ({"id": "x" * 300}, "x" * 256, "generation.id: must be at most 256 characters"),
    ],
)
def test_a_refusal_carries_the_id_as_far_as_there_is_one(raw: Any, generation_id: str, error: str) -> None:
    with pytest.raises(ItemRejected) as caught:
        read_item(raw, conversation_required=True)
    assert (caught.value.generation_id, caught.value.error) == (generation_id, error)


def test_many_faults_cost_one() -> None:
    start = time.process_time()
    for field in ("input", "output", "tools", "raw_artifacts"):
        assert refusal(**{field: [5] * 10_000}) == f"generation.{field}[0]: must be an object"
    assert refusal(input=[{"parts": [5] * 9_000}]) == "generation.input[0].parts[0]: must be an object"
    assert refusal(depends_on=["x"] * 1_000_000 + [5]) == "generation.depends_on: must be a list of strings"
    assert time.process_time() - start < 1


@pytest.mark.parametrize("body", [{}, {"generations": None}, {"generations": []}, {"generations": None, "x": 1}])
def test_an_empty_export_has_no_results(body: Any) -> None:
    assert read_export(body) == []


@pytest.mark.parametrize("body", [None, [], 5, "x", TOO_DEEP, {"generations": {}}, {"generations": TOO_DEEP}, {"x": 1}])
def test_an_export_of_another_shape_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        read_export(body)


def test_results_keep_the_order_of_the_items() -> None:
    results = read_export({"generations": [REQUIRED, None, {**REQUIRED, "id": "h"}, {"id": "i"}]})
    assert [isinstance(result, Generation) for result in results] == [True, False, True, False]


def test_the_limits_of_a_request_are_exact_and_named() -> None:
    items = [{**REQUIRED, "depends_on": [str(number) for number in range(10)]}] * 1_000
    assert len(read_export({"generations": items})) == 1_000
    with pytest.raises(TooLarge, match="at most 1,000 generations") as caught:
        read_export({"generations": [*items, None]})
    assert caught.value.meta == {"limit": 1_000}
    with pytest.raises(TooLarge, match="at most 10,000 dependencies"):
        read_export({"generations": [*items[1:], {**REQUIRED, "depends_on": [str(number) for number in range(11)]}]})


def test_a_hundred_levels_are_taken_and_one_more_is_not() -> None:
    def result(levels: int) -> Generation | ItemRejected:
        # The item is level 1 and its metadata level 2.
        deep = b'{"a":' * (levels - 1) + b"1" + b"}" * (levels - 1)
        item = b'{"id":"g","conversation_id":"c","model":{"provider":"p","name":"n"},"metadata":' + deep + b"}"
        return read_export(parse_json(b'{"generations":[' + item + b"]}"))[0]

    assert isinstance(result(100), Generation)
    assert str(result(101)) == f"generation.metadata: {DEEP}"
