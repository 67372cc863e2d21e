"""Whatever AWS cannot do now becomes `Unavailable`, after three tries; whatever is our fault stays an error of ours."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.domain.errors import Unavailable
from chalicelib.services.ingest import PROCESS_QUEUE
from chalicelib.services.ports import CatalogKey, Edge, Entry, NewAgent, OutboxRow, Ports, Seen, Window
from infra.local.engines import free_port
from tests.contract.aws_ground import AwsGround, Clients, clients_of, provisioned
from tests.contract.samples import NOON, head, payload

ATTEMPTS = 3
LARGE = payload("g", bytes(range(256)) * 9000)
SMALL = payload("g", b"1")
ROW = OutboxRow("K1", PROCESS_QUEUE, "{}", 0, 1)
THROTTLED = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}'
DENIED = b'{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"no"}'
BROKEN = b'{"__type":"InternalServerError","message":"oh"}'

Use = Callable[[Ports], object]
USES: dict[str, Use] = {
    "put small payload": lambda ports: ports.store.put_payloads("t", "K1", [SMALL]),
    "put large payload": lambda ports: ports.store.put_payloads("t", "K1", [LARGE]),
    "commit": lambda ports: ports.store.commit("t", [head(SMALL)]),
    "heads": lambda ports: ports.store.heads("t", ["g"]),
    "contents": lambda ports: ports.store.contents("t", [("g", SMALL.content_hash)]),
    "link": lambda ports: ports.store.link("t", head(SMALL)),
    "discard": lambda ports: ports.store.discard("t", "K1", [("g", SMALL.content_hash)]),
    "settle": lambda ports: ports.store.settle("t", "K2", replace(head(SMALL), size=1_000_000)),
    "put entries": lambda ports: ports.index.put("t", [Entry("g", NOON, {})]),
    "entries": lambda ports: ports.index.entries("t", [(NOON, "g")]),
    "newest": lambda ports: ports.index.newest("t", None, Window(), 1),
    "put edges": lambda ports: ports.lineage.put_edges("t", [Edge("p", "c", "2026-11-21T12:00:00.000000Z")]),
    "register": lambda ports: ports.catalog.register("t", [NewAgent("a", NOON)], []),
    "witness": lambda ports: ports.catalog.witness("t", "K1", {CatalogKey("a"): Seen(NOON, NOON)}),
    "count": lambda ports: ports.catalog.count("t", "K1", {0: [CatalogKey("a")]}),
    "agents": lambda ports: ports.catalog.agents("t", None, 1),
    "agent": lambda ports: ports.catalog.agent("t", "a"),
    "versions": lambda ports: ports.catalog.versions("t", "a", None, 1),
    "version": lambda ports: ports.catalog.version("t", "a", "v"),
    "tallies": lambda ports: ports.catalog.tallies("t", [CatalogKey("a")]),
    "breakdown": lambda ports: ports.catalog.breakdown("t", "a", "v"),
    "add": lambda ports: ports.outbox.add([ROW]),
    "remove": lambda ports: ports.outbox.remove([ROW]),
    "due": lambda ports: ports.outbox.due(1, 16),
    "postpone": lambda ports: ports.outbox.postpone(ROW, 2),
}


class Answers:
    """Answers every request of a client with one HTTP answer, or with an error on the way there."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.requests = 0

    def __call__(self, request: Any, **_: Any) -> AWSResponse | None:
        self.requests += 1
        raw = SimpleNamespace(stream=lambda **_: [self.body], close=lambda: None)
        return AWSResponse(request.url, self.status, {}, raw) if self.status else None


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long botocore would have slept between its tries."""
    taken: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=taken.append))
    return taken


@pytest.fixture(scope="module")
def answering() -> Iterator[tuple[AwsGround, Answers]]:
    with mock_aws():
        clients = clients_of(None)
        yield AwsGround("moto", clients, provisioned(None)), put_before(clients)


@pytest.fixture(scope="module")
def unreachable() -> AwsGround:
    return unreachable_ground()


def put_before(clients: Clients) -> Answers:
    answers = Answers()
    for each in (clients.dynamodb, clients.s3, clients.sqs):
        each.meta.events.register_first("before-send", answers)
    return answers


def unreachable_ground() -> AwsGround:
    """Nobody listens where its clients send to."""
    clients = clients_of(f"http://127.0.0.1:{free_port()}")
    wanted = ("ProcessQueue", "FlagQueue", "PurgeQueue", "RunQueue", "EvaluateQueue")
    queues = dict.fromkeys(wanted, "http://127.0.0.1/queue")
    names = {"Table": "table", "PayloadBucket": "bucket", **queues}
    return AwsGround("nothing", clients, names)


@pytest.mark.parametrize(("status", "body"), [(400, THROTTLED), (500, BROKEN), (503, b"")], ids=["400", "500", "503"])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_throttling_and_faults_are_unavailable(
    answering: tuple[AwsGround, Answers], use: Use, status: int, body: bytes
) -> None:
    ground, answers = answering
    answers.status, answers.body = status, body
    with pytest.raises(Unavailable):
        use(ground.ports)


def test_a_call_is_tried_three_times(naps: list[float]) -> None:
    """With clients of its own: botocore stops retrying for a while when very much has failed."""
    ground = unreachable_ground()
    answers = put_before(ground.clients)
    answers.status, answers.body = 400, THROTTLED
    with pytest.raises(Unavailable):
        ground.ports.store.commit("t", [head(SMALL)])
    assert answers.requests == ATTEMPTS
    answers.status = 0
    assert ground.ports.queue.send(PROCESS_QUEUE, ["a", "b"]) == [False, False]
    assert answers.requests == 2 * ATTEMPTS
    assert len(naps) == 2 * (ATTEMPTS - 1)


def test_a_refusal_that_no_retry_helps_is_no_unavailability(answering: tuple[AwsGround, Answers]) -> None:
    ground, answers = answering
    answers.status, answers.body, answers.requests = 400, DENIED, 0
    with pytest.raises(ClientError, match="AccessDenied"):
        ground.ports.store.commit("t", [head(SMALL)])
    assert answers.requests == 1


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_no_connection_is_unavailable(unreachable: AwsGround, use: Use) -> None:
    with pytest.raises(Unavailable):
        use(unreachable.ports)


def test_a_queue_that_cannot_be_reached_accepts_nothing(unreachable: AwsGround) -> None:
    assert unreachable.ports.queue.send(PROCESS_QUEUE, ["a", "b"]) == [False, False]


def test_health_names_what_does_not_answer(unreachable: AwsGround, answering: tuple[AwsGround, Answers]) -> None:
    assert unreachable.ports.health.check() == ["storage", "queue"]
    ground, answers = answering
    answers.status = 0
    assert ground.ports.health.check() == []
    answers.status, answers.body = 400, DENIED
    assert ground.ports.health.check() == ["storage", "queue"]


def test_requests_stay_within_the_time_of_an_api_request(unreachable: AwsGround) -> None:
    """Two seconds to connect, five to answer, three tries."""
    for each in (unreachable.clients.dynamodb, unreachable.clients.s3, unreachable.clients.sqs):
        config = each.meta.config
        assert (config.connect_timeout, config.read_timeout) == (2, 5)
        assert config.retries["total_max_attempts"] == ATTEMPTS
