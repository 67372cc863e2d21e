"""Traces over HTTP: whatever way in has named one, it is listed, summed up, and shown as a tree."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import item
from chalicelib.bootstrap import container
from chalicelib.domain.call_tree import MOST_LEVELS
from chalicelib.domain.times import format_time
from chalicelib.services import traces
from chalicelib.services.ports import Entry
from tests.integration.api import items
from tests.integration.api.exchanges import chat
from tests.integration.api.service import Answer, Service, Tenant
from tests.integration.api.test_paths import IDS

pytestmark = pytest.mark.moto

TRACES = "/api/v1/traces"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = {
    *("id", "project_id", "agent_id", "generation_count", "failed_count", "status", "error", "started_at"),
    *("completed_at", "last_activity_at", "created_at", "token_count", "cost_usd", "truncated"),
}


def at(second: float) -> str:
    return format_time(NOON + timedelta(seconds=second))


def call(name: str, start: float, end: float | None = None, **fields: object) -> dict[str, Any]:
    """A generation of trace `t` that took place between these seconds."""
    times = {"started_at": at(start), "completed_at": at(start + 1 if end is None else end)}
    return items.small(name, **{"trace_id": "t", **times, **fields})


def failure(name: str, start: float, message: str = "Provider returned 402: no credit", **fields: object) -> Any:
    return {**call(name, start), **fields, "call_error": message, "output": []}


def trace(tenant: Tenant, trace_id: str = "t") -> dict[str, Any]:
    answer = tenant.get(f"{TRACES}/{quote(trace_id, safe='')}")
    assert answer.status == 200, answer.body
    assert set(answer.body) == KEYS
    return dict(answer.body)


def generations(tenant: Tenant, trace_id: str = "t") -> list[str]:
    answer = tenant.get(f"{TRACES}/{quote(trace_id, safe='')}/generations")
    assert answer.status == 200, answer.body
    assert answer.body == {"trace_id": trace_id, "generation_ids": answer.body["generation_ids"], "truncated": False}
    return list(answer.body["generation_ids"])


def tree(tenant: Tenant, trace_id: str = "t") -> dict[str, Any]:
    answer = tenant.get(f"{TRACES}/{quote(trace_id, safe='')}/tree")
    assert answer.status == 200, answer.body
    assert set(answer.body) == {"trace_id", "roots", "truncated"}
    return dict(answer.body)


def test_a_trace_sums_its_generations_up(service: Service, tenant: Tenant) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 500}
    tenant.accept(call("b", 5, usage=usage, agent_name="later"), call("a", 1, 9, usage=usage, project_id="p"))
    tenant.accept(call("other", 0, trace_id="u"), items.small("none"))
    service.work()
    found, costs = trace(tenant), [tenant.record(name)["cost_usd"] for name in ("a", "b")]
    assert min(costs) > 0
    created_at = tenant.record("b")["created_at"]
    assert found == {
        "id": "t",
        "project_id": "p",
        "agent_id": "tester",
        "generation_count": 2,
        "failed_count": 0,
        "status": "completed",
        "error": None,
        "started_at": at(1),
        "completed_at": at(9),
        "last_activity_at": at(9),
        "created_at": created_at,
        "token_count": 3000,
        "cost_usd": pytest.approx(sum(costs)),
        "truncated": False,
    }
    assert generations(tenant) == ["a", "b"]


def test_a_trace_shows_the_error_of_the_latest_failure(service: Service, tenant: Tenant) -> None:
    long = "Provider returned 500: " + "ä" * 3000
    tenant.accept(failure("first", 1, "first"), failure("latest", 5, long), failure("middle", 3, "middle"))
    service.work()
    assert trace(tenant)["error"] == tenant.record("latest")["error"] == {"message": long}
    assert [trace(tenant)[name] for name in ("status", "failed_count", "completed_at")] == ["failed", 3, at(6)]
    tenant.accept(call("retry", 7))
    service.work()
    assert (trace(tenant)["status"], trace(tenant)["error"]) == ("completed", {"message": long})


def test_a_failure_without_times_has_ended_when_it_came_in(service: Service, tenant: Tenant) -> None:
    tenant.accept(call("earlier", 1), items.failed("g", trace_id="t"))
    service.work()
    record = tenant.record("g")
    found = trace(tenant)
    assert (found["status"], found["error"]) == ("failed", record["error"])
    assert (found["started_at"], found["completed_at"]) == (at(1), record["completed_at"])


@pytest.mark.parametrize("status", ["in_progress", "requires_action"])
def test_what_has_not_ended_keeps_its_trace_open(service: Service, tenant: Tenant, status: str) -> None:
    tenant.accept(call("g", 1), failure("h", 2))
    service.work()
    put(tenant, "open", 3, status=status)
    found = trace(tenant)
    assert (found["status"], found["completed_at"]) == (status, None)
    assert (found["generation_count"], found["error"]) == (3, tenant.record("h")["error"])


def test_generations_are_listed_by_start_then_by_receipt(service: Service, tenant: Tenant) -> None:
    tenant.accept(call("z", 5), call("same", 1))
    tenant.accept(call("y", 5), call("first", 0))
    tenant.accept(call("x", 5))
    service.work()
    assert generations(tenant) == ["first", "same", "z", "y", "x"]
    assert [root["id"] for root in tree(tenant)["roots"]] == ["first", "same", "z", "y", "x"]


def test_every_way_in_names_traces(service: Service, tenant: Tenant) -> None:
    tenant.accept(call("g-1", 1))
    assert tenant.send("POST", "/api/v1/ingest", chat(request_id="g-2", trace_id="t")).status == 202
    service.work()
    assert sorted(generations(tenant)) == ["g-1", "g-2"]
    assert trace(tenant)["generation_count"] == 2


def test_the_lifecycle_document_s_paths_serve_the_same(service: Service, tenant: Tenant) -> None:
    tenant.accept(call("g", 1))
    service.work()
    for path in ("/traces/t", "/traces/t/generations"):
        assert tenant.get(path).body == tenant.get(f"/api/v1{path}").body
        assert tenant.get(path).status == 200


@pytest.mark.parametrize("trace_id", IDS)
def test_an_odd_id_reads_back(service: Service, tenant: Tenant, trace_id: str) -> None:
    tenant.accept(call("g", 1, trace_id=trace_id))
    service.work()
    assert trace(tenant, trace_id)["id"] == trace_id
    assert generations(tenant, trace_id) == ["g"]
    assert tree(tenant, trace_id)["roots"][0]["id"] == "g"
    assert [each["id"] for each in tenant.listed(200, TRACES)] == [trace_id]


@pytest.mark.parametrize("rest", ["", "/generations", "/tree"])
def test_a_trace_that_nothing_names_is_404(service: Service, tenant: Tenant, rest: str) -> None:
    tenant.accept(call("g", 1))
    service.work()
    for name in ("nothing", "x" * 257, "a%00b"):
        answer = tenant.get(f"{TRACES}/{name}{rest}")
        assert (answer.status, answer.error_code) == (404, "NOT_FOUND")
        assert answer.body["error"]["message"] == "trace not found"
    assert service.tenant().get(f"{TRACES}/t{rest}").status == 404
    assert tenant.get(f"{TRACES}/t{rest}", colour="red").error_code == "MALFORMED"


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_traces_are_listed_once_newest_first(service: Service, limit: int) -> None:
    tenant = service.tenant()
    expected = []
    for number in range(4):
        first = call(f"g-{number}", 9 - number, trace_id=f"t-{number}", agent_name=f"a-{number}")
        tenant.accept(first, call(f"h-{number}", 0, trace_id=f"t-{number}"))
        service.work()
        tenant.accept(call(f"later-{number}", 0, trace_id=f"t-{number}"))
        created_at = tenant.record(f"g-{number}")["created_at"]
        named = {"id": f"t-{number}", "agent_id": f"a-{number}", "project_id": "default"}
        expected.append({**named, "created_at": created_at})
    tenant.accept(items.small("of no trace"))
    service.work()
    assert tenant.listed(limit, TRACES) == expected[::-1]
    cursor = tenant.get(TRACES, limit=1).body["next_cursor"]
    assert service.tenant().get(TRACES, cursor=cursor).error_code == "MALFORMED"
    assert tenant.get(TRACES, colour="red").error_code == "MALFORMED"


def put(tenant: Tenant, name: str, second: float, **fields: object) -> None:
    """An entry as a way in will write it that knows of runs which have not ended, and of who started whom."""
    times = {"created_at": at(second), "started_at": at(second), "last_activity_at": at(second)}
    summary = {"id": name, "status": "completed", "model": {}, "usage": {}, "project_id": "default", **times, **fields}
    container().ports.index.put(tenant.name, [Entry(name, at(second), summary, (("trace", "t"),))])


def shape(roots: list[dict[str, Any]]) -> dict[str, Any]:
    return {root["id"]: shape(root["children"]) for root in roots}


def test_a_tree_nests_what_started_what(tenant: Tenant) -> None:
    put(tenant, "root", 1, agent_name="planner", status="failed")
    for name, initiator in (("left", "root"), ("right", "root"), ("leaf", "left"), ("lost", "gone")):
        put(tenant, name, 2, initiator_generation_id=initiator)
    put(tenant, "one", 3, initiator_generation_id="two")
    put(tenant, "two", 3, initiator_generation_id="one")
    found = tree(tenant)
    assert shape(found["roots"]) == {"root": {"left": {"leaf": {}}, "right": {}}, "lost": {}, "one": {"two": {}}}
    first = {name: value for name, value in found["roots"][0].items() if name != "children"}
    assert first == {"id": "root", "agent_name": "planner", "status": "failed", "initiator_generation_id": None}
    assert (found["trace_id"], found["truncated"]) == ("t", False)


def test_a_line_of_many_is_answered_whole(tenant: Tenant) -> None:
    for number in range(3 * MOST_LEVELS):
        put(tenant, f"g-{number}", number, initiator_generation_id=f"g-{number - 1}")
    level, nodes, levels = tree(tenant)["roots"], 0, 0
    while level:
        nodes, levels = nodes + len(level), levels + 1
        level = [child for node in level for child in node["children"]]
    assert (nodes, levels) == (3 * MOST_LEVELS, MOST_LEVELS)


def test_of_more_than_are_looked_at_the_newest_are_shown(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MOST_GENERATIONS", 3)
    monkeypatch.setattr(traces, "READ_AT_ONCE", 2)
    for number in range(3):
        put(tenant, f"g-{number}", number)
    assert (trace(tenant)["truncated"], tree(tenant)["truncated"], generations(tenant)[0]) == (False, False, "g-0")
    put(tenant, "g-3", 3)
    found = trace(tenant)
    assert (found["generation_count"], found["started_at"], found["truncated"]) == (3, at(1), True)
    listed: Answer = tenant.get(f"{TRACES}/t/generations")
    assert listed.body == {"trace_id": "t", "generation_ids": ["g-1", "g-2", "g-3"], "truncated": True}
    assert (shape(tree(tenant)["roots"]), tree(tenant)["truncated"]) == ({"g-1": {}, "g-2": {}, "g-3": {}}, True)


def test_a_tree_ends_before_it_is_too_large(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "RESPONSE_BYTES", 1000)
    for number in range(20):
        put(tenant, f"g-{number}", number, agent_name="ä" * 50)
    answer = tenant.get(f"{TRACES}/t/tree")
    shown = list(shape(answer.body["roots"]))
    assert answer.body["truncated"] is True
    assert shown == [f"g-{number}" for number in range(len(shown))]
    assert 0 < len(shown) < 20
    assert answer.size < 1100


def test_an_entry_that_is_just_being_written_costs_itself_only(tenant: Tenant) -> None:
    put(tenant, "there", 1)
    row = keys.list_row(tenant.name, "trace", "t", (at(1), "late"))
    boto3.client("dynamodb").put_item(TableName="catchment", Item=item(row, {}))
    assert generations(tenant) == ["late", "there"]
    assert (trace(tenant)["generation_count"], shape(tree(tenant)["roots"])) == (2, {"there": {}})
