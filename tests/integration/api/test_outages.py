"""When AWS fails: the client is told to try again, learns nothing of the inside, and a retry makes everything right."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.api import faults, items
from tests.integration.api.faults import failing
from tests.integration.api.service import Answer, Service, Tenant, running

pytestmark = pytest.mark.moto

NUMBER = 5
READS = [
    "/api/v1/generations",
    "/api/v1/generations/g-0",
    "/api/v1/generations?status=failed",
    "/api/v1/agents",
    "/api/v1/agents/tester",
    "/api/v1/agents:lookup?name=tester",
    "/api/v1/agents:versions?name=tester",
]
# Where an export of five new generations can break: the operation, and how many calls of it go through before.
BREAKS = [
    ("dynamodb", "BatchWriteItem", 0),  # the outbox row
    ("dynamodb", "BatchWriteItem", 1),  # the payloads
    ("dynamodb", "PutItem", 0),  # every head
    ("dynamodb", "PutItem", 1),  # all heads but one
    ("dynamodb", "PutItem", 4),  # one head
    ("sqs", "SendMessageBatch", 0),  # the message
]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", PAYLOAD_INLINE_BYTES="4096") as started:
        yield started


def batch() -> list[dict[str, Any]]:
    """Five generations in a batch."""
    return [items.small(f"g-{number}") for number in range(NUMBER)]


def assert_told_to_try_again(answer: Answer) -> None:
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) >= 1
    for inside in ("catchment in account", "123456789012", "dynamodb", "Exception", "Traceback"):
        assert inside not in str(answer.body)


def assert_each_is_there_once(service: Service, tenant: Tenant) -> None:
    for _ in range(2):
        service.clock.ahead += timedelta(minutes=6)
        service.resend()
        service.work()
    ids = [item["id"] for item in batch()]
    assert sorted(tenant.listed_ids(2)) == ids
    assert [tenant.record(each)["processing"]["state"] for each in ids] == ["processed"] * NUMBER
    assert tenant.get("/api/v1/agents/tester").body["generation_count"] == NUMBER


@pytest.mark.parametrize(
    ("aws", "operation", "after", "kind"),
    [*((*each, "throttled") for each in BREAKS), *((*BREAKS[3], kind) for kind in faults.KINDS[1:])],
)
def test_an_export_that_breaks_anywhere_is_made_whole_by_a_retry(
    service: Service, tenant: Tenant, aws: str, operation: str, after: int, kind: str
) -> None:
    with failing(aws, operation, kind, after=after) as failed:
        answer = tenant.post(batch())
    assert failed
    assert_told_to_try_again(answer)
    tenant.accept(*batch())
    assert_each_is_there_once(service, tenant)


@pytest.mark.parametrize(("aws", "operation", "after"), BREAKS)
def test_a_retry_after_the_schedule_has_run_adds_nothing(
    service: Service, tenant: Tenant, aws: str, operation: str, after: int
) -> None:
    """The writer counts as dead and what it left is cleared or processed before the client comes again."""
    with failing(aws, operation, after=after):
        assert tenant.post(batch()).status == 503
    service.clock.ahead += timedelta(minutes=6)
    service.resend()
    service.work()
    tenant.accept(*batch())
    assert_each_is_there_once(service, tenant)


def test_an_outbox_row_that_cannot_be_deleted_costs_a_second_message_and_nothing_else(
    service: Service, tenant: Tenant
) -> None:
    with failing("dynamodb", "BatchWriteItem", after=2) as failed:
        tenant.accept(*batch())
    assert failed
    service.work()
    assert_each_is_there_once(service, tenant)


def test_object_storage_that_is_down_refuses_what_needs_it_and_a_retry_stores_it(
    service: Service, tenant: Tenant
) -> None:
    large = items.small("large", system_prompt="".join(chr(0x4E00 + place * 7919 % 20000) for place in range(5000)))
    with failing("s3", "PutObject"):
        assert_told_to_try_again(tenant.post([large]))
    tenant.accept(large)
    with failing("s3", "GetObject"):
        assert_told_to_try_again(tenant.read("large"))
        messages = service.messages()
        assert service.deliver(messages) == messages
    assert service.deliver(messages) == []
    record = tenant.record("large")
    assert (record["system_prompt"], record["processing"]["state"]) == (large["system_prompt"], "processed")


@pytest.mark.parametrize("kind", faults.KINDS)
@pytest.mark.parametrize("path", READS)
def test_a_read_while_storage_is_down_is_told_to_try_again(tenant: Tenant, path: str, kind: str) -> None:
    with failing("dynamodb", kind=kind) as failed:
        assert_told_to_try_again(tenant.get(path))
    assert failed


def test_readiness_names_what_does_not_answer_and_liveness_asks_nobody(service: Service) -> None:
    assert service.request("GET", "/readyz").body == {"status": "ok"}
    with failing("dynamodb"):
        answer = service.request("GET", "/readyz")
        assert (answer.status, answer.body) == (503, {"status": "degraded", "errors": ["storage"]})
        assert service.request("GET", "/healthz").status == 200
    with failing("sqs"):
        assert service.request("GET", "/readyz").body["errors"] == ["queue"]
