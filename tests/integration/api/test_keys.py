"""The routes of API keys, and the rate that a key is held to."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api.routes import OPERATIONS
from chalicelib.domain.api_key import ROLES, looks_like_a_key
from chalicelib.domain.times import format_time
from tests.integration.api import items, voker
from tests.integration.api.agents import ASKED
from tests.integration.api.keyed import KEYS, REQUIRED, Holder, holder, public
from tests.integration.api.service import EXPORT, Answer, Service, running

pytestmark = pytest.mark.moto

RATE = 20
SHOWN = {"id", "name", "role", "project_id", "hint", "created_at", "expires_at", "revoked_at"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
LONG = "x" * 256
EXCHANGE = {"provider": "openai", "model": "gpt-4o", "prompt": "hi", "request_id": "late"}
AGENT = "/api/v1/agents/{agent_name}"
SESSION = f"{AGENT}/sessions/{{session_id}}"
OUTPUTS = {"tool_outputs": [{"tool_call_id": "c", "output": 1}]}
TAKING: list[tuple[str, dict[str, Any]]] = [
    (EXPORT, {"generations": [items.small("late")]}),
    ("/api/v1/scores:export", {"scores": [{"score_id": "s"}]}),
    ("/api/v1/ingest", EXCHANGE),
    ("/api/v1/ingest/batch", {"exchanges": [EXCHANGE]}),
    ("/api/v1/events", voker.event()),
    ("/api/v1/generations", {"id": "late"}),
    ("/api/v1/workflow-steps:export", {"workflow_steps": [{"id": "late", "step_name": "s"}]}),
    ("/api/v1/conversations/{conversation_id}/ratings", {"rating_id": "r", "rating": "CONVERSATION_RATING_VALUE_GOOD"}),
    (f"{AGENT}/generate", ASKED),
    (f"{AGENT}/generate/{{generation_id}}/tool-outputs", OUTPUTS),
    (f"{SESSION}/messages", {"message": "late"}),
    (f"{SESSION}/generate", ASKED),
    (f"{SESSION}/tool-outputs", OUTPUTS),
]
# What a client says of itself, of its people, of a session and of a run under way is no item, and a fingerprint that is
# refused ends a client for good.
RECORDS = {
    "fingerprints:CreateFingerprint",
    "people:CreatePerson",
    "people:UpdatePerson",
    "agents:CreateAgent",
    "agents:CreateAgentVersion",
    "generations:UpdateGeneration",
    "sessions:CreateSession",
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(None, **REQUIRED, RATE_LIMIT_ITEMS_PER_SECOND=str(RATE)) as started:
        yield started


@pytest.fixture
def admin(service: Service) -> Holder:
    return holder(service)


def post(admin: Holder, body: object) -> Answer:
    return admin.request("POST", KEYS, json.dumps(body).encode())


def made(admin: Holder, **fields: object) -> dict[str, Any]:
    answer = post(admin, {"name": "ci", "role": "member", **fields})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def opens(service: Service, secret: str) -> bool:
    return service.request("GET", "/api/v1/generations", headers={"X-Ingate-Key": secret}).status == 200


@pytest.mark.parametrize("role", ROLES)
def test_a_key_is_shown_once_and_opens_its_tenant(service: Service, admin: Holder, role: str) -> None:
    answer = post(admin, {"name": "ci \u00fc", "role": role})
    assert (answer.status, set(answer.body)) == (201, SHOWN | {"key"})
    assert answer.headers["cache-control"] == "no-store"
    key, secret = answer.body, answer.body["key"]
    assert looks_like_a_key(secret)
    assert secret.startswith(f"sk-{admin.name}-")
    assert secret.endswith(key["hint"])
    assert len(key["hint"]) == 4
    assert (key["name"], key["role"], key["project_id"], key["expires_at"], key["revoked_at"]) == (
        "ci \u00fc",
        role,
        None,
        None,
        None,
    )
    assert TIME.fullmatch(key["created_at"])
    assert opens(service, secret)
    [listed, _first] = admin.listed(50, KEYS)
    assert listed == {name: key[name] for name in SHOWN}


def test_a_key_expires_at_its_moment(service: Service, admin: Holder) -> None:
    at = service.clock.now() + timedelta(hours=2)
    zoned = at.astimezone().isoformat()
    key = made(admin, expires_at=zoned, project_id="p-1")
    assert (key["expires_at"], key["project_id"]) == (format_time(at), "p-1")
    assert opens(service, key["key"])
    service.clock.ahead += timedelta(hours=2)
    assert not opens(service, key["key"])
    assert admin.listed(50, KEYS)[0]["expires_at"] == key["expires_at"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "member"}, "name"),
        ({"name": "", "role": "member"}, "name"),
        ({"name": "  ", "role": "member"}, "name"),
        ({"name": None, "role": "member"}, "name"),
        ({"name": 7, "role": "member"}, "name"),
        ({"name": ["a"], "role": "member"}, "name"),
        ({"name": "a\nb", "role": "member"}, "name"),
        ({"name": LONG + "x", "role": "member"}, "name"),
        ({"name": "\U0001f600" * 121, "role": "member"}, "name"),
        ({"name": "a\ud83d", "role": "member"}, "name"),
        ({"name": "a"}, "role"),
        ({"name": "a", "role": "owner"}, "role"),
        ({"name": "a", "role": "Admin"}, "role"),
        ({"name": "a", "role": 1}, "role"),
        ({"name": "a", "role": "member", "project_id": 3}, "project_id"),
        ({"name": "a", "role": "member", "project_id": LONG + "x"}, "project_id"),
        ({"name": "a", "role": "member", "expires_at": "tomorrow"}, "expires_at"),
        ({"name": "a", "role": "member", "expires_at": 4102444800}, "expires_at"),
        ({"name": "a", "role": "member", "expires_at": "2100-01-01"}, "expires_at"),
        ({"name": "a", "role": "member", "expires_at": "2100-01-01T00:00:00"}, "expires_at"),
        ({"name": "a", "role": "member", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "role": "member", "tenant": "other"}, "tenant"),
        ({"name": "a", "role": "member", "key": "sk-mine"}, "key"),
        ({"name": "a", "role": "member", "y" * 10_000: 1}, "y" * 80),
    ],
)
def test_a_body_that_will_not_do_is_refused_by_field_and_makes_nothing(
    admin: Holder, body: dict[str, Any], field: str
) -> None:
    answer = post(admin, body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")
    assert answer.body["error"]["meta"] == {"field": field}
    assert len(admin.listed(50, KEYS)) == 1


@pytest.mark.parametrize("body", [None, [], "name", 3, [{"name": "a", "role": "member"}]])
def test_a_body_that_is_no_object_is_refused(admin: Holder, body: object) -> None:
    assert (post(admin, body).status, admin.request("POST", KEYS, b"{").status) == (400, 400)


def test_the_longest_names_are_taken(admin: Holder) -> None:
    key = made(admin, name=LONG, project_id="\u00fc" * 240)
    assert (key["name"], key["project_id"]) == (LONG, "\u00fc" * 240)


def test_keys_are_listed_newest_first_page_by_page(admin: Holder) -> None:
    ids = [made(admin)["id"] for _ in range(5)]
    assert sorted(key["id"] for key in admin.listed(2, KEYS)) == sorted([*ids, admin.key.id])
    listed = [key["created_at"] for key in admin.listed(2, KEYS)]
    assert listed == sorted(listed, reverse=True)
    assert admin.get(KEYS, limit=6).body["next_cursor"] is None


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"role": "admin"}, {"cursor": "x" * 3000}]
)
def test_a_query_that_will_not_do_is_refused(admin: Holder, query: dict[str, object]) -> None:
    assert admin.get(KEYS, **query).error_code == "MALFORMED"


def test_another_tenant_s_cursor_is_refused(service: Service, admin: Holder) -> None:
    made(admin)
    cursor = admin.get(KEYS, limit=1).body["next_cursor"]
    assert admin.get(KEYS, cursor=cursor).status == 200
    assert holder(service).get(KEYS, cursor=cursor).error_code == "MALFORMED"


def test_a_revoked_key_stays_listed_and_is_revoked_once(service: Service, admin: Holder) -> None:
    key = made(admin)
    first = admin.request("DELETE", f"{KEYS}/{key['id']}")
    assert first.status == 200
    assert TIME.fullmatch(first.body["revoked_at"])
    service.clock.ahead += timedelta(seconds=5)
    again = admin.request("DELETE", f"{KEYS}/{key['id']}")
    assert (again.status, again.body) == (200, first.body)
    assert admin.listed(50, KEYS)[0] == first.body == {name: key[name] for name in SHOWN} | first.body
    assert not opens(service, key["key"])


@pytest.mark.parametrize("key_id", ["key_", "nothing", "key_" + "0" * 26, "%23K", "k" * 3000, "%00", "a%2Fb"])
def test_a_key_that_is_not_there_is_not_found(admin: Holder, key_id: str) -> None:
    answer = admin.request("DELETE", f"{KEYS}/{key_id}")
    assert (answer.status, answer.error_code) == (404, "NOT_FOUND")


def test_another_tenant_s_key_is_not_found_and_lives_on(service: Service, admin: Holder) -> None:
    key = made(admin)
    assert holder(service).request("DELETE", f"{KEYS}/{key['id']}").status == 404
    assert opens(service, key["key"])
    assert admin.listed(50, KEYS)[0]["revoked_at"] is None


def test_over_the_rate_a_request_is_refused_whole_and_later_taken(service: Service, admin: Holder) -> None:
    accepted = [items.small(f"a-{number}") for number in range(2 * RATE)]
    admin.accept(*accepted[: 2 * RATE - 1])
    refused = admin.post([items.small("late")])
    assert (refused.status, refused.error_code) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert admin.read("late").status == 404
    service.clock.ahead += timedelta(seconds=int(refused.headers["retry-after"]))
    admin.accept(items.small("late"))


@pytest.mark.parametrize(("path", "body"), TAKING)
def test_every_way_in_keeps_to_the_rate(admin: Holder, path: str, body: dict[str, Any]) -> None:
    admin.post([items.small(f"a-{number}") for number in range(10 * RATE)])
    answer = admin.request("POST", path, json.dumps(body).encode())
    assert (answer.status, answer.error_code) == (429, "TOO_MANY_REQUESTS")
    assert admin.read("late").status == 404


def test_every_route_that_takes_items_in_is_in_the_table_above() -> None:
    """Those of a member that change something: a new one needs a line in TAKING, and `call.admit`."""
    of_members = {public(one) for one in OPERATIONS if one.role == "member" and one.action not in RECORDS}
    assert of_members == {path for path, _ in TAKING}


def test_reading_is_not_limited(admin: Holder) -> None:
    admin.post([items.small(f"a-{number}") for number in range(10 * RATE)])
    assert admin.post([items.small("late")]).status == 429
    assert all(admin.get("/api/v1/agents").status == 200 for _ in range(RATE))
