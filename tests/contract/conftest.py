"""The four grounds; each suite of this directory runs on all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import pytest
from moto import mock_aws

from tests.contract import servers
from tests.contract.aws_ground import AwsGround, Clients, clients_of, provisioned
from tests.contract.grounds import FakeGround, Ground, swept

_TENANTS = count(1)
GROUNDS = ["fake", pytest.param("moto", marks=pytest.mark.moto)]
GROUNDS += [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("ministack", "roto")]


@cache
def moto_clients() -> Clients:
    """Making clients is slow: one set serves all tests."""
    return clients_of(None)


@contextmanager
def moto_ground() -> Iterator[AwsGround]:
    """The adapters over moto, in this process."""
    with mock_aws():
        yield AwsGround("moto", moto_clients(), provisioned(None))


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsGround]:
    """The adapters over the second engine."""
    with servers.ministack(tmp_path_factory.mktemp("ministack")) as endpoint:
        yield AwsGround("ministack", clients_of(endpoint), provisioned(endpoint))


@pytest.fixture(scope="session")
def roto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsGround]:
    """The adapters over the engine of the local run."""
    with servers.roto(tmp_path_factory.mktemp("roto")) as endpoint:
        yield AwsGround("roto", clients_of(endpoint), provisioned(endpoint))


@pytest.fixture(scope="module", params=GROUNDS)
def shared_ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """The ports on each engine in turn."""
    if request.param == "fake":
        yield FakeGround()
    elif request.param == "moto":
        with moto_ground() as made:
            yield made
    else:
        yield request.getfixturevalue(request.param)


@pytest.fixture
def ground(shared_ground: Ground) -> Ground:
    """The ports, with an empty outbox and an empty queue."""
    if isinstance(shared_ground, AwsGround) and shared_ground.name == "moto":
        shared_ground.empty_table()  # which moto copies for each transaction
    return swept(shared_ground)


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test has."""
    return f"tenant-{next(_TENANTS)}"
