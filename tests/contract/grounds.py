"""What a contract suite stands on: the ports, and a look from outside at what they have left behind."""

from typing import Protocol

from chalicelib.services.ingest import PROCESS_QUEUE
from chalicelib.services.ports import OutboxRow, Ports
from tests.fakes.all_ports import fake_ports
from tests.fakes.generations import FakeGenerations
from tests.fakes.lineage import FakeLineage
from tests.fakes.queue import FakeQueue, Message

END_OF_TIME_MS = 9_999_999_999_999
EVERYTHING = 100_000
HASH_PREFIX = 32


class Ground(Protocol):
    """Ports over one engine, which tests share: each test has a tenant of its own."""

    name: str
    ports: Ports

    def payloads(self, tenant: str) -> set[tuple[str, str]]:
        """Every payload there is, as (id, first 32 digits of the content hash)."""
        ...

    def objects(self, tenant: str) -> set[str]:
        """The names of all objects there are."""
        ...

    def named_objects(self, tenant: str) -> set[str]:
        """The names of all objects that a payload names."""
        ...

    def edges(self, tenant: str) -> set[tuple[str, str]]:
        """Every (parent, child)."""
        ...

    def take(self, queue: str = PROCESS_QUEUE) -> list[Message]:
        """All messages of a queue, which are gone afterwards."""
        ...

    def everything(self, tenant: str) -> str:
        """All that is stored of a tenant, and all promises, as one text: to look for what must not be there."""
        ...


class FakeGround:
    """The fakes, which keep no objects."""

    def __init__(self) -> None:
        self.name = "fake"
        self.ports = fake_ports()

    def payloads(self, tenant: str) -> set[tuple[str, str]]:
        assert isinstance(self.ports.store, FakeGenerations)
        return {(name, content_hash[:HASH_PREFIX]) for name, content_hash in self.ports.store.kept(tenant)}

    def objects(self, tenant: str) -> set[str]:  # noqa: ARG002 - there are none
        return set()

    def named_objects(self, tenant: str) -> set[str]:  # noqa: ARG002 - there are none
        return set()

    def edges(self, tenant: str) -> set[tuple[str, str]]:
        assert isinstance(self.ports.lineage, FakeLineage)
        return self.ports.lineage.kept(tenant)

    def take(self, queue: str = PROCESS_QUEUE) -> list[Message]:
        assert isinstance(self.ports.queue, FakeQueue)
        return self.ports.queue.take(queue)

    def everything(self, tenant: str) -> str:  # noqa: ARG002 - of all tenants
        ports = self.ports
        kept: list[object] = [
            ports.store,
            ports.index,
            ports.lineage,
            ports.scores,
            ports.catalog,
            ports.outbox,
            ports.courses,
        ]
        kept += [ports.steps, ports.ratings]
        return repr([vars(port) for port in kept])


def promised(ground: Ground) -> list[OutboxRow]:
    """Everything in the outbox, whenever it is due."""
    return ground.ports.outbox.due(END_OF_TIME_MS, EVERYTHING)


def swept(ground: Ground) -> Ground:
    """The ground without what the test before has left in outbox and queue, which all tenants share."""
    ground.ports.outbox.remove(promised(ground))
    ground.take()
    return ground
