"""Voker's events over HTTP: what is taken, what is made on the way, and what is refused without a trace."""

from typing import Any
from uuid import UUID

import pytest

from tests.integration.api import voker
from tests.integration.api.faults import failing
from tests.integration.api.service import Service, Tenant
from tests.integration.api.voker import INPUTS, OUTPUT, accepted, event, fault, post

pytestmark = pytest.mark.moto

READERS = {"sessions": "s", "people": "ada", "agents": "guide"}


@pytest.fixture
def known(tenant: Tenant) -> Tenant:
    """A tenant whose client has a fingerprint."""
    voker.fingerprint(tenant)
    return tenant


def test_an_event_becomes_a_generation_with_its_exchange(service: Service, known: Tenant) -> None:
    names = {"agent": "guide", "agent_version": "7", "person": "ada", "session": "s"}
    own_id = accepted(post(known, event(**names)))
    assert UUID(own_id)
    pending = known.record(own_id)
    service.work()
    for record in (pending, known.record(own_id)):
        assert (record["source"], record["request_id"]) == ("voker", own_id)
        assert record["fingerprint_id"] == voker.FINGERPRINT_ID
        assert (record["agent_name"], record["agent_version"]) == ("guide", "7")
        assert (record["person_id"], record["session_id"]) == ("ada", "s")
        assert record["model"] == {"provider": "openai", "name": "gpt-4o-mini"}
        assert record["exchange"] == {
            "path": None,
            "method": "POST",
            "status_code": 200,
            "request_body": INPUTS,
            "response_body": OUTPUT,
            "shape": "openai-chat-completions",
        }
    assert known.listed_ids(source="voker", session_id="s", person_id="ada") == [own_id]


def test_what_an_event_names_is_there_with_the_answer(known: Tenant) -> None:
    """Before any worker has run."""
    accepted(post(known, event(agent="guide", agent_version="7", person="ada", session="s")))
    agent = known.get("/api/v1/agents/guide").body
    assert (agent["agent_name"], agent["agent_number"], agent["description"]) == ("guide", 1, None)
    version = known.get("/api/v1/agents/guide/agent-versions/7").body
    assert (version["agent_version_name"], version["agent_version_number"]) == ("7", 1)
    person = known.get("/api/v1/people/ada").body
    assert (person["person_id"], person["properties"]) == ("ada", None)
    session = known.get("/api/v1/sessions/s").body
    assert (session["session_id"], session["generations"], session["next_cursor"]) == ("s", [], None)
    assert session["created_at"].endswith("Z")


def test_an_event_without_names_is_the_default_agents_default_version(service: Service, known: Tenant) -> None:
    ids = [accepted(post(known, body)) for body in (event(), event(agent="", agent_version=None, person=None))]
    service.work()
    for own_id in ids:
        record = known.record(own_id)
        assert (record["agent_name"], record["agent_version"]) == ("default", "default")
        assert (record["person_id"], record["session_id"]) == (None, None)
    assert known.get("/api/v1/agents/default").body["agent_number"] == 1
    assert known.get("/api/v1/agents/default/agent-versions/default").body["agent_version_number"] == 1
    accepted(post(known, event(agent="guide")))
    assert known.get("/api/v1/agents/guide/agent-versions/default").body["agent_version_number"] == 1
    assert known.get("/api/v1/people").body["items"] == []


def test_names_that_a_process_knows_cost_nothing_more(known: Tenant) -> None:
    names = {"agent": "guide", "agent_version": "7", "person": "ada", "session": "s"}
    accepted(post(known, event(**names)))
    nameless = {**names, "person": None}  # people, who can be deleted, are looked up each time
    with failing("dynamodb", "GetItem") as reads, failing("dynamodb", "TransactWriteItems") as writes:
        accepted(post(known, event(**nameless)))
    assert (reads, writes) == ([], [])


def test_an_agent_that_an_event_made_is_the_one_that_other_ways_in_see(service: Service, known: Tenant) -> None:
    accepted(post(known, event(agent="guide")))
    known.accept({**sigil("g-1"), "agent_name": "guide"}, {**sigil("g-2"), "agent_name": "writer"})
    service.work()
    assert known.get("/api/v1/agents/guide").body["generation_count"] == 2
    numbers = {each["agent_name"]: each["agent_number"] for each in known.listed(200, "/api/v1/agents")}
    assert numbers == {"guide": 1, "writer": 2}


def sigil(generation_id: str) -> dict[str, Any]:
    model = {"provider": "openai", "name": "gpt-4o-mini"}
    return {"id": generation_id, "conversation_id": "c", "model": model, "session_id": "s", "person_id": "ada"}


@pytest.mark.parametrize(
    ("tag", "inputs", "output", "provider"),
    [
        ("openai-chat-completions", {}, {}, "openai"),
        ("openai-responses", {}, {}, "openai"),
        ("anthropic-messages", {}, {}, "anthropic"),
        ("anthropic-beta-messages", {}, {}, "anthropic"),
        ("gemini-models", {}, {}, "google"),
        ("gemini-interactions", {}, {}, "google"),
        (None, {"messages": []}, {"choices": []}, "openai"),
        (None, {"input": "x"}, {"object": "response"}, "openai"),
        (None, {"messages": [], "system": "x"}, None, "anthropic"),
        (None, {}, {"type": "message"}, "anthropic"),
        (None, {"contents": "x"}, None, "google"),
        (None, {}, {"candidates": []}, "google"),
        (None, {}, {"outputs": []}, "google"),
        ("ai-sdk", {"x": 1}, "text", "unknown"),
        (["odd"], [1], None, "unknown"),
    ],
)
def test_the_tag_or_else_the_shape_tells_the_provider(
    known: Tenant, tag: object, inputs: object, output: object, provider: str
) -> None:
    properties = {"api": tag, "inputs": inputs, "output": output}
    record = known.record(accepted(post(known, event(properties=properties))))
    assert record["model"]["provider"] == provider
    known_tag = isinstance(tag, str) and tag != "ai-sdk"
    assert record["exchange"]["shape"] == (tag if known_tag else None)
    assert record["metadata"].get("api") == (None if known_tag else tag)
    assert (record["exchange"]["request_body"], record["exchange"]["response_body"]) == (inputs, output)


def test_properties_and_fields_that_nobody_knows_are_kept(known: Tenant) -> None:
    properties = {"inputs": INPUTS, "output": OUTPUT, "latency": 1.5, "unrecognized": "theirs"}
    record = known.record(accepted(post(known, event(properties=properties, colour={"a": 1}, gone=None))))
    kept = {"latency": 1.5, "unrecognized": {"colour": {"a": 1}, "metadata.unrecognized": "theirs"}}
    assert record["metadata"] | kept == record["metadata"]
    assert record["exchange"]["shape"] is None
    bare = known.record(accepted(post(known, event(properties={}))))
    assert (bare["exchange"]["request_body"], bare["exchange"]["response_body"]) == (None, None)
    assert bare["model"] == {"provider": "unknown", "name": None}


def test_the_idempotency_key_is_the_id(service: Service, known: Tenant) -> None:
    assert [accepted(post(known, event(), idempotency_key="k")) for _ in range(2)] == ["k", "k"]
    other = post(known, event(person="ada"), idempotency_key="k")
    assert fault(other) == (409, "conflict")
    assert other.body["error"]["message"] == "generation already exists"
    assert fault(post(known, event(), idempotency_key="k" * 257)) == (400, "malformed")
    service.work()
    assert known.listed_ids() == ["k"]


DEEP: Any = []
for _ in range(120):
    DEEP = [DEEP]
NAMES = {"agent": "guide", "agent_version": "7", "person": "ada", "session": "s"}
FAULTS: list[tuple[object, str]] = [
    ([], "event: must be an object"),
    (None, "event: must be an object"),
    ({}, "event: event_name is required"),
    (event(event_name=None), "event: event_name is required"),
    (event(event_name="click"), 'event.event_name: must be "llm"'),
    (event(event_name=1), "event.event_name: must be a string"),
    (event(properties=None), "event: properties is required"),
    (event(properties="x"), "event.properties: must be an object"),
    (event(fingerprint_id=""), "event: fingerprint_id is required"),
    (event(fingerprint_id=7), "event.fingerprint_id: must be a string"),
    (event(agent="a" * 257), "event.agent: must be at most 256 characters"),
    (event(agent_version=3), "event.agent_version: must be a string"),
    (event(person="a\u0000b"), "event.person: must not contain control characters"),
    (event(session="\ud800"), "event.session: must not contain lone surrogates"),
    (event(session=["s"]), "event.session: must be a string"),
    (event(properties={"inputs": DEEP}), "event.properties: is nested over 100 levels"),
    (event(colour=DEEP), "event: is nested over 100 levels"),
]


@pytest.mark.parametrize(("body", "reason"), FAULTS, ids=[reason[:50] for _, reason in FAULTS])
def test_a_fault_is_named_and_makes_nothing(service: Service, known: Tenant, body: object, reason: str) -> None:
    answer = post(known, {**NAMES, **body} if isinstance(body, dict) else body)
    assert fault(answer) == (400, "malformed")
    assert answer.body["error"]["message"] == reason
    nothing_was_made(service, known)


def nothing_was_made(service: Service, tenant: Tenant) -> None:
    service.work()
    assert tenant.listed_ids() == []
    assert [tenant.get(f"/api/v1/{kind}/{name}").status for kind, name in READERS.items()] == [404] * 3


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"{} x"])
def test_what_is_no_json_is_malformed(known: Tenant, body: bytes) -> None:
    assert fault(known.request("POST", "/api/v1/events", body)) == (400, "malformed")


def test_an_unknown_fingerprint_is_404_and_makes_nothing(service: Service, tenant: Tenant) -> None:
    other = service.tenant()
    voker.fingerprint(other)
    for own_id in (voker.FINGERPRINT_ID, "unknown", "a/b"):
        answer = post(tenant, event(**{**NAMES, "fingerprint_id": own_id}))
        assert fault(answer) == (404, "fingerprint-not-found")
        assert answer.error_code == "NOT_FOUND"
    nothing_was_made(service, tenant)


def test_an_empty_session_is_422_and_makes_nothing(service: Service, known: Tenant) -> None:
    answer = post(known, event(**{**NAMES, "session": ""}))
    assert fault(answer) == (422, "session-id-empty")
    assert answer.error_code == "SESSION_ID_EMPTY"
    nothing_was_made(service, known)
    assert fault(post(known, event(session="", agent=1))) == (400, "malformed")
    accepted(post(known, event(session=None)))


@pytest.mark.parametrize(
    ("operation", "after"), [("GetItem", 0), ("TransactWriteItems", 0), ("PutItem", 0), ("PutItem", 1)]
)
def test_a_failure_on_the_way_is_503_and_the_same_again_succeeds(
    service: Service, known: Tenant, operation: str, after: int
) -> None:
    body = event(**NAMES)
    with failing("dynamodb", operation, after=after):
        answer = post(known, body, idempotency_key="k")
    assert fault(answer) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert known.read("k").status == 404
    assert accepted(post(known, body, idempotency_key="k")) == "k"
    service.work()
    assert known.listed_ids() == ["k"]
    assert known.get("/api/v1/agents/guide").body["agent_number"] == 1


def test_an_event_that_is_stored_although_its_answer_failed_is_named(known: Tenant) -> None:
    with failing("sqs", "SendMessageBatch"):
        answer = post(known, event())
    [stored] = answer.body["error"]["meta"]["stored"]
    assert known.record(stored["request_id"])["source"] == "voker"


def test_an_event_may_be_larger_than_an_item(service: Service, known: Tenant) -> None:
    image = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(300_000))
    inputs = {"model": "m", "messages": [{"role": "user", "content": image}]}
    own_id = accepted(post(known, event(properties={"inputs": inputs, "output": OUTPUT})))
    service.work()
    assert known.record(own_id)["exchange"]["request_body"] == inputs
