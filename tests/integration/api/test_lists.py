"""Lists: every filter alone and together, pages without gaps or repeats, cursors that are good for one list only."""

import base64
import json
from typing import Any

import pytest

from chalicelib.domain.effective_version import effective_version
from tests.integration.api import items
from tests.integration.api.service import Service, Tenant

pytestmark = pytest.mark.moto

PATH = "/api/v1/generations"
TOTAL = 24
TERSE = effective_version("Be terse.", [])


def generation(number: int) -> dict[str, Any]:
    """Numbers fall into two, three or four groups per field; two at a time have the same start."""
    fields = {
        "agent_name": f"agent-{number % 3}",
        "conversation_id": f"conv {number % 4}",
        "trace_id": f"trace/{number % 2}",
        "session_id": f"sess#{number % 3}",
        "person_id": f"ada+{number % 4}@example.org",
        "model": {"provider": ("openai", "anthropic")[number % 2], "name": f"model-{number % 3}"},
        "tags": {"env": ("prod", "test")[number % 2], "free": f"v{number % 4}"},
        "started_at": f"2026-03-01T10:{number // 2:02}:00Z",
        "call_error": "boom" if number % 6 == 0 else "",
        "system_prompt": "Be terse." if number % 4 == 1 else "",
    }
    return items.small(f"g-{number:02}", **fields)


@pytest.fixture(scope="module")
def filled(service: Service) -> Tenant:
    """A tenant with 24 processed generations; another tenant has the same ones."""
    tenants = [service.tenant("filled"), service.tenant("foreign")]
    for tenant in tenants:
        tenant.accept(*(generation(number) for number in range(TOTAL)))
    service.work()
    return tenants[0]


def ids(*numbers: int) -> list[str]:
    """Newest first: by time, then by id."""
    return [f"g-{number:02}" for number in sorted(numbers, reverse=True)]


def matching(**query: str) -> list[str]:
    """What a list is to hold, worked out from what was sent."""
    return ids(*(number for number in range(TOTAL) if all(_holds(number, *each) for each in query.items())))


def _holds(number: int, name: str, value: str) -> bool:
    sent = generation(number)
    facts = {
        **sent,
        "model": sent["model"]["name"],
        "provider": sent["model"]["provider"],
        "status": "failed" if sent["call_error"] else "completed",
        "source": "sigil",
        "effective_version": effective_version(sent["system_prompt"], []),
        "tag.env": sent["tags"]["env"],
        "tag.free": sent["tags"]["free"],
    }
    return bool(facts.get(name) == value)


FILTERS = [
    ("agent_name", "agent-1"),
    ("effective_version", TERSE),
    ("conversation_id", "conv 3"),
    ("trace_id", "trace/1"),
    ("session_id", "sess#2"),
    ("person_id", "ada+1@example.org"),
    ("status", "failed"),
    ("status", "completed"),
    ("source", "sigil"),
    ("model", "model-2"),
    ("provider", "anthropic"),
    ("tag.env", "prod"),
    ("tag.free", "v3"),
]


@pytest.mark.parametrize(("name", "value"), FILTERS)
def test_a_filter_gives_all_that_match_and_nothing_else(filled: Tenant, name: str, value: str) -> None:
    expected = matching(**{name: value})
    assert 0 < len(expected) <= TOTAL
    assert filled.listed_ids(**{name: value}) == expected
    assert filled.listed_ids(3, **{name: value}) == expected


@pytest.mark.parametrize("first", range(len(FILTERS)))
def test_filters_hold_together(filled: Tenant, first: int) -> None:
    """Each filter with each other one, so that every list serves with further conditions."""
    for name, value in FILTERS[first + 1 :]:
        query = {**dict([FILTERS[first]]), name: value}
        assert filled.listed_ids(7, **query) == matching(**query), query


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, "nobody")
            for name in ("agent_name", "conversation_id", "trace_id", "session_id", "person_id", "model")
        ),
        ("effective_version", "sha256:" + "0" * 64),
        ("source", "voker"),
        ("status", "in_progress"),
        ("tag.env", "nowhere"),
        ("tag.nothing", "x"),
        ("error_code", "AI_PROVIDER_ERROR"),
        ("initiator_generation_id", "g-01"),
    ],
)
def test_a_filter_that_nothing_matches_gives_an_empty_list(filled: Tenant, name: str, value: str) -> None:
    assert filled.get(PATH, **{name: value}).body == {"items": [], "next_cursor": None}


def test_since_and_until_are_inclusive_and_in_any_zone(filled: Tenant) -> None:
    assert filled.listed_ids(since="2026-03-01T10:05:00Z", until="2026-03-01T10:07:00Z") == ids(*range(10, 16))
    assert filled.listed_ids(since="2026-03-01T12:10:00+02:00") == ids(*range(20, 24))
    assert filled.listed_ids(until="2026-03-01T10:00:59.999Z") == ids(0, 1)
    assert filled.listed_ids(
        2, since="2026-03-01T10:05:00Z", until="2026-03-01T10:07:00Z", agent_name="agent-1"
    ) == ids(10, 13)
    assert filled.listed_ids(since="2026-03-01T10:07:00Z", until="2026-03-01T10:05:00Z") == []


def test_without_a_start_the_receipt_says_where_a_generation_stands(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("old", started_at="2020-01-01T00:00:00Z"), items.small("now"))
    service.work()
    assert tenant.listed_ids() == ["now", "old"]
    assert tenant.listed_ids(since="2026-01-01T00:00:00Z") == ["now"]


@pytest.mark.parametrize("query", [{}, {"agent_name": "agent-0"}, {"model": "model-1"}])
@pytest.mark.parametrize("limit", [1, 2, 5, 23, 24, 25])
def test_pages_of_any_size_leave_no_gap_and_repeat_nothing(filled: Tenant, limit: int, query: dict[str, str]) -> None:
    assert filled.listed_ids(limit, **query) == matching(**query)


def test_a_page_keeps_its_place_while_newer_generations_come(service: Service, tenant: Tenant) -> None:
    tenant.accept(*(generation(number) for number in range(8)))
    service.work()
    first = tenant.get(PATH, limit=3).body
    tenant.accept(*(generation(number) for number in range(8, 16)))
    service.work()
    rest = tenant.get(PATH, limit=200, cursor=first["next_cursor"]).body
    assert [item["id"] for item in first["items"] + rest["items"]] == ids(*range(8))


def cursor_of(tenant: Tenant, **query: object) -> str:
    """The cursor behind the first two items."""
    return str(tenant.get(PATH, limit=2, **query).body["next_cursor"])


@pytest.mark.parametrize(
    ("made_with", "used_with"),
    [
        ({}, {"agent_name": "agent-1"}),
        ({"agent_name": "agent-1"}, {}),
        ({"agent_name": "agent-1"}, {"agent_name": "agent-2"}),
        ({"tag.env": "prod"}, {"tag.env": "test"}),
        ({"tag.env": "prod"}, {"tag.free": "prod"}),
        ({"since": "2026-01-01T00:00:00Z"}, {"since": "2026-01-02T00:00:00Z"}),
        ({"since": "2026-01-01T00:00:00Z"}, {"until": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_cursor_is_refused_by_another_list(
    filled: Tenant, made_with: dict[str, str], used_with: dict[str, str]
) -> None:
    cursor = cursor_of(filled, **made_with)
    assert filled.get(PATH, cursor=cursor, **made_with).status == 200
    refused = filled.get(PATH, cursor=cursor, **used_with)
    assert (refused.status, refused.error_code) == (400, "MALFORMED")
    assert refused.body["error"]["meta"] == {"parameter": "cursor"}


def test_a_cursor_is_refused_for_another_tenant_and_on_another_route(service: Service, filled: Tenant) -> None:
    cursor = cursor_of(filled)
    assert service.tenant("foreign").get(PATH, cursor=cursor).status == 400
    assert filled.get("/api/v1/agents", cursor=cursor).status == 400
    assert filled.get("/api/v1/agents:versions", name="agent-1", cursor=cursor).status == 400


def test_the_limit_and_the_fields_may_change_from_page_to_page(filled: Tenant) -> None:
    cursor = cursor_of(filled)
    answer = filled.get(PATH, cursor=cursor, limit=1, fields="full")
    assert [item["id"] for item in answer.body["items"]] == ids(21)


def test_an_altered_cursor_is_refused(filled: Tenant) -> None:
    """Each of its characters, changed one at a time; and the position inside, moved."""
    cursor = cursor_of(filled)
    for place, character in enumerate(cursor):
        altered = cursor[:place] + ("A" if character != "A" else "B") + cursor[place + 1 :]
        if base64.urlsafe_b64decode(altered + "==") != base64.urlsafe_b64decode(cursor + "=="):
            assert filled.get(PATH, cursor=altered).status == 400, place
    position, checksum = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    moved = json.dumps([[position[0], "g-01"], checksum]).encode()
    assert filled.get(PATH, cursor=base64.urlsafe_b64encode(moved).decode()).status == 400


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!",
        "e30",
        "W10",
        "W1tdLCAieCJd",
        "bnVsbA",
        "MQ",
        "W1tbXV0sWzFdXQ",
        "A" * 3000,
        "=",
        "ü",
        "\x00",
        "W" * 2000,
    ],
)
def test_what_is_no_cursor_is_refused(filled: Tenant, cursor: str) -> None:
    assert filled.get(PATH, cursor=cursor).status == 400


def test_a_cursor_stays_short_even_behind_the_longest_id(service: Service, tenant: Tenant) -> None:
    long = ["\u00fc" * 240, "\u00e4" * 240, '"' * 256, "\\" * 256]
    tenant.accept(*(items.small(each) for each in long))
    service.work()
    assert sorted(tenant.listed_ids(1)) == sorted(long)
    cursor = tenant.get(PATH, limit=1).body["next_cursor"]
    assert len(cursor) < 2048
