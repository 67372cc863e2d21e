"""Fixtures that several suites share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.e2e.stack import Stack
from tests.engines import running_engine

# The same examples in every run, so that a red build is somebody's change and not a draw; a busy machine is no fault of
# an example's. `HYPOTHESIS_PROFILE=explore` draws anew.
STEADY = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=STEADY)
settings.register_profile("explore", deadline=None, suppress_health_check=STEADY)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole local run, without authentication, started once for all tests that ask for it."""
    stack = Stack(tmp_path_factory.mktemp("local-run") / "data")
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def running_service(running_stack: Stack) -> str:
    """Its base URL."""
    return running_stack.url


@pytest.fixture(scope="session")
def roto_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Endpoint of an engine that keeps what it acknowledged; empty at first, shared by all tests that ask for it."""
    with running_engine("roto", tmp_path_factory.mktemp("roto") / "data") as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def ministack_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Endpoint of an engine that follows AWS closely and deploys templates; empty at first, shared likewise."""
    with running_engine("ministack", tmp_path_factory.mktemp("ministack") / "data") as endpoint:
        yield endpoint
