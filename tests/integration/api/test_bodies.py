"""Request bodies: compressed ones, and the limits on what one request may bring."""

import gzip
import json
from collections.abc import Iterator

import pytest

from tests.integration.api import items
from tests.integration.api.service import EXPORT, Service, Tenant, running

pytestmark = pytest.mark.moto

LIMIT = 100_000


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true", MAX_BODY_BYTES=str(LIMIT)) as started:
        yield started


def body(size: int = 0) -> bytes:
    """A valid export of one generation, padded with spaces to a size."""
    encoded = json.dumps({"generations": [items.small("g-1")]}).encode()
    return encoded + b" " * (size - len(encoded))


@pytest.mark.parametrize("encoding", [{"content_encoding": "gzip"}, {"content_encoding": "GZIP"}, {}])
def test_a_gzip_body_is_inflated_with_or_without_the_header(tenant: Tenant, encoding: dict[str, str]) -> None:
    assert tenant.request("POST", EXPORT, gzip.compress(body()), **encoding).status == 202
    assert tenant.record("g-1")["prompt"] == "question g-1"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, br"])
def test_another_encoding_is_415(tenant: Tenant, encoding: str) -> None:
    answer = tenant.request("POST", EXPORT, body(), content_encoding=encoding)
    assert (answer.status, answer.error_code) == (415, "UNSUPPORTED_ENCODING")


@pytest.mark.parametrize("broken", [gzip.compress(body(), mtime=0)[:-9], b"\x1f\x8b", b"\x1f\x8b" + b"x" * 50])
def test_broken_gzip_is_400(tenant: Tenant, broken: bytes) -> None:
    assert tenant.request("POST", EXPORT, broken).status == 400


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_of_the_limit_passes_and_one_byte_more_is_413(tenant: Tenant, *, packed: bool) -> None:
    pack = gzip.compress if packed else bytes
    assert tenant.request("POST", EXPORT, pack(body(LIMIT))).status == 202
    answer = tenant.request("POST", EXPORT, pack(body(LIMIT + 1)))
    assert (answer.status, answer.error_code) == (413, "TOO_LARGE")
    assert answer.body["error"]["meta"] == {"limit": LIMIT}
    assert str(LIMIT) in answer.body["error"]["message"]


def test_a_bomb_is_413_and_nothing_of_it_is_stored(tenant: Tenant) -> None:
    assert tenant.request("POST", EXPORT, gzip.compress(body() + b" " * 50_000_000)).status == 413
    assert tenant.read("g-1").status == 404


def test_a_thousand_items_pass_and_one_more_is_413(tenant: Tenant) -> None:
    assert [result["accepted"] for result in tenant.export(*[{}] * 1000)] == [False] * 1000
    answer = tenant.post([{}] * 1001)
    assert (answer.status, answer.error_code) == (413, "TOO_LARGE")


def test_too_many_dependencies_in_all_are_413_and_nothing_is_stored(tenant: Tenant) -> None:
    many = [items.small(f"g-{number}", depends_on=[f"{each}" for each in range(1000)]) for number in range(11)]
    assert tenant.post(many).status == 413
    assert tenant.read("g-0").status == 404


def test_a_batch_larger_than_a_chunk_is_taken_whole(service: Service, tenant: Tenant) -> None:
    """201 items make three chunks, each with a message of its own."""
    service.messages()
    model = {"provider": "p", "name": "m"}
    batch = [{"id": f"g-{number:03}", "conversation_id": "c", "model": model} for number in range(201)]
    tenant.accept(*batch)
    messages = service.messages()
    assert [len(json.loads(message["Body"])["refs"]) for message in messages] == [100, 100, 1]
    assert service.deliver(messages) == []
    assert sorted(tenant.listed_ids()) == [item["id"] for item in batch]
