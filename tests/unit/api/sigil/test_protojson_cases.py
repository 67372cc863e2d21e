"""86 bodies with the reference's verdict: what it takes we take; what it refuses costs at most the item."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.api.json_body import parse_json
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import Generation

CASES = json.loads((Path(__file__).parents[3] / "data/sigil/protojson_cases.json").read_bytes())
Case = dict[str, Any]
REQUIRED: Case = {"id": "a", "conversation_id": "c", "model": {"provider": "openai", "name": "gpt-5"}}

ONE_PAYLOAD = "must have only one of text, thinking, tool_call, tool_result and media"
MALFORMED = {
    "empty body",
    "null",
    "array root",
    "double NaN bare",
    "trailing",
    "two objects",
    "trailing comma",
    "comment",
    "single quote",
    "BOM",
    "raw control char",
}
EMPTY = {"{}", "empty list", "generations null", "unknown top", "@type"}
# The reference refuses these; the contract takes them.
LENIENT = {
    "both snake+camel",
    "dup key",
    "unknown field",
    "depends_on",
    "mode short SYNC",
    "bytes mix",
    "bytes raw json str",
    "bytes object",
    "bytes newline",
    "role short",
    "cache_creation",
    "tags dup",
    "metadata dup",
}
# The reference parses these; the contract refuses the item afterwards.
STRICT = {
    "effective_version": "generation.effective_version: must match ^sha256:[0-9a-f]{64}$",
    "mode unknown int 9": "generation.mode is invalid",
    "NUL escape": "generation.id: must not contain control characters",
}
REFUSED = {
    "null element": "generation is required",
    "mode lower": "generation.mode is invalid",
    'mode "2" string': "generation.mode is invalid",
    "ts 10digits": "generation.started_at: must be an RFC 3339 time with a zone",
    "ts no tz": "generation.started_at: must be an RFC 3339 time with a zone",
    "ts space": "generation.started_at: must be an RFC 3339 time with a zone",
    "ts number": "generation.started_at: must be a string",
    "ts obj": "generation.started_at: must be a string",
    "ts lower z": "generation.started_at: must be an RFC 3339 time with a zone",
    "int64 1.5": "generation.usage.input_tokens: must be a 64-bit integer",
    'int64 " 1"': "generation.usage.input_tokens: must be a 64-bit integer",
    'int64 ""': "generation.usage.input_tokens: must be a 64-bit integer",
    "int64 overflow": "generation.usage.input_tokens: must be a 64-bit integer",
    "bool str": "generation.thinking_enabled: must be true or false",
    "string number": "generation.id: must be a string",
    "oneof both": f"generation.input[0].parts[0]: {ONE_PAYLOAD}",
    "tags nonstring": "generation.tags: must be an object with string values, or a list of strings",
    "tags null val": "generation.tags: must be an object with string values, or a list of strings",
    "metadata array": "generation.metadata: must be an object",
    "lone surrogate": "generation.id: must not contain lone surrogates",
}


def outcomes(body: str) -> list[Generation | ItemRejected]:
    """What becomes of a body once its items have what every item must have."""
    parsed = parse_json(body.encode())
    if isinstance(parsed, dict):
        items = parsed.get("generations") or []
        parsed["generations"] = [REQUIRED | item if isinstance(item, dict) else item for item in items]
    return read_export(parsed)


def of_reference(verdict: str) -> list[Case]:
    return [case for case in CASES if case["sigil_v1_frozen_2026_07"].startswith(verdict)]


def label(case: Case) -> str:
    return str(case["label"])


def test_every_case_is_judged_once() -> None:
    labels = [label(case) for case in CASES]
    judged = [*MALFORMED, *EMPTY, *LENIENT, *STRICT, *REFUSED]
    assert len(labels) == len(set(labels)) == 86
    assert len(judged) == len(set(judged))
    assert set(judged) <= set(labels)


@pytest.mark.parametrize("case", of_reference("OK"), ids=label)
def test_what_the_reference_takes_is_taken(case: Case) -> None:
    results = outcomes(case["body"])
    if label(case) in STRICT:
        assert [str(result) for result in results] == [STRICT[label(case)]]
    elif label(case) == "out zero":
        assert [str(result) for result in results] == ["generation.id is required"]
    else:
        assert all(isinstance(result, Generation) for result in results)
        assert len(results) == (0 if label(case) in EMPTY else 1)


@pytest.mark.parametrize("case", of_reference("ERR"), ids=label)
def test_what_the_reference_refuses_costs_the_body_only_when_it_is_no_json(case: Case) -> None:
    if label(case) in MALFORMED:
        with pytest.raises(Malformed):
            outcomes(case["body"])
        return
    results = outcomes(case["body"])
    if label(case) in REFUSED:
        assert [str(result) for result in results] == [REFUSED[label(case)]]
    else:
        assert label(case) in LENIENT | EMPTY
        assert all(isinstance(result, Generation) for result in results)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_as_they_stand_no_case_does_worse_than_a_refusal(case: Case) -> None:
    try:
        results = read_export(parse_json(case["body"].encode()))
    except Malformed:
        assert label(case) in MALFORMED
    else:
        assert all(isinstance(result, Generation | ItemRejected) for result in results)
