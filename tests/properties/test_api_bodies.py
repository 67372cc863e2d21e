"""Whatever a client sends to the export: an answer of the contract, and nothing stored of what was refused."""

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.api import items
from tests.integration.api.service import EXPORT, Answer, Service, running

NAMES = sorted({*items.complete("x"), "generations", "content", "role", "parts", "text", "timestamps", "unknown"})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["SYNC", "user", "2026-01-01T00:00:00Z"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
# A good item of which a few fields are replaced by anything, so that drawn items get past the first check.
ITEMS = st.dictionaries(st.sampled_from(sorted(items.complete("x"))), JSON, max_size=3).map(
    lambda wrong: {**items.complete("drawn"), **wrong}
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", MAX_BODY_BYTES="1000000") as started:
        yield started


def send(service: Service, tenant: str, body: bytes) -> Answer:
    """One export of these bytes."""
    return service.request("POST", EXPORT, body, {"X-Scope-OrgID": tenant, "Content-Type": "application/json"})


def assert_answered_by_contract(answer: Answer, sent: Any) -> None:
    if answer.status == 202:
        assert set(answer.body) == {"results"}
        assert len(answer.body["results"]) == len(sent["generations"] or [])
        for result in answer.body["results"]:
            assert set(result) == {"generation_id", "accepted", "error"}
            assert result["accepted"] == (result["error"] == "")
    else:
        assert answer.status in {400, 413, 415}
        assert answer.error_code


def assert_only_accepted_is_stored(service: Service, tenant: str, answer: Answer) -> None:
    service.work()
    caller = service.tenant(tenant)
    results = answer.body["results"] if answer.status == 202 else []
    accepted = {result["generation_id"] for result in results if result["accepted"]}
    assert set(caller.listed_ids()) == accepted
    for result in results:
        if result["generation_id"].strip() and result["generation_id"] not in accepted:
            path = f"/api/v1/generations/{quote(result['generation_id'], safe='')}"
            assert caller.get(path).status == 404


@FEW
@given(body=st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_answered_and_store_nothing(service: Service, body: bytes) -> None:
    for sent in (body, gzip.compress(body)):
        answer = send(service, "bytes", sent)
        assert answer.status in {202, 400, 413}
        assert answer.body is not None
    assert service.messages() == []


@FEW
@given(body=JSON)
def test_any_json_is_answered(service: Service, body: Any) -> None:
    answer = send(service, "json", json.dumps(body).encode())
    assert answer.status in {202, 400, 413}
    assert service.messages() == []


@FEW
@given(drawn=st.lists(ITEMS | JSON, max_size=3))
def test_any_items_are_judged_one_by_one_and_only_the_accepted_ones_are_stored(
    service: Service, drawn: list[Any]
) -> None:
    service.forget_everything()
    tenant = service.tenant().name
    sent = {"generations": drawn}
    answer = send(service, tenant, json.dumps(sent).encode())
    if "NaN" not in json.dumps(sent) and "Infinity" not in json.dumps(sent):
        assert answer.status == 202
    assert_answered_by_contract(answer, sent)
    assert_only_accepted_is_stored(service, tenant, answer)


@FEW
@given(item=ITEMS, neighbour=st.sampled_from([0, 1]))
def test_a_bad_item_never_harms_its_neighbour(service: Service, item: dict[str, Any], neighbour: int) -> None:
    caller = service.tenant()
    batch = [item, item]
    batch[neighbour] = items.small("good")
    text = json.dumps({"generations": batch}).replace("NaN", "null").replace("Infinity", "null")
    answer = send(service, caller.name, text.replace("-null", "null").encode())
    assert answer.status == 202
    assert answer.body["results"][neighbour] == {"generation_id": "good", "accepted": True, "error": ""}
    assert caller.read("good").status == 200


@FEW
@given(
    path=st.sampled_from(
        ["generations", "generations/{}", "agents", "agents/{}", "agents:lookup", "agents:versions", "generations/{}/x"]
    ),
    value=st.text(max_size=30),
    query=st.dictionaries(
        st.sampled_from(
            ["limit", "cursor", "since", "status", "agent_name", "name", "version", "fields", "tag.a", "tag."]
        )
        | st.text(max_size=4),
        st.text(max_size=40),
        max_size=3,
    ),
)
def test_any_read_is_answered_by_contract(service: Service, path: str, value: str, query: dict[str, str]) -> None:
    answer = service.tenant("reader").get(f"/api/v1/{path.format(quote(value, safe=''))}", **query)
    assert answer.status in {200, 400, 403, 404}  # 403 is Chalice's own word for a path that was not declared
    if answer.status in {400, 404}:
        assert answer.error_code
