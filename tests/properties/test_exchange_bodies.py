"""Whatever a sidecar sends: an answer of the contract, nothing lost of what was accepted, and no worker that fails."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.api.exchanges import chat
from tests.integration.api.service import Service, running
from tests.properties.test_api_bodies import JSON, SCALARS

NAMES = sorted(
    {*chat(), "request_id", "model", "prompt", "completion", "token_count", "metadata", "tags", "depends_on"}
)
PATHS = st.sampled_from(
    ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings", "/model/a%2Fb/invoke", "", "/é/?x=1"]
)
STREAM = "".join(
    f"data: {json.dumps(event)}\n\n"
    for event in (
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]},
        {"type": "message_start", "message": {"usage": {"input_tokens": 1}}},
        {"type": "response.completed", "response": {"object": "response", "output": []}},
    )
)
BODIES = st.one_of(
    JSON,
    st.integers(0, len(STREAM)).map(lambda end: STREAM[:end]),
    JSON.map(lambda value: json.dumps(value)[:-1]),
    st.fixed_dictionaries({"choices": JSON, "usage": JSON}),
    st.fixed_dictionaries({"model": JSON, "messages": st.lists(JSON, max_size=3), "tools": JSON}),
    st.fixed_dictionaries({"output": st.lists(JSON, max_size=3), "status": SCALARS, "object": st.just("response")}),
    st.fixed_dictionaries({"content": st.lists(JSON, max_size=3), "type": st.just("message"), "usage": JSON}),
)
EXCHANGES = st.builds(
    lambda path, asked, answered, wrong: {**chat(path=path, request_body=asked, response_body=answered), **wrong},
    PATHS,
    BODIES,
    BODIES,
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=2),
)
FEW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", REDACT_PATTERNS="api_keys,emails,cards") as started:
        yield started


@FEW
@given(drawn=st.lists(EXCHANGES | JSON, max_size=3))
def test_each_exchange_is_taken_or_refused_for_itself_and_what_is_taken_is_processed(
    service: Service, drawn: list[Any]
) -> None:
    service.forget_everything()
    tenant = service.tenant()
    text = json.dumps({"exchanges": drawn}).replace("NaN", "null").replace("Infinity", "null").replace("-null", "null")
    answer = tenant.request("POST", "/api/v1/ingest/batch", text.encode())
    assert answer.status == 202
    items = answer.body["items"]
    assert [item["index"] for item in items] == list(range(len(drawn)))
    assert answer.body["accepted"] + answer.body["rejected"] == len(drawn)
    service.work()
    accepted = {item["request_id"] for item in items if item["accepted"]}
    for own_id in accepted:
        record = tenant.record(own_id)
        assert record["processing"]["state"] == "processed"
        assert (record["processing"]["extraction"] == "failed") == ("error" in record["processing"])
    assert set(tenant.listed_ids()) == accepted
    assert all(item["error"] for item in items if not item["accepted"])


@FEW
@given(drawn=EXCHANGES | JSON)
def test_a_single_exchange_is_taken_or_refused(service: Service, drawn: Any) -> None:
    answer = service.tenant().request("POST", "/api/v1/ingest", json.dumps(drawn).encode())
    assert answer.status in {202, 400, 409}
    assert answer.status == 202 or answer.error_code
    service.messages()
