"""Fixtures that several suites share."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def running_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the whole local run, without authentication, started once for all tests that ask for it."""
    stack = Stack(tmp_path_factory.mktemp("local-run") / "data")
    yield stack.url
    stack.stop()
