"""The life of generations in one process: exported, pending, processed by the worker, read and counted once each."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.generation import Tool
from chalicelib.domain.resource import PAYLOAD_KEYS
from tests.integration.api import items
from tests.integration.api.faults import failing
from tests.integration.api.service import ROOT, Service, Tenant, message, running

pytestmark = pytest.mark.moto

DUE = timedelta(seconds=61)
WRITER_GONE = timedelta(minutes=6)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", INDEXED_TAGS="env") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Iterator[Tenant]:
    """A new tenant, and nothing of others in the queue or the outbox, neither before nor after."""
    yield service.tenant()
    service.clock.ahead += WRITER_GONE
    service.resend()
    service.work()


def counted(tenant: Tenant, agent_name: str = "tester") -> int:
    """How many generations the catalog counts for an agent."""
    answer = tenant.get(f"/api/v1/agents/{agent_name}")
    assert answer.status in {200, 404}
    return int(answer.body["generation_count"]) if answer.status == 200 else 0


def test_a_generation_is_taken_in_read_at_once_processed_and_listed(service: Service, tenant: Tenant) -> None:
    refused, accepted = tenant.export({**items.complete("bad"), "model": {"name": "m"}}, items.complete("g-1"))
    assert refused == {"generation_id": "bad", "accepted": False, "error": "generation.model.provider is required"}
    assert accepted == {"generation_id": "g-1", "accepted": True, "error": ""}
    expected = items.complete_record("g-1", tenant.name)

    pending = tenant.record("g-1")
    assert pending == pending | expected
    assert pending["processing"] == {"state": "pending", "extraction": "not_applicable"}
    assert (pending["effective_version"], pending["cost_usd"]) == (None, None)
    assert tenant.listed_ids() == []
    assert tenant.read("bad").status == 404

    service.work()
    processed = tenant.record("g-1")
    assert processed == processed | expected
    assert set(processed) == set(pending)
    assert processed["processing"] == {"state": "processed", "extraction": "not_applicable"}
    tools = [Tool(**tool) for tool in items.complete("g-1")["tools"]]
    assert processed["effective_version"] == effective_version("Answer <briefly> & kindly.", tools)
    # Anthropic counts its cache apart: 1000 at 3 $, 60 at 0.30 $, 40 at 3.75 $ and 400 at 15 $ per million tokens.
    assert processed["cost_usd"] == pytest.approx(0.009168)
    assert processed["created_at"] == pending["created_at"] <= processed["updated_at"]

    summary = {key: value for key, value in processed.items() if key not in PAYLOAD_KEYS}
    assert tenant.read("g-1", fields="summary").body == summary
    assert tenant.get("/api/v1/generations").body == {"items": [summary], "next_cursor": None}
    assert tenant.get("/api/v1/generations", fields="full").body["items"] == [processed]


def test_an_export_of_nothing_is_accepted(tenant: Tenant) -> None:
    assert tenant.export() == []
    assert tenant.request("POST", "/api/v1/generations:export", b"{}").body == {"results": []}


def test_a_failed_generation_reads_back_with_its_error(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.failed("g-1"))
    service.work()
    record = tenant.record("g-1")
    assert (record["status"], record["stop_reason"]) == ("failed", "error")
    assert record["error"] == {"message": "Provider returned 402: no credit"}
    assert record["completed_at"] == record["created_at"]


def test_an_effective_version_that_was_sent_wins_over_the_computed_one(service: Service, tenant: Tenant) -> None:
    sent = "sha256:" + "0a" * 32
    tenant.accept(items.small("g-1", effective_version=sent))
    service.work()
    assert tenant.record("g-1")["effective_version"] == sent
    assert tenant.listed_ids(effective_version=sent) == ["g-1"]


@pytest.mark.parametrize("between", ["pending", "processed"])
def test_the_same_generation_again_changes_nothing(service: Service, tenant: Tenant, between: str) -> None:
    tenant.accept(items.complete("g-1"))
    if between == "processed":
        service.work()
    before = tenant.record("g-1")
    again = items.complete("g-1")
    again["startedAt"] = again.pop("started_at")  # another spelling of the same content
    again["completed_at"] = "2026-03-01T10:00:02.000000Z"
    tenant.accept(again)
    assert tenant.record("g-1") == before
    service.work()
    assert len(tenant.listed_ids()) == counted(tenant, "planner") == 1


def test_an_id_that_stands_is_never_overwritten(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-1"))
    conflict = {"generation_id": "g-1", "accepted": False, "error": "generation already exists"}
    other = items.small("g-1", system_prompt="something else")
    assert tenant.export(other) == [conflict]
    service.work()
    assert tenant.export(other) == [conflict]
    service.work()
    assert tenant.record("g-1")["system_prompt"] is None
    assert (tenant.listed_ids(), counted(tenant)) == (["g-1"], 1)


def test_duplicates_in_one_batch_are_judged_against_the_first(service: Service, tenant: Tenant) -> None:
    results = tenant.export(
        items.small("g-1"),
        items.small("g-1"),
        items.small("g-2"),
        items.small("g-1", stop_reason="other"),
        items.small("g-1"),
    )
    assert [result["error"] for result in results] == ["", "", "", "generation already exists", ""]
    service.work()
    assert (sorted(tenant.listed_ids()), counted(tenant)) == (["g-1", "g-2"], 2)


def test_two_tenants_may_use_one_id(service: Service, tenant: Tenant) -> None:
    other = service.tenant()
    tenant.accept(items.small("g-1", stop_reason="mine"))
    other.accept(items.small("g-1", stop_reason="theirs"))
    service.work()
    assert tenant.record("g-1")["stop_reason"] == "mine"
    assert other.record("g-1")["stop_reason"] == "theirs"
    assert (counted(tenant), counted(other)) == (1, 1)


def test_a_message_delivered_again_and_again_counts_once(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-1"), items.small("g-2", agent_version="2"))
    messages = service.messages()
    for _ in range(3):
        assert service.deliver(messages) == []
    twice = [{**each, "MessageId": f"{each['MessageId']}-copy"} for each in messages] + messages
    assert service.deliver(twice) == []
    [version] = tenant.listed(200, "/api/v1/agents:versions", name="tester")
    assert (counted(tenant), version["generation_count"]) == (2, 2)
    assert [each["generation_count"] for each in version["models"]] == [2]
    assert [each["generation_count"] for each in version["declared_versions"]] == [1]
    assert sorted(tenant.listed_ids()) == ["g-1", "g-2"]


@pytest.mark.parametrize("poison", ["", "{", "[]", "null", '{"v": 99}', '{"v": 1}', "\u2028"])
def test_one_poison_message_comes_back_alone(service: Service, tenant: Tenant, poison: str) -> None:
    good: list[Any] = []
    for number in range(3):
        tenant.accept(items.small(f"g-{number}"))
        good += service.messages()
    bad = message(poison)
    assert service.deliver([good[0], bad, *good[1:]]) == [bad]
    assert sorted(tenant.listed_ids()) == ["g-0", "g-1", "g-2"]


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem", "TransactWriteItems", "UpdateItem"])
def test_a_message_that_meets_a_fault_comes_back_and_then_succeeds(
    service: Service, tenant: Tenant, operation: str
) -> None:
    tenant.accept(items.small("g-1"), items.small("g-2"))
    messages = service.messages()
    with failing("dynamodb", operation) as failed:
        assert service.deliver(messages) == messages
    assert failed
    assert tenant.record("g-1")["processing"]["state"] in {"pending", "processed"}
    assert service.deliver(messages) == []
    assert tenant.record("g-1")["processing"]["state"] == "processed"
    assert (sorted(tenant.listed_ids()), counted(tenant)) == (["g-1", "g-2"], 2)


def test_a_message_for_what_was_never_stored_is_done_with(service: Service, tenant: Tenant) -> None:
    body = {
        "v": 1,
        "tenant": tenant.name,
        "owner": "0" * 26,
        "refs": [["ghost", "0" * 64]],
        "received_ms": 1,
        "correlation_id": "c",
        "final": True,
    }
    assert service.deliver([message(json.dumps(body))]) == []
    assert (tenant.read("ghost").status, tenant.listed_ids()) == (404, [])


def test_a_queue_that_is_down_costs_nothing_but_a_503(service: Service, tenant: Tenant) -> None:
    """What was stored waits in the outbox; the schedule delivers it; the client's retry adds nothing."""
    batch = [items.small(f"g-{number}") for number in range(5)]
    with failing("sqs", "SendMessageBatch"):
        answer = tenant.post(batch)
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) >= 1
    service.resend()
    assert service.messages() == []  # not due yet: the request might still be at work

    tenant.accept(*batch)
    service.clock.ahead += DUE
    service.resend()
    service.work()
    assert sorted(tenant.listed_ids()) == [item["id"] for item in batch]
    assert counted(tenant) == len(batch)
    service.clock.ahead += WRITER_GONE
    service.resend()
    service.work()
    assert counted(tenant) == len(batch)
    service.clock.ahead += WRITER_GONE
    service.resend()
    assert service.messages() == []  # the outbox is empty


def test_a_message_that_got_lost_behind_a_dead_writer_is_sent_by_the_schedule(service: Service, tenant: Tenant) -> None:
    """The queue is down for the request and for the first run of the schedule; nobody sends the request again."""
    with failing("sqs", "SendMessageBatch"):
        assert tenant.post([items.small("g-1")]).status == 503
        service.clock.ahead += DUE
        service.resend()
    assert tenant.record("g-1")["processing"]["state"] == "pending"
    service.clock.ahead += WRITER_GONE
    service.resend()
    service.work()
    assert tenant.record("g-1")["processing"]["state"] == "processed"
    assert (tenant.listed_ids(), counted(tenant)) == (["g-1"], 1)


def test_the_app_loads_no_aws_library_before_it_is_asked() -> None:
    """Cold starts, and packaging without credentials."""
    names = '("boto3", "botocore", "genai_prices", "aws_xray_sdk")'
    code = f"import sys, app; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
