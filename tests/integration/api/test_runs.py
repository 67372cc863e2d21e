"""Runs over HTTP: opened, moved, abandoned, purged."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.api import items
from tests.integration.api.service import Answer, Service, Tenant, running

pytestmark = pytest.mark.moto

RUNS = "/api/v1/generations"
BODY: dict[str, Any] = {"model": {"provider": "openai", "name": "gpt-4o-mini"}, "input": ["hi"], "tags": {"a": "1"}}
FAILED = {"status": "failed", "error": {"message": "broken", "code": "MINE", "meta": {"n": 1}}}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", PAYLOAD_INLINE_BYTES="1000") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


def opened(tenant: Tenant, generation_id: str = "run", **fields: object) -> dict[str, Any]:
    answer = tenant.send("POST", RUNS, {**BODY, "id": generation_id, **fields})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def move(tenant: Tenant, body: object, generation_id: str = "run") -> Answer:
    return tenant.send("PATCH", f"{RUNS}/{generation_id}", body)


def moved(tenant: Tenant, body: object, generation_id: str = "run") -> dict[str, Any]:
    answer = move(tenant, body, generation_id)
    assert answer.status == 200, answer.body
    assert answer.body == tenant.record(generation_id)
    return dict(answer.body)


def pass_time(service: Service, seconds: int) -> None:
    service.clock.ahead += timedelta(seconds=seconds)
    service.resend()
    service.work()


def test_a_record_is_there_before_anything_has_happened(tenant: Tenant) -> None:
    answer = tenant.send("POST", RUNS, {"initiator_generation_id": "parent"})
    run = answer.body
    assert answer.status == 201
    assert re.fullmatch(r"gen_[0-9a-zA-Z]{16}", run["id"])
    assert re.fullmatch(r"trace_[0-9a-zA-Z]{16}", run["trace_id"])
    assert (run["source"], run["status"], run["agent_id"], run["project_id"]) == (
        "lifecycle",
        "in_progress",
        "default",
        "default",
    )
    assert (run["initiator_generation_id"], run["last_activity_at"]) == ("parent", run["created_at"])
    assert run == tenant.record(run["id"])


def test_the_idempotency_key_is_the_id_and_the_same_again_is_the_same_record(tenant: Tenant) -> None:
    first = tenant.send("POST", RUNS, BODY, idempotency_key="mine")
    again = tenant.send("POST", RUNS, BODY, idempotency_key="mine")
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert first.body["id"] == "mine"
    other = tenant.send("POST", RUNS, {**BODY, "agent_name": "x"}, idempotency_key="mine")
    assert (other.status, other.body["error"]["message"]) == (409, "generation already exists")


def test_a_run_goes_its_way(service: Service, tenant: Tenant) -> None:
    opened(tenant, depends_on=["p"])
    call = {"id": "c", "name": "f", "input_json": '{"a": 1}'}
    asked = moved(tenant, {"status": "requires_action", "tool_calls": [call]})
    assert asked["output"] == [{"role": "assistant", "parts": [{"tool_call": call}]}]
    service.work()
    assert tenant.listed_ids(status="requires_action") == ["run"]
    moved(tenant, {"status": "in_progress", "tool_outputs": [{"tool_call_id": "c", "content": "42"}]})
    end = {
        "status": "completed",
        "output": "It is 42.",
        "usage": {"input_tokens": 10, "output_tokens": 5},
        "stop_reason": "stop",
        "tags": {"b": "2"},
        "metadata": {"m": 1},
        "depends_on": ["q"],
        "response_model": "gpt-4o-mini",
    }
    ended = moved(tenant, end)
    assert [message["role"] for message in ended["output"]] == ["assistant", "tool", "assistant"]
    assert (ended["completion"], ended["token_count"], ended["stop_reason"]) == ("It is 42.", 15, "stop")
    assert (ended["tags"], ended["metadata"], ended["depends_on"]) == ({"a": "1", "b": "2"}, {"m": 1}, ["p", "q"])
    service.work()
    [listed] = tenant.listed(status="completed")
    record = tenant.record("run")
    assert {name: record[name] for name in listed} == listed
    assert record["cost_usd"] > 0
    assert record["processing"]["state"] == "processed"
    [full] = tenant.listed(fields="full")
    assert full["output"] == ended["output"]
    assert [tenant.listed_ids(status=status) for status in ("in_progress", "requires_action", "failed")] == [[], [], []]
    dependents = tenant.get(f"{RUNS}/q/dependents")
    assert dependents.status == 404
    assert moved(tenant, end) == record
    assert moved(tenant, {}) == record
    for refused in ({**end, "output": "41"}, {"status": "in_progress"}, FAILED, {"tags": {"c": "3"}}):
        answer = move(tenant, refused)
        assert (answer.status, answer.body["error"]["meta"]) == (409, {"status": "completed"})
    assert tenant.record("run") == record


def test_a_heartbeat_moves_nothing_but_the_last_activity(service: Service, tenant: Tenant) -> None:
    before = opened(tenant)
    service.clock.ahead += timedelta(seconds=1)
    after = moved(tenant, {})
    assert after.pop("last_activity_at") > before.pop("last_activity_at")
    assert after == before


def test_a_failed_run_flags_what_consumed_it(service: Service, tenant: Tenant) -> None:
    opened(tenant)
    failed = moved(tenant, FAILED)
    assert (failed["stop_reason"], failed["error"]) == ("error", FAILED["error"])
    assert failed["completed_at"]
    tenant.accept(items.small("child", depends_on=["run"]))
    service.work()
    assert tenant.record("child")["flagged"]
    assert tenant.listed_ids(error_code="MINE") == ["run"]


@pytest.mark.parametrize("late", ["completed", "failed"])
def test_an_abandoned_run_fails_and_its_real_end_lands(service: Service, tenant: Tenant, late: str) -> None:
    opened(tenant)
    tenant.accept(items.small("child", depends_on=["run"]))
    service.work()
    pass_time(service, 3000)
    moved(tenant, {})
    pass_time(service, 3000)
    assert tenant.record("run")["status"] == "in_progress"
    pass_time(service, 700)
    lost = tenant.record("run")
    assert (lost["status"], lost["error"]["code"], lost["stop_reason"]) == ("failed", "RUN_ABANDONED", "error")
    assert lost["completed_at"] > lost["last_activity_at"]
    assert tenant.listed_ids(status="failed") == ["run"]
    assert tenant.record("child")["flagged"]
    found = moved(tenant, {**FAILED, "status": late} if late == "failed" else {"status": late, "output": "late"})
    service.work()
    assert found["completed_at"] > lost["completed_at"]
    assert (found["error"] or {}).get("code") == ("MINE" if late == "failed" else None)
    assert tenant.record("child")["flagged"] == (late == "failed")
    assert tenant.listed_ids(status="failed") == (["run"] if late == "failed" else [])
    assert move(tenant, {"status": late, **({"error": {"message": "x"}} if late == "failed" else {})}).status == 409


def test_a_run_that_waits_for_action_has_seven_days(service: Service, tenant: Tenant) -> None:
    opened(tenant)
    moved(tenant, {"status": "requires_action"})
    service.work()
    pass_time(service, 7 * 86_400 - 60)
    assert tenant.record("run")["status"] == "requires_action"
    moved(tenant, {"status": "in_progress"})
    service.work()
    pass_time(service, 3700)
    assert tenant.record("run")["error"]["code"] == "RUN_ABANDONED"


def test_a_move_is_redacted_like_anything_else(service: Service, tenant: Tenant) -> None:
    opened(tenant)
    secret = "Bearer sk-ant-api03-" + "a1B2" * 23
    moved(tenant, {"status": "completed", "metadata": {"headers": {"authorization": secret}}})
    service.work()
    assert secret not in str(tenant.record("run"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], None),
        ({"status": "done"}, "status"),
        ({"status": "failed"}, "error"),
        ({"status": "failed", "error": {"message": " "}}, "error"),
        ({"status": "failed", "error": "x"}, "error"),
        ({"status": "failed", "error": {"message": "x", "more": 1}}, "error"),
        ({"status": "completed", "error": {"message": "x"}}, "error"),
        ({"error": {"message": "x"}}, "error"),
        ({"completed_at": "2026-01-01T00:00:00Z"}, "completed_at"),
        ({"status": "completed", "completed_at": "today"}, "completed_at"),
        ({"agent_name": "other"}, "agent_name"),
        ({"id": "other"}, "id"),
        ({"nobody_knows": 1}, "nobody_knows"),
        ({"call_error": "x"}, "call_error"),
        ({"tool_calls": [1]}, "tool_calls"),
        ({"tags": {str(number): "x" for number in range(64)}}, "tags"),
        ({"depends_on": [f"d{number}" for number in range(1_000)]}, "depends_on"),
    ],
)
def test_a_move_that_will_not_do_is_refused_by_field_and_changes_nothing(
    tenant: Tenant, body: Any, field: str | None
) -> None:
    before = opened(tenant, depends_on=["p"])
    answer = move(tenant, body)
    assert (answer.status, answer.error_code, answer.body["error"]["meta"].get("field")) == (400, "MALFORMED", field)
    assert tenant.record("run") == before


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"status": "completed"},
        {"call_error": "x"},
        {"completed_at": "2026-01-01T00:00:00Z"},
        {"timestamps": {"end": "2026-01-01T00:00:00Z"}},
        {"id": 7},
        {"input": 7},
        {"initiator_generation_id": ["x"]},
    ],
)
def test_an_opening_that_will_not_do_is_refused(tenant: Tenant, body: Any) -> None:
    answer = tenant.send("POST", RUNS, body, idempotency_key="run")
    assert (answer.status, answer.error_code) == (400, "MALFORMED")
    assert tenant.read("run").status == 404


def test_only_a_run_moves(tenant: Tenant) -> None:
    tenant.accept(items.small("sent"))
    assert move(tenant, {}, "sent").status == 409
    assert move(tenant, {}, "nobody").status == 404
