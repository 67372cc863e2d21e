"""All fakes together."""

from chalicelib.services.ports import Ports
from tests.fakes.catalog import FakeCatalog
from tests.fakes.clock import FixedClock, SequentialKeys
from tests.fakes.dependencies import FakeDependencies
from tests.fakes.generations import FakeGenerations
from tests.fakes.health import FakeHealth
from tests.fakes.index import FakeIndex
from tests.fakes.outbox import FakeOutbox
from tests.fakes.prices import FakePrices
from tests.fakes.queue import FakeQueue


def fake_ports() -> Ports:
    """Ports over nothing but memory; `isinstance` narrows one to its fake where a test looks inside."""
    return Ports(
        store=FakeGenerations(),
        index=FakeIndex(),
        dependencies=FakeDependencies(),
        catalog=FakeCatalog(),
        outbox=FakeOutbox(),
        queue=FakeQueue(),
        prices=FakePrices("gpt-4o-mini"),
        clock=FixedClock(),
        new_key=SequentialKeys(),
        health=FakeHealth(),
    )
