"""Who sent a generation, as it tells itself."""

import json
from collections.abc import Iterator

import pytest

from tests.integration.api import items
from tests.integration.api.keyed import KEYS, REQUIRED, holder
from tests.integration.api.service import EXPORT, Service, running

pytestmark = pytest.mark.moto


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(None, **REQUIRED) as started:
        yield started


def test_a_generation_tells_which_key_sent_it_and_for_which_project(service: Service) -> None:
    admin = holder(service)
    sender = holder(service, tenant=admin.name)
    wanted = {"name": "ci", "role": "member", "project_id": "p-7"}
    secret = admin.request("POST", KEYS, json.dumps(wanted).encode()).body
    bound = {"X-Ingate-Key": secret["key"]}
    sender.accept(items.small("plain"))
    exchange = json.dumps({"provider": "p", "model": "m", "request_id": "bound"}).encode()
    assert service.request("POST", "/api/v1/ingest", exchange, bound).status == 202
    own = {"generations": [items.small("own", project_id="p-8")]}
    assert service.request("POST", EXPORT, json.dumps(own).encode(), bound).status == 202
    service.work()
    shown = ("started_by_principal_type", "started_by_principal_id", "project_id")
    expected = [
        ("plain", ["api_key", sender.key.id, "default"]),
        ("bound", ["api_key", secret["id"], "p-7"]),
        ("own", ["api_key", secret["id"], "p-8"]),
    ]
    for generation_id, values in expected:
        record = admin.record(generation_id)
        assert [record[name] for name in shown] == values
        [listed] = [item for item in admin.listed() if item["id"] == generation_id]
        assert [listed[name] for name in shown] == values
