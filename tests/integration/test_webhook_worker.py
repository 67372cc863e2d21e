"""The webhook's way through the real worker: refused, put off, given up; and who may see what."""

import json
from collections.abc import Iterator

import pytest

from tests.integration.api import items
from tests.integration.api.faults import failing
from tests.integration.api.service import Message, Service, Tenant, running
from tests.unit.services.receiver import receiving, saying, status

pytestmark = pytest.mark.moto


@pytest.fixture
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="false", WEBHOOK_ALLOWED_HOSTS="127.0.0.1") as started:
        yield started


def put(tenant: Tenant, url: str) -> None:
    answer = tenant.request("PUT", "/api/v1/webhook", json.dumps({"url": url}).encode())
    assert answer.status == 200, answer.body


def flagged(service: Service) -> list[Message]:
    """Work off what was ingested; what is then to be delivered."""
    for queue in ("process", "flag"):
        assert service.deliver(service.messages(queue), queue) == []
    return service.messages("webhook")


def received(message: Message, times: int) -> Message:
    return {**message, "Attributes": {**message["Attributes"], "ApproximateReceiveCount": str(times)}}


def test_a_refused_notice_fails_alone_and_is_told_when_it_is_given_up(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    tenant = service.tenant()
    with receiving(saying(status(500))) as receiver:
        put(tenant, receiver.url)
        tenant.accept(items.failed("g-1"))
        [notice] = flagged(service)
        for times in range(1, 6):
            assert service.deliver([received(notice, times)], "webhook") == [received(notice, times)]
        assert len(receiver.requests) == 5

    assert caplog.messages.count("message_failed") == 5
    assert caplog.messages.count("webhook_given_up") == 1


def test_flagging_goes_on_when_the_notice_cannot_be_queued(service: Service) -> None:
    tenant = service.tenant()
    put(tenant, "http://127.0.0.1:9/")
    tenant.accept(items.failed("root"), items.small("c", depends_on=["root"]))
    service.deliver(service.messages())
    messages = service.messages("flag")
    with failing("sqs", "SendMessageBatch"):
        assert service.deliver(messages, "flag") == []

    assert tenant.record("c")["flagged"] is True


def test_a_root_is_announced_even_when_the_walk_from_it_is_interrupted(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """The message comes again and finds that the root is listed already."""
    tenant = service.tenant()
    tenant.accept(items.failed("root"), items.small("c", depends_on=["root"]))
    service.deliver(service.messages())
    messages = service.messages("flag")
    with failing("dynamodb", "BatchWriteItem"):
        assert service.deliver(messages, "flag") == messages
    assert service.deliver(messages, "flag") == []

    assert caplog.messages.count("root_started_failing") == 1
    assert tenant.record("c")["flagged"] is True


def test_only_administrators_see_or_change_a_webhook() -> None:
    with running(SIGIL_AUTH_ENABLED="true", WEBHOOK_ALLOWED_HOSTS="127.0.0.1") as service:
        tenant = service.tenant()
        for method in ("PUT", "GET", "DELETE"):
            assert tenant.request(method, "/api/v1/webhook", b"{}").status == 403


def test_what_belongs_to_another_tenant_reads_as_missing() -> None:
    with running(SIGIL_AUTH_ENABLED="true") as service:
        owner, other = service.tenant(), service.tenant()
        owner.accept(items.small("g-1"), items.small("g-2", depends_on=["g-1"]))
        service.work()
        for path in ("lineage", "dependents", "lineage?direction=upstream&to=g-1"):
            assert owner.get(f"/api/v1/generations/g-2/{path}").status == 200
            assert other.get(f"/api/v1/generations/g-2/{path}").status == 404
