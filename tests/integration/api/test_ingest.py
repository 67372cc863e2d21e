"""Raw exchanges over HTTP: what is taken, what is refused, and under which id it is found."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api.exchanges import chat, refused
from tests.integration.api.faults import failing
from tests.integration.api.service import Answer, Service, Tenant, running

pytestmark = pytest.mark.moto

ONE, MANY = "/api/v1/ingest", "/api/v1/ingest/batch"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", PAYLOAD_INLINE_BYTES="4096") as started:
        yield started


def post(tenant: Tenant, body: object, **headers: str) -> Answer:
    """One exchange."""
    return tenant.request("POST", ONE, json.dumps(body).encode(), **headers)


def post_all(tenant: Tenant, *exchanges: object, **headers: str) -> Answer:
    """A batch."""
    return tenant.request("POST", MANY, json.dumps({"exchanges": exchanges}).encode(), **headers)


def taken(answer: Answer) -> str:
    """The id of an exchange that was accepted."""
    assert (answer.status, answer.body["status"]) == (202, "accepted"), answer.body
    assert set(answer.body) == {"request_id", "status"}
    return str(answer.body["request_id"])


def test_the_exchange_of_the_document_reads_back_as_a_generation(service: Service, tenant: Tenant) -> None:
    own_id = taken(post(tenant, chat()))
    pending = tenant.record(own_id)
    assert pending["processing"] == {"state": "pending", "extraction": "succeeded"}
    service.work()
    record = tenant.record(own_id)
    assert record["processing"] == {"state": "processed", "extraction": "succeeded"}
    assert record["model"] == {"provider": "openai", "name": "gpt-4o-mini"}
    assert (record["prompt"], record["completion"], record["token_count"]) == ("Hello", "Hi there!", 15)
    assert (record["source"], record["request_id"], record["latency_ms"]) == ("ingate", own_id, 432)
    assert record["cost_usd"] > 0
    assert record["effective_version"].startswith("sha256:")
    assert {key: pending[key] for key in ("model", "prompt", "completion", "usage", "input", "output", "exchange")} == {
        key: record[key] for key in ("model", "prompt", "completion", "usage", "input", "output", "exchange")
    }
    assert tenant.listed_ids(source="ingate") == [own_id]


def test_an_exchange_stays_readable_as_it_came(tenant: Tenant) -> None:
    body = {"z": 1.0, "a": {"c": [1e3, "\ud83d\ude00"], "b": None}}
    own_id = taken(post(tenant, chat(request_body=body, response_body="no json", path="/v1/other")))
    exchange = tenant.record(own_id)["exchange"]
    assert json.dumps(exchange["request_body"]) == json.dumps(body)
    assert exchange["response_body"] == "no json"
    assert (exchange["path"], exchange["method"], exchange["status_code"]) == ("/v1/other", "POST", 200)


@pytest.mark.parametrize("size", [10_000, 600_000])
def test_an_exchange_may_be_larger_than_an_item(service: Service, tenant: Tenant, size: int) -> None:
    text = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(size))
    own_id = taken(post(tenant, chat(request_body={"model": "m", "messages": [{"role": "user", "content": text}]})))
    service.work()
    assert tenant.record(own_id)["prompt"] == text


def test_what_extraction_does_not_find_is_the_clients(tenant: Tenant) -> None:
    own = {"model": "mine", "prompt": "asked", "completion": "said", "token_count": 7}
    bare = tenant.record(taken(post(tenant, {"provider": "acme", **own})))
    assert (bare["model"], bare["prompt"]) == ({"provider": "acme", "name": "mine"}, "asked")
    assert (bare["completion"], bare["token_count"]) == ("said", 7)
    assert bare["processing"]["extraction"] == "not_applicable"
    unread = tenant.record(taken(post(tenant, chat(path="/v2/odd", request_body=[1], response_body=[2], **own))))
    assert (unread["model"]["name"], unread["prompt"], unread["completion"]) == ("mine", "asked", "said")
    assert unread["processing"]["extraction"] == "failed"
    assert unread["processing"]["error"]
    assert unread["exchange"]["request_body"] == [1]


def test_an_error_of_the_provider_is_a_failed_generation_and_a_root(service: Service, tenant: Tenant) -> None:
    post_all(tenant, refused(402, "no credit", request_id="a"), chat(request_id="b", depends_on=["a"]))
    service.work()
    failed = tenant.record("a")
    assert (failed["status"], failed["stop_reason"]) == ("failed", "error")
    assert failed["error"]["code"] == "AI_PROVIDER_ERROR"
    assert failed["error"]["message"] == "Provider returned 402: no credit"
    assert failed["error"]["meta"]["provider_status_code"] == 402
    assert failed["completed_at"]
    assert (failed["model"]["name"], failed["prompt"]) == ("gpt-4o-mini", "Hello")
    assert tenant.listed_ids(status="failed") == ["a"]
    assert tenant.listed_ids(error_code="AI_PROVIDER_ERROR") == ["a"]
    assert tenant.listed_ids(root="a") == ["b"]
    assert tenant.record("b")["flagged"]


def test_tags_name_person_and_session_and_what_nobody_knows_is_kept(service: Service, tenant: Tenant) -> None:
    tags = {"user_id": "ada@example.org", "session_id": 17, "beta": True, "gone": None}
    own_id = taken(post(tenant, chat(tags=tags, team={"a": 1}, metadata={"k": 1}, depends_on=["p", "p", ""])))
    service.work()
    record = tenant.record(own_id)
    assert (record["person_id"], record["session_id"]) == ("ada@example.org", "17")
    assert record["tags"] == {"user_id": "ada@example.org", "session_id": "17", "beta": "true"}
    assert record["metadata"]["unrecognized"] == {"team": {"a": 1}, "depends_on": ["p", ""]}
    assert (record["metadata"]["k"], record["depends_on"]) == (1, ["p"])
    assert tenant.listed_ids(person_id="ada@example.org") == [own_id]


def test_an_exchange_is_in_the_catalog_with_its_prompt_and_tools(service: Service, tenant: Tenant) -> None:
    request = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"z": 1, "a": 1.0}}}],
    }
    own_id = taken(post(tenant, chat(request_body=request, agent_name="guide")))
    service.work()
    agent = tenant.get("/api/v1/agents:lookup", name="guide").body
    assert agent["effective_version"] == tenant.record(own_id)["effective_version"]
    assert agent["system_prompt"] == "Be brief."
    assert [tool["input_schema_json"] for tool in agent["tools"]] == ['{"z":1,"a":1.0}']
    assert agent["models"][0]["name"] == "gpt-4o-mini"


def test_the_same_exchange_again_changes_nothing_and_another_one_under_its_id_is_refused(
    service: Service, tenant: Tenant
) -> None:
    respelled = dict(reversed(chat(request_id="x", latency_ms=432.0).items()))
    assert [taken(post(tenant, body)) for body in (chat(request_id="x"), respelled)] == ["x", "x"]
    answer = post(tenant, chat(request_id="x", latency_ms=1))
    assert (answer.status, answer.error_code) == (409, "CONFLICT")
    assert answer.body["error"]["message"] == "generation already exists"
    batch = post_all(tenant, chat(request_id="x"), chat(request_id="x", latency_ms=1), chat(request_id="y"))
    assert batch.body["items"] == [
        {"index": 0, "request_id": "x", "accepted": True},
        {"index": 1, "request_id": "x", "accepted": False, "error": "generation already exists"},
        {"index": 2, "request_id": "y", "accepted": True},
    ]
    assert (batch.body["accepted"], batch.body["rejected"]) == (2, 1)
    service.work()
    assert sorted(tenant.listed_ids()) == ["x", "y"]
    assert tenant.record("x")["latency_ms"] == 432


def test_the_idempotency_key_is_the_id_where_there_is_none(tenant: Tenant) -> None:
    assert [taken(post(tenant, chat(), idempotency_key="k")) for _ in range(2)] == ["k", "k"]
    assert taken(post(tenant, chat(request_id="own"), idempotency_key="k")) == "own"
    for _ in range(2):
        items = post_all(tenant, chat(), chat(request_id="own2"), chat(), idempotency_key="b").body["items"]
        assert [item["request_id"] for item in items] == ["b-0", "own2", "b-2"]
    ids = {taken(post(tenant, chat())) for _ in range(2)}
    assert len(ids) == 2
    bad = post(tenant, chat(), idempotency_key="k" * 257)
    assert (bad.status, bad.error_code) == (400, "MALFORMED")


DEEP: Any = []
for _ in range(120):
    DEEP = [DEEP]
NOTHING_SAID = "one of request_body, response_body, model, prompt, completion is required"
FAULTS: list[tuple[object, str]] = [
    ([], "exchange: must be an object"),
    ("text", "exchange: must be an object"),
    ({"model": "m"}, "exchange: provider is required"),
    ({"provider": "", "model": "m"}, "exchange: provider is required"),
    ({"provider": "p", "prompt": "", "request_body": ""}, f"exchange: {NOTHING_SAID}"),
    ({"provider": "p"}, "exchange: one of request_body, response_body, model, prompt, completion is required"),
    (chat(provider=1), "exchange.provider: must be a string"),
    (chat(provider="p" * 257), "exchange.provider: must be at most 256 characters"),
    (chat(request_id="a\u0000b"), "exchange.request_id: must not contain control characters"),
    (chat(request_id="\ud800"), "exchange.request_id: must not contain lone surrogates"),
    (chat(status_code="many"), "exchange.status_code: must be an HTTP status, or 0 when there was no answer"),
    (chat(status_code=-1), "exchange.status_code: must be an HTTP status, or 0 when there was no answer"),
    (chat(status_code=True), "exchange.status_code: must be an HTTP status, or 0 when there was no answer"),
    (chat(method=[]), "exchange.method: must be an HTTP method"),
    (chat(latency_ms="soon"), "exchange.latency_ms: must be a number of milliseconds"),
    (chat(latency_ms=-1), "exchange.latency_ms: must be a number of milliseconds"),
    (chat(token_count=1.5), "exchange.token_count: must be a 64-bit integer"),
    (chat(metadata=[]), "exchange.metadata: must be an object"),
    (chat(tags={"a": {}}), "exchange.tags: must be an object with string values, or a list of strings"),
    (chat(tags={str(number): "x" for number in range(65)}), "exchange.tags: must have at most 64 tags"),
    (chat(started_at="yesterday"), "exchange.started_at: must be an RFC 3339 time with a zone"),
    (chat(depends_on="a"), "exchange.depends_on: must be a list of strings"),
    (chat(depends_on=[str(number) for number in range(1001)]), "exchange.depends_on: must have at most 1,000 ids"),
    (chat(request_body=DEEP), "exchange.request_body: is nested over 100 levels"),
    (chat(surprise=DEEP), "exchange: is nested over 100 levels"),
]


@pytest.mark.parametrize(("body", "reason"), FAULTS, ids=[reason[10:60] for _, reason in FAULTS])
def test_a_fault_is_named_and_costs_one_item(service: Service, tenant: Tenant, body: object, reason: str) -> None:
    alone = post(tenant, body)
    assert (alone.status, alone.error_code, alone.body["error"]["message"]) == (400, "MALFORMED", reason)
    batch = post_all(tenant, chat(request_id="good"), body)
    assert (batch.status, batch.body["accepted"], batch.body["rejected"]) == (202, 1, 1)
    assert batch.body["items"][0] == {"index": 0, "request_id": "good", "accepted": True}
    assert batch.body["items"][1]["error"] == reason
    service.work()
    assert tenant.listed_ids() == ["good"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5000])
def test_a_number_beyond_all_costs_one_item(tenant: Tenant, number: str) -> None:
    body = (
        f'{{"exchanges": [{{"provider": "p", "request_body": {{"n": {number}}}}}, {{"provider": "p", "model": "m"}}]}}'
    )
    answer = tenant.request("POST", MANY, body.encode())
    assert [item["accepted"] for item in answer.body["items"]] == [False, True]
    assert "number out of range" in answer.body["items"][0]["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"exchanges": {}}', b"{}", b'{"exchanges": null}', b"NaN"])
def test_a_batch_that_is_none_is_malformed(tenant: Tenant, body: bytes) -> None:
    answer = tenant.request("POST", MANY, body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")


def test_an_empty_batch_is_answered_and_one_over_the_limit_refused(tenant: Tenant) -> None:
    assert post_all(tenant).body == {"accepted": 0, "rejected": 0, "items": []}
    answer = post_all(tenant, *({"provider": "p", "model": "m"} for _ in range(1001)))
    assert (answer.status, answer.error_code, answer.body["error"]["meta"]) == (413, "TOO_LARGE", {"limit": 1000})
    parents = [f"p{number}" for number in range(1000)]
    heavy = post_all(tenant, *({"provider": "p", "model": "m", "depends_on": parents} for _ in range(11)))
    assert (heavy.status, heavy.body["error"]["meta"]) == (413, {"limit": 10_000})


def test_a_failure_on_the_way_names_what_is_stored_under_ids_that_were_made_here(tenant: Tenant) -> None:
    with failing("dynamodb", "PutItem", after=2):
        answer = post_all(tenant, chat(), chat(request_id="own"), chat(), chat())
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")
    stored = answer.body["error"]["meta"]["stored"]
    assert {entry["index"] for entry in stored} <= {0, 2, 3}
    known = [entry["request_id"] for entry in stored]
    assert 1 <= len(known) <= 2
    assert [tenant.record(each)["id"] for each in known] == known
    with failing("sqs", "SendMessageBatch"):
        named = post(tenant, chat(), idempotency_key="again")
    assert named.body["error"]["meta"] == {}
    assert taken(post(tenant, chat(), idempotency_key="again")) == "again"


def test_the_completion_is_that_of_the_first_choice_alone(tenant: Tenant) -> None:
    """A first choice that only calls a tool has said nothing, whatever the second one says."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    choices = [{"index": 0, "message": {"tool_calls": [call]}}, {"index": 1, "message": {"content": "second"}}]
    record = tenant.record(taken(post(tenant, chat(response_body={"choices": choices}))))
    assert record["completion"] is None
    assert [message["parts"][0].get("text") for message in record["output"]] == [None, "second"]


@pytest.mark.parametrize("body", [{"messages": [{}] * 100_001}, {"messages": [{"content": ["a"] * 100_001}]}])
def test_a_body_of_endless_parts_is_kept_but_not_read(service: Service, tenant: Tenant, body: dict[str, Any]) -> None:
    """What would be made of it takes many times its memory, and a worker that is killed takes its neighbours along."""
    own_id = taken(post(tenant, chat(request_body={"model": "m", **body}, model="mine")))
    service.work()
    record = tenant.record(own_id)
    assert record["processing"]["extraction"] == "failed"
    assert "over 100,000 values" in record["processing"]["error"]
    assert (record["model"]["name"], record["exchange"]["request_body"]["model"]) == ("mine", "m")
