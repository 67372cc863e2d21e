"""People and sessions over HTTP: made once, changed as a whole, and read whoever has named them."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.api import items, voker
from tests.integration.api.service import Answer, Service, Tenant
from tests.integration.api.test_paths import IDS
from tests.integration.api.voker import accepted, event, fault, post

pytestmark = pytest.mark.moto

PEOPLE = "/api/v1/people"
KEYS = {"person_id", "properties", "created_at", "updated_at"}
NOON = "2026-03-01T10:00:00.000000Z"


def create(tenant: Tenant, person_id: object, method: str = "PUT", **fields: object) -> Answer:
    return tenant.send(method, PEOPLE, {"person_id": person_id, **fields})


def person(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    assert set(answer.body) == KEYS
    return dict(answer.body)


def place(person_id: str) -> str:
    return f"{PEOPLE}/{quote(person_id, safe='')}"


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_person_is_made_once_and_stands(tenant: Tenant, method: str) -> None:
    properties = {"z": 1.0, "a": [None, {"b": "ü"}]}
    made = person(create(tenant, "ada", method, properties=properties, nickname="A"))
    assert (made["person_id"], made["properties"]) == ("ada", properties)
    assert list(made["properties"]) == ["z", "a"]
    assert made["created_at"] == made["updated_at"]
    assert len(made["created_at"]) == len("2026-01-01T00:00:00.000000Z")
    assert person(create(tenant, "ada", method, properties={"other": 1})) == made
    assert person(create(tenant, "ada", method)) == made
    assert person(tenant.get(place("ada"))) == made


def test_properties_may_be_missing_or_null(tenant: Tenant) -> None:
    assert person(create(tenant, "one"))["properties"] is None
    assert person(create(tenant, "two", properties=None))["properties"] is None
    assert person(create(tenant, "three", properties={}))["properties"] == {}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_replaces_the_properties(tenant: Tenant, method: str) -> None:
    made = person(create(tenant, "ada", properties={"a": 1, "b": 2}))
    changed = person(tenant.send(method, place("ada"), {"properties": {"b": 3}}))
    assert changed == {**made, "properties": {"b": 3}, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > made["created_at"]
    assert person(tenant.get(place("ada"))) == changed


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_a_person_that_is_not_there_is_404(tenant: Tenant, method: str) -> None:
    for name in ("nobody", "x" * 257, "a%00b"):
        answer = tenant.send(method, f"{PEOPLE}/{name}", {"properties": {}})
        assert fault(answer) == (404, "person-not-found")
        assert answer.error_code == "NOT_FOUND"
    assert tenant.get(PEOPLE).body["items"] == []


@pytest.mark.parametrize("person_id", IDS)
def test_an_odd_id_reads_back(tenant: Tenant, person_id: str) -> None:
    made = person(create(tenant, person_id))
    assert made["person_id"] == person_id
    assert person(tenant.get(place(person_id))) == made
    changed = person(tenant.send("PUT", place(person_id), {"properties": {"n": 1}}))
    assert (changed["person_id"], changed["properties"]) == (person_id, {"n": 1})


def test_a_mail_address_may_stand_in_the_path_as_it_is(tenant: Tenant) -> None:
    person(create(tenant, "ada+1@example.org"))
    assert person(tenant.get(f"{PEOPLE}/ada+1@example.org"))["person_id"] == "ada+1@example.org"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "person: must be an object"),
        ({}, "person: person_id is required"),
        ({"person_id": ""}, "person: person_id is required"),
        ({"person_id": 7}, "person.person_id: must be a string"),
        ({"person_id": "x" * 257}, "person.person_id: must be at most 256 characters"),
        ({"person_id": "ada", "properties": [1]}, "person.properties: must be an object"),
    ],
)
def test_a_body_that_is_no_person_is_400(tenant: Tenant, body: object, reason: str) -> None:
    answer = tenant.send("PUT", PEOPLE, body)
    assert fault(answer) == (400, "malformed")
    assert answer.body["error"]["message"] == reason


@pytest.mark.parametrize("body", [{}, {"properties": None}, {"properties": "x"}, []])
def test_an_update_needs_properties(tenant: Tenant, body: object) -> None:
    made = person(create(tenant, "ada", properties={"a": 1}))
    assert fault(tenant.send("PUT", place("ada"), body)) == (400, "malformed")
    assert person(tenant.get(place("ada"))) == made


def test_properties_have_a_limit(tenant: Tenant) -> None:
    fitting, too_long = {"t": "ä" * 153_596}, {"t": "ä" * 153_597}
    person(create(tenant, "ada", properties=fitting))
    for answer in (
        create(tenant, "eve", properties=too_long),
        tenant.send("PUT", place("ada"), {"properties": too_long}),
    ):
        assert fault(answer) == (413, "too-large")
        assert answer.body["error"]["meta"] == {"limit": 307_200}
    assert person(tenant.get(place("ada")))["properties"] == fitting
    assert tenant.get(place("eve")).status == 404


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_people_are_listed_newest_first(service: Service, limit: int) -> None:
    tenant = service.tenant()
    made = [person(create(tenant, f"person {number}", properties={"n": number})) for number in range(7)]
    assert tenant.listed(limit, PEOPLE) == made[::-1]
    cursor = tenant.get(PEOPLE, limit=1).body["next_cursor"]
    assert fault(service.tenant().get(PEOPLE, cursor=cursor)) == (400, "malformed")
    assert fault(tenant.get(PEOPLE, colour="red")) == (400, "malformed")


def test_a_page_of_people_ends_before_it_is_too_large(tenant: Tenant) -> None:
    for number in range(20):
        person(create(tenant, f"person {number}", properties={"text": "x" * 300_000}))
    answer = tenant.get(PEOPLE, limit=200)
    assert answer.size < 5 * 1024 * 1024
    assert 0 < len(answer.body["items"]) < 20
    assert len(tenant.listed(200, PEOPLE)) == 20


def test_a_person_whom_another_way_in_has_named_can_be_read_and_changed(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-2", person_id="ada", started_at="2026-03-01T11:00:00Z"))
    tenant.accept(items.small("g-1", person_id="ada", started_at="2026-03-01T10:00:00Z"))
    service.work()
    seen = person(tenant.get(place("ada")))
    assert seen == {"person_id": "ada", "properties": None, "created_at": NOON, "updated_at": NOON}
    assert tenant.get(PEOPLE).body["items"] == []
    changed = person(tenant.send("PUT", place("ada"), {"properties": {"a": 1}}))
    assert (changed["properties"], changed["created_at"]) == ({"a": 1}, NOON)
    assert tenant.listed(200, PEOPLE) == [changed]


def test_a_session_shows_its_generations_and_leads_on_to_the_rest(service: Service, tenant: Tenant) -> None:
    voker.fingerprint(tenant)
    for hour in (10, 12, 11):
        tenant.accept(items.small(f"g-{hour}", session_id="s", started_at=f"2026-03-01T{hour}:00:00Z"))
    accepted(post(tenant, event(session="s"), idempotency_key="v"))
    service.work()
    session = tenant.get("/api/v1/sessions/s", limit=2).body
    assert set(session) == {
        "session_id",
        "created_at",
        "first_seen_at",
        "last_seen_at",
        "generations",
        "next_cursor",
    }
    assert [each["id"] for each in session["generations"]] == ["v", "g-12"]
    assert "exchange" not in session["generations"][0]
    assert session["first_seen_at"] == NOON
    assert session["last_seen_at"] == session["generations"][0]["created_at"]
    rest = tenant.get("/api/v1/generations", session_id="s", cursor=session["next_cursor"])
    assert [each["id"] for each in rest.body["items"]] == ["g-11", "g-10"]
    whole = tenant.get("/api/v1/sessions/s").body
    assert (len(whole["generations"]), whole["next_cursor"]) == (4, None)


@pytest.mark.parametrize("session_id", ["a b", "a/b", "a%2Fb", "ü", "x@y", "a+b"])
def test_a_session_that_only_generations_tell_of_is_there_too(
    service: Service, tenant: Tenant, session_id: str
) -> None:
    tenant.accept(items.small("g-1", session_id=session_id, started_at=NOON))
    service.work()
    session = tenant.get(f"/api/v1/sessions/{quote(session_id, safe='')}").body
    assert (session["session_id"], session["created_at"]) == (session_id, NOON)
    assert [each["id"] for each in session["generations"]] == ["g-1"]


def test_a_session_that_nobody_has_named_is_404(tenant: Tenant) -> None:
    for name in ("nothing", "x" * 257):
        assert fault(tenant.get(f"/api/v1/sessions/{name}")) == (404, "session-not-found")
    assert fault(tenant.get("/api/v1/sessions/s", colour="red")) == (400, "malformed")
