"""One product for all tests of a module; tests keep apart by being different tenants."""

from collections.abc import Iterator

import pytest

from tests.integration.api.service import Service, Tenant, running

INDEXED_TAG = "env"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A product that trusts the tenant header and has an index for one tag."""
    with running(SIGIL_AUTH_ENABLED="true", INDEXED_TAGS=INDEXED_TAG) as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    """A tenant nobody has met before."""
    return service.tenant()
