"""Any valid generation comes back over HTTP with every field that was sent, pending and processed."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.api.service import Service, running

ID = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60).filter(str.strip)
TEXT = st.text(max_size=30)
NON_EMPTY = st.text(min_size=1, max_size=30)
COUNT = st.integers(0, 2**63 - 1)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
TIME = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
JSON_TEXT = st.sampled_from(["{}", '{"a": [1, 2.50, "ü"]}', "[]", '{"b":1,"a":2}', '"text"'])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def encoded(text: str) -> str:
    """As the protocol's bytes fields travel."""
    return base64.b64encode(text.encode()).decode()


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


CALL = some({"id": NON_EMPTY, "name": NON_EMPTY, "input_json": JSON_TEXT})
RESULT = some(
    {
        "tool_call_id": NON_EMPTY,
        "name": NON_EMPTY,
        "content": NON_EMPTY,
        "content_json": JSON_TEXT,
        "is_error": st.booleans(),
    }
)
MEDIA = some(dict.fromkeys(("kind", "url", "mime_type", "name"), NON_EMPTY))
PAYLOADS = {"text": TEXT, "thinking": TEXT, "tool_call": CALL, "tool_result": RESULT, "media": MEDIA}
PART = st.builds(
    lambda payload, metadata: {**payload, **metadata},
    st.one_of(st.just({}), *(st.fixed_dictionaries({name: value}) for name, value in PAYLOADS.items())),
    some({"metadata": some({"provider_type": NON_EMPTY})}),
)
MESSAGE = st.builds(
    lambda roles, name, parts: {**roles, **name, "parts": parts},
    some({"role": st.sampled_from(["user", "assistant", "tool", "system"])}),
    some({"name": NON_EMPTY}),
    st.lists(PART, max_size=3),
)
TOOL = some(
    {"name": TEXT, "description": TEXT, "type": TEXT, "input_schema_json": JSON_TEXT, "deferred": st.booleans()}
)
USAGE_NAMES = ("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "reasoning_tokens")
USAGE = some({**dict.fromkeys((*USAGE_NAMES, "cache_creation_input_tokens"), COUNT)})
IDS = ("conversation_id", "session_id", "person_id", "project_id", "trace_id", "span_id", "agent_name", "agent_version")
WORDS = ("operation_name", "response_id", "response_model", "system_prompt", "stop_reason", "call_error")
TIMES = ("started_at", "first_token_at", "completed_at")
AS_SENT = {
    **dict.fromkeys(IDS, ID),
    **dict.fromkeys(WORDS, NON_EMPTY),
    "mode": st.sampled_from(["SYNC", "STREAM"]),
    "model": st.fixed_dictionaries({"provider": ID, "name": ID}),
    "max_tokens": COUNT,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "tool_choice": TEXT,
    "thinking_enabled": st.booleans(),
    "effective_version": st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format),
    "tags": st.dictionaries(ID, ID, max_size=3),
    "metadata": st.dictionaries(TEXT, JSON, max_size=3).filter(lambda made: "unrecognized" not in made),
    "depends_on": st.lists(ID, unique=True, max_size=3),
    "input": st.lists(MESSAGE, max_size=3),
    "output": st.lists(MESSAGE, max_size=3),
    "tools": st.lists(TOOL, max_size=2),
    "usage": USAGE,
}
NEEDED = ("conversation_id", "model")
GENERATION = st.fixed_dictionaries(
    {"id": ID, **{name: AS_SENT[name] for name in NEEDED}},
    optional={**{name: made for name, made in AS_SENT.items() if name not in NEEDED}, **dict.fromkeys(TIMES, TIME)},
)


def wire(drawn: dict[str, Any]) -> dict[str, Any]:
    """A drawn generation as JSON: times as text; in `tools`, `bytes` in base64 as the SDKs send them."""
    sent = {**drawn, **{name: drawn[name].isoformat() for name in TIMES if name in drawn}}
    if "tools" in drawn:
        sent["tools"] = [
            {
                **tool,
                **({"input_schema_json": encoded(tool["input_schema_json"])} if "input_schema_json" in tool else {}),
            }
            for tool in drawn["tools"]
        ]
    return sent


def read_back(drawn: dict[str, Any]) -> dict[str, Any]:
    """What the resource shows of a drawn generation, worked out from the contract alone."""
    shown = {key: value for key, value in drawn.items() if key in AS_SENT and key != "call_error"}
    for name in TIMES:
        if name in drawn:
            shown[name] = f"{drawn[name].replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if "call_error" in drawn:
        shown |= {"status": "failed", "stop_reason": "error", "error": {"message": drawn["call_error"]}}
    for side in ("input", "output"):
        shown[side] = [{"role": None, **message} for message in drawn.get(side, [])]
    blank = {"name": "", "description": "", "type": "", "input_schema_json": "", "deferred": False}
    shown["tools"] = [{**blank, **tool} for tool in drawn.get("tools", [])]
    names = (*USAGE_NAMES, "cache_creation_input_tokens", "input_semantics")
    shown["usage"] = {**dict.fromkeys(names), **drawn.get("usage", {})}
    shown["depends_on"] = [each for each in drawn.get("depends_on", []) if each != drawn["id"]]
    if drawn["id"] in drawn.get("depends_on", []):
        shown.pop("metadata", None)  # what was dropped is noted there
    return {"id": drawn["id"], **shown}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", PAYLOAD_INLINE_BYTES="600") as started:
        yield started


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=GENERATION)
def test_every_field_reads_back_as_it_was_sent(service: Service, drawn: dict[str, Any]) -> None:
    service.forget_everything()
    tenant = service.tenant()
    sent = wire(drawn)
    tenant.accept(sent)
    expected = read_back(drawn)
    for state in ("pending", "processed"):
        record = tenant.record(drawn["id"])
        assert {key: record[key] for key in expected} == expected
        assert record["processing"]["state"] == state
        service.work()
    tenant.accept(sent)
    assert tenant.listed_ids() == [drawn["id"]]
    summary = tenant.listed()[0]
    assert {key: record[key] for key in summary} == summary
