"""Bodies that the protocol's own JSON parser was seen to take or refuse, sent over HTTP to the running service."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.generations import call, read, wait_until_processed

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

CASES = json.loads((Path(__file__).parents[1] / "data/sigil/protojson_cases.json").read_text(encoding="utf-8"))
REFERENCES = ("sigil_v1_public_server_2026_03", "sigil_v1_frozen_2026_07")
# What the protocol leaves to the server's validation, after its parser has taken the item.
VALIDATED = ("is required", "mode is invalid", "generation already exists", "must match ^sha256:[0-9a-f]{64}$")
# Taken by the reference, but our ids have no control characters.
OWN_LIMITS = {"NUL escape"}


def is_json(body: str) -> bool:
    """Whether a body is JSON of one value, without a byte order mark."""
    try:
        json.loads(body, parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)


def taken_by_the_reference(case: dict[str, str]) -> bool:
    return any(case[name].startswith("OK") for name in REFERENCES)


def export(base: str, body: bytes) -> tuple[int, Any]:
    """One export."""
    return call(f"{base}/api/v1/generations:export", body, content_type="application/json")


def names(cases: list[dict[str, str]]) -> list[Any]:
    """Cases as parameters."""
    return [pytest.param(case, id=case["label"]) for case in cases]


@pytest.mark.parametrize("case", names([case for case in CASES if taken_by_the_reference(case)]))
def test_what_the_reference_parses_is_parsed(running_service: str, case: dict[str, str]) -> None:
    status, answer = export(running_service, case["body"].encode())
    assert status == 202
    assert len(answer["results"]) == len(json.loads(case["body"]).get("generations") or [])
    if case["label"] not in OWN_LIMITS:
        for result in answer["results"]:
            assert result["accepted"] or result["error"].endswith(VALIDATED), result


@pytest.mark.parametrize("case", names([case for case in CASES if not is_json(case["body"])]))
def test_what_is_no_json_is_malformed(running_service: str, case: dict[str, str]) -> None:
    status, answer = export(running_service, case["body"].encode())
    assert (status, answer["error"]["code"]) == (400, "MALFORMED")


@pytest.mark.parametrize(
    "case", names([case for case in CASES if is_json(case["body"]) and isinstance(json.loads(case["body"]), dict)])
)
def test_a_fault_inside_one_item_is_never_a_fault_of_the_request(running_service: str, case: dict[str, str]) -> None:
    """The SDKs drop a whole batch that was answered 400."""
    status, answer = export(running_service, case["body"].encode())
    assert status == 202
    assert all(set(result) == {"generation_id", "accepted", "error"} for result in answer["results"])


def generation(**fields: Any) -> dict[str, Any]:
    """The least that is accepted, with an id of its own."""
    return {
        "id": f"len-{uuid4().hex}",
        "conversation_id": "c",
        "model": {"provider": "openai", "name": "gpt-4o"},
        **fields,
    }


TEXT = {"role": "user", "parts": [{"text": "hi"}]}
LENIENT = [
    ({"mode": "STREAM"}, {"mode": "STREAM"}),
    ({"mode": "GENERATION_MODE_STREAM"}, {"mode": "STREAM"}),
    ({"mode": 2}, {"mode": "STREAM"}),
    ({"parentGenerationIds": ["p"]}, {"depends_on": ["p"]}),
    ({"parent_generation_ids": ["p"], "depends_on": ["q", "p"]}, {"depends_on": ["q", "p"]}),
    ({"timestamps": {"start": "2026-03-01T10:00:00Z"}}, {"started_at": "2026-03-01T10:00:00.000000Z"}),
    ({"timestamps": {"first_token": "2026-03-01T10:00:00Z"}}, {"first_token_at": "2026-03-01T10:00:00.000000Z"}),
    ({"timestamps": {"end": "2026-03-01T10:00:00Z"}}, {"completed_at": "2026-03-01T10:00:00.000000Z"}),
    ({"startedAt": "2026-03-01T12:00:00+02:00"}, {"started_at": "2026-03-01T10:00:00.000000Z"}),
    ({"input": ["hi"]}, {"input": [TEXT], "prompt": "hi"}),
    ({"input": [{"role": "user", "content": "hi"}]}, {"input": [TEXT]}),
    ({"input": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}, {"input": [TEXT]}),
    ({"input": [{"role": "MESSAGE_ROLE_USER", "parts": [{"text": "hi"}]}]}, {"input": [TEXT]}),
    ({"input": [{"role": 1, "parts": [{"text": "hi"}]}]}, {"input": [TEXT]}),
    ({"input": [{"role": "developer", "content": "hi"}]}, {"input": [{**TEXT, "role": "system"}]}),
    ({"output": ["ho"]}, {"completion": "ho"}),
    ({"tags": ["beta"]}, {"tags": {"beta": "true"}}),
    ({"maxTokens": "12"}, {"max_tokens": 12}),
    ({"agentName": ""}, {"agent_name": None}),
    ({"new_field": {"a": 1}}, {"metadata": {"unrecognized": {"new_field": {"a": 1}}}}),
    ({"system_prompt": "cut \ud83d"}, {"system_prompt": "cut \ufffd"}),
]


@pytest.mark.parametrize(("sent", "shown"), LENIENT)
def test_other_spellings_mean_the_same(running_service: str, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    item = generation(**sent)
    status, answer = export(running_service, json.dumps({"generations": [item]}).encode())
    assert (status, answer["results"][0]["error"]) == (202, "")
    _, record = read(running_service, item["id"])
    assert record == record | shown


@pytest.mark.parametrize("spelling", ["base64", "text", "value"])
def test_a_schema_in_any_spelling_is_one_agent_version(running_service: str, spelling: str) -> None:
    text = '{"type":"object","b":1,"a":2}'
    schema = {"base64": base64.b64encode(text.encode()).decode(), "text": text, "value": json.loads(text)}[spelling]
    item = generation(tools=[{"name": "t", "input_schema_json": schema}])
    assert export(running_service, json.dumps({"generations": [item]}).encode())[0] == 202
    record = wait_until_processed(running_service, item["id"], 10)
    assert record["tools"][0]["input_schema_json"] == text
    assert record["effective_version"] == "sha256:732ffceb6fd9a2dbf25e98ffd2f1217d0e3f0e657022b3136663faf127b4c833"


def test_both_names_of_tokens_written_to_a_cache_are_one(running_service: str) -> None:
    for name in ("cache_write_input_tokens", "cache_creation_input_tokens", "cacheWriteInputTokens"):
        item = generation(usage={name: "5"})
        export(running_service, json.dumps({"generations": [item]}).encode())
        assert read(running_service, item["id"])[1]["usage"]["cache_creation_input_tokens"] == 5
