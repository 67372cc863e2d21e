"""Purges of runs over HTTP."""

from collections.abc import Iterator

import pytest

from tests.integration.api.service import Service, Tenant, running
from tests.integration.api.test_runs import RUNS, moved, opened

pytestmark = pytest.mark.moto


@pytest.fixture
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="false", PAYLOAD_INLINE_BYTES="1000") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant("fake")


def test_a_purge_takes_what_moves_have_said_and_no_later_move_brings_it_back(service: Service, tenant: Tenant) -> None:
    secret = "nobody must know " * 200
    opened(tenant, input=[secret])
    moved(tenant, {"status": "requires_action", "metadata": {"m": secret}, "output": secret, "tags": {"t": "1"}})
    service.work()
    assert tenant.request("DELETE", f"{RUNS}/run/content").status == 202
    end = {"status": "completed", "output": secret, "usage": {"input_tokens": 3}, "metadata": {"n": secret}}
    service.work()
    assert "nobody" not in str(tenant.record("run"))
    ended = moved(tenant, end)
    service.work()
    assert "nobody" not in str([tenant.record("run"), tenant.listed(fields="full")])
    assert (ended["status"], ended["usage"]["input_tokens"], ended["tags"]) == ("completed", 3, {"a": "1", "t": "1"})
    assert moved(tenant, end)["output"] == []
