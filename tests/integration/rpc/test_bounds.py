"""Clients that give up, too many of them, an end while they call: nothing is half done and nothing stays taken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from chalicelib import bootstrap
from chalicelib.adapters import aws
from chalicelib.rpc import answering
from chalicelib.rpc.server import Server
from tests.integration.api.service import Service, running
from tests.integration.rpc.client import Client, exported, results_of, served

pytestmark = pytest.mark.moto

ACME = [("x-scope-orgid", "acme")]
SECONDS = 20


@dataclass(frozen=True)
class Hold:
    """Stops whoever is about to store, until told to go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, **_: object) -> None:
        self.reached.set()
        assert self.go_on.wait(SECONDS)


@contextmanager
def holding() -> Iterator[Hold]:
    """Every call that stores is held."""
    hold, events = Hold(), aws.client("dynamodb").meta.events
    events.register("before-call.dynamodb.BatchWriteItem", hold)
    try:
        yield hold
    finally:
        hold.go_on.set()
        events.unregister("before-call.dynamodb.BatchWriteItem", hold)


@pytest.fixture
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true") as started:
        yield started


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_stored_and_processed(service: Service) -> None:
    tenant = service.tenant("acme")
    eventually(lambda: tenant.read("g-0").status == 200)
    eventually(lambda: processed(service))
    assert tenant.listed_ids() == ["g-0"]


def processed(service: Service) -> bool:
    service.work()
    return bool(service.tenant("acme").record("g-0")["processing"]["state"] == "processed")


def test_more_calls_at_once_than_there_is_room_for_are_refused(service: Service) -> None:
    assert service
    with served(at_once=1) as client, holding() as hold:
        first = client.method().future(exported(1), metadata=ACME, timeout=SECONDS)
        assert hold.reached.wait(SECONDS)
        busy = client.send(exported(1), dict(ACME))
        assert (busy.code, busy.details) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "the service is busy")
        assert busy.trailers["grpc-retry-pushback-ms"] == "1000"
        hold.go_on.set()
        assert first.result()
        assert client.send(exported(1), dict(ACME)).errors == [""]


def test_what_was_being_stored_when_the_client_cancelled_is_stored(service: Service) -> None:
    with served() as client, holding() as hold:
        call = client.method().future(exported(1), metadata=ACME, timeout=SECONDS)
        assert hold.reached.wait(SECONDS)
        assert call.cancel()
        hold.go_on.set()
        assert_stored_and_processed(service)
        assert client.send(exported(1), dict(ACME)).errors == [""]


def test_what_was_being_stored_when_the_deadline_passed_is_stored(service: Service) -> None:
    with served() as client, holding() as hold:
        answer = client.send(exported(1), dict(ACME), seconds=0.3)
        assert answer.code == grpc.StatusCode.DEADLINE_EXCEEDED
        assert hold.reached.is_set()
        hold.go_on.set()
        assert_stored_and_processed(service)
        assert client.send(exported(1), dict(ACME)).errors == [""]


def test_a_call_given_up_before_its_message_was_there_takes_no_room(service: Service) -> None:
    never = threading.Event()

    def nothing() -> Iterator[bytes]:
        never.wait(SECONDS)
        yield from ()

    with served(at_once=1) as client:
        export = client.channel.stream_unary("/sigil.v1.GenerationIngestService/ExportGenerations")
        call = export.future(nothing(), metadata=ACME, timeout=SECONDS)
        eventually(lambda: client.send(exported(1), dict(ACME)).code == grpc.StatusCode.RESOURCE_EXHAUSTED)
        call.cancel()
        eventually(lambda: client.send(exported(1), dict(ACME)).code == grpc.StatusCode.OK)
        never.set()
    assert service.tenant("acme").read("g-0").status == 200


def opened(client: Client, tenant: str, end: threading.Event) -> Any:
    """A call whose message does not come."""

    def nothing() -> Iterator[bytes]:
        end.wait(SECONDS)
        yield from ()

    export = client.channel.stream_unary("/sigil.v1.GenerationIngestService/ExportGenerations")
    return export.future(nothing(), metadata=[("x-scope-orgid", tenant)], timeout=SECONDS)


def test_one_tenant_does_not_take_the_room_of_all(service: Service) -> None:
    assert service
    end = threading.Event()
    with served(at_once=4) as client:
        calls = [opened(client, "acme", end) for _ in range(4)]
        eventually(lambda: client.send(exported(1), dict(ACME)).code == grpc.StatusCode.RESOURCE_EXHAUSTED)
        refused = client.send(exported(1), dict(ACME))
        assert refused.details == "the tenant makes too many calls at once"
        assert refused.trailers["grpc-retry-pushback-ms"] == "1000"
        eventually(lambda: sum(call.done() for call in calls) == 2)
        assert client.send(exported(1), {"x-scope-orgid": "other"}).errors == [""]
        for call in calls:
            call.cancel()
        end.set()
        eventually(lambda: client.send(exported(1), dict(ACME)).code == grpc.StatusCode.OK)


def test_a_message_that_does_not_come_is_not_waited_for_for_long(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service
    monkeypatch.setattr(answering, "PATIENCE_S", 0.2)
    end = threading.Event()
    with served(at_once=1) as client:
        call = opened(client, "acme", end)
        assert call.code() == grpc.StatusCode.CANCELLED
        eventually(lambda: client.send(exported(1), dict(ACME)).code == grpc.StatusCode.OK)
        end.set()


def test_nobody_sends_a_message_before_they_are_let_in(service: Service) -> None:
    """The answer comes although the message never does."""
    assert service
    never = threading.Event()

    def nothing() -> Iterator[bytes]:
        never.wait(SECONDS)
        yield from ()

    with served() as client:
        export = client.channel.stream_unary("/sigil.v1.GenerationIngestService/ExportGenerations")
        call = export.future(nothing(), timeout=SECONDS)
        assert call.code() == grpc.StatusCode.UNAUTHENTICATED
        never.set()


def test_a_call_that_has_begun_is_answered_before_the_server_ends(service: Service) -> None:
    server = Server(bootstrap.container())
    client = Client(server.start("127.0.0.1:0"))
    with holding() as hold:
        call = client.method().future(exported(1), metadata=ACME, timeout=SECONDS)
        assert hold.reached.wait(SECONDS)
        drained: list[bool] = []
        ending = threading.Thread(target=lambda: drained.append(server.drain(SECONDS)))
        ending.start()
        # One that comes before the end has begun is held, too.
        eventually(lambda: client.send(exported(1), dict(ACME), seconds=0.5).code == grpc.StatusCode.UNAVAILABLE)
        hold.go_on.set()
        answer = call.result()
        ending.join(SECONDS)
    client.channel.close()
    assert results_of("Service/ExportGenerations", answer) == [{"generation_id": "g-0", "accepted": True, "error": ""}]
    assert drained == [True]
    assert service.tenant("acme").read("g-0").status == 200


def test_a_call_that_outlasts_the_drain_is_cut_off_and_not_acknowledged(service: Service) -> None:
    server = Server(bootstrap.container())
    client = Client(server.start("127.0.0.1:0"))
    with holding() as hold:
        call = client.method().future(exported(1), metadata=ACME, timeout=SECONDS)
        assert hold.reached.wait(SECONDS)
        assert server.drain(0.2) is False
        assert call.exception(SECONDS) is not None
        hold.go_on.set()
        assert_stored_and_processed(service)
    client.channel.close()


def test_a_port_that_is_taken_cannot_be_listened_on(service: Service) -> None:
    assert service
    server, second = Server(bootstrap.container()), Server(bootstrap.container())
    port = server.start("127.0.0.1:0")
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
        second.start(f"127.0.0.1:{port}")
    assert server.drain(1)
