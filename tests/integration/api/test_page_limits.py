"""What bounds a page beside its limit: a thousand index entries read, five mebibytes answered."""

import gzip
import json
import random
import urllib.parse
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.bootstrap import container
from chalicelib.services.ports import Entry
from tests.integration.api import items
from tests.integration.api.service import EXPORT, Service, Tenant, running

pytestmark = pytest.mark.moto

PATH = "/api/v1/generations"
MIB = 1024 * 1024
RESPONSE_LIMIT = 5 * MIB
PAYLOAD = ("system_prompt", "input", "output", "tools", "prompt", "completion", "raw_artifacts")


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with running(SIGIL_AUTH_ENABLED="true") as service:
        yield service.tenant()


@pytest.fixture
def service(tenant: Tenant) -> Service:
    return tenant.service


def noise(size: int) -> str:
    """Text that does not compress to less than six bits a character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(random.Random(size).choices(alphabet, k=size))


def walk(tenant: Tenant, **query: object) -> list[list[dict[str, Any]]]:
    """Every page of a list, none of them over the limit."""
    pages: list[list[dict[str, Any]]] = []
    more: dict[str, object] = {}
    for _ in range(100):
        answer = tenant.get(PATH, **query, **more)
        assert answer.status == 200
        assert answer.size <= RESPONSE_LIMIT
        pages.append(answer.body["items"])
        if answer.body["next_cursor"] is None:
            return pages
        more = {"cursor": answer.body["next_cursor"]}
    raise AssertionError("the list does not end")


def test_a_page_without_an_index_examines_a_thousand_entries_and_goes_on(service: Service, tenant: Tenant) -> None:
    """They do not match, so the page is empty; it has a cursor, which leads to the match."""
    tenant.accept(items.small("match", started_at="2020-01-01T00:00:00Z", model={"provider": "p", "name": "wanted"}))
    service.work()
    [summary] = tenant.listed()
    at = "2021-01-01T00:00:00.000000Z"
    others = [{**summary, "id": f"n-{number}", "model": {"provider": "p", "name": "other"}} for number in range(1000)]
    container().ports.index.put(tenant.name, [Entry(each["id"], at, each) for each in others])
    first = tenant.get(PATH, model="wanted").body
    assert (first["items"], first["next_cursor"] is None) == ([], False)
    second = tenant.get(PATH, model="wanted", cursor=first["next_cursor"]).body
    assert ([item["id"] for item in second["items"]], second["next_cursor"]) == (["match"], None)


@pytest.mark.parametrize("where", ["input", "system_prompt"])
def test_a_full_page_ends_early_and_nothing_is_left_out(service: Service, tenant: Tenant, where: str) -> None:
    """Each item fits into a response, so each one comes with its payload, on whatever page."""
    text = "long " * 100_000
    sent = {"input": [{"role": "user", "parts": [{"text": text}]}], "system_prompt": text}
    batch = [items.small(f"g-{number:02}", **{where: sent[where]}) for number in range(14)]
    for start in range(0, 14, 7):
        tenant.accept(*batch[start : start + 7])
    service.work()
    pages = walk(tenant, limit=200, fields="full")
    assert len(pages) > 1
    found = {item["id"]: item for page in pages for item in page}
    assert sorted(found) == [item["id"] for item in batch]
    assert sum(map(len, pages)) == len(batch)
    assert [item[where] for item in found.values()] == [sent[where]] * len(batch)
    assert not any("payload_url" in item for item in found.values())


def test_a_page_of_summaries_keeps_large_metadata_beside_large_payloads(service: Service, tenant: Tenant) -> None:
    metadata = {"notes": "n" * 2000}
    batch = [items.small(f"g-{number:02}", system_prompt="long " * 100_000, metadata=metadata) for number in range(14)]
    for start in range(0, 14, 7):
        tenant.accept(*batch[start : start + 7])
    service.work()
    found = [item for page in walk(tenant, limit=200) for item in page]
    assert sorted(item["id"] for item in found) == [item["id"] for item in batch]
    assert [item["metadata"] for item in found] == [metadata] * len(batch)


def test_a_generation_larger_than_a_table_item_reads_back_whole(service: Service, tenant: Tenant) -> None:
    """600 KB that do not compress; before and after processing."""
    sent = items.small("large", system_prompt=noise(600_000))
    tenant.accept(sent, items.small("other"))
    assert tenant.record("large")["system_prompt"] == sent["system_prompt"]
    service.work()
    record = tenant.record("large")
    assert (record["system_prompt"], record["processing"]["state"]) == (sent["system_prompt"], "processed")
    assert "payload_url" not in record
    tenant.accept(sent)
    assert len(tenant.listed()) == 2
    found = tenant.get("/api/v1/agents:lookup", name="tester", version=record["effective_version"])
    assert found.body["system_prompt"] == sent["system_prompt"]


def test_metadata_left_out_of_an_entry_is_read_from_the_payload_however_large(service: Service, tenant: Tenant) -> None:
    metadata = {"notes": "n" * 2000}
    tenant.accept(items.small("huge", system_prompt="0" * (6 * MIB), metadata=metadata), items.small("tiny"))
    service.work()
    assert tenant.record("huge")["metadata"] == metadata
    assert tenant.read("huge", fields="summary").body["metadata"] == metadata
    assert {item["id"]: item["metadata"] for page in walk(tenant) for item in page} == {"huge": metadata, "tiny": {}}


@pytest.mark.parametrize("text", ["noise", "zeros"])
def test_what_no_response_can_hold_is_read_by_a_link(service: Service, tenant: Tenant, text: str) -> None:
    """Whether it compresses well or not; pending, processed, and in a full list among others."""
    prompt = noise(6 * MIB) if text == "noise" else "0" * (6 * MIB)
    sent = {"generations": [items.small("huge", system_prompt=prompt, metadata={"k": "v"})]}
    assert tenant.request("POST", EXPORT, json.dumps(sent).encode()).status == 202
    tenant.accept(items.small("tiny"))
    for state in ("pending", "processed"):
        answer = tenant.read("huge")
        assert (answer.status, answer.body["processing"]["state"]) == (200, state)
        assert answer.size <= RESPONSE_LIMIT
        assert [answer.body[key] for key in PAYLOAD] == [None] * len(PAYLOAD)
        assert answer.body["agent_name"] == "tester"
        assert fetched(answer.body["payload_url"])["system_prompt"] == prompt
        service.work()
    found = {item["id"]: item for page in walk(tenant, fields="full") for item in page}
    assert found["huge"]["system_prompt"] is None
    assert fetched(found["huge"]["payload_url"])["system_prompt"] == prompt
    version = tenant.get("/api/v1/agents:lookup", name="tester", version=found["huge"]["effective_version"])
    assert (version.status, version.size <= RESPONSE_LIMIT) == (200, True)
    assert (version.body["system_prompt"], version.body["tools"]) == (None, None)
    assert fetched(version.body["payload_url"])["system_prompt"] == prompt
    assert found["tiny"]["prompt"] == "question tiny"
    assert "payload_url" not in found["tiny"]


def fetched(url: str) -> dict[str, Any]:
    """The JSON behind a presigned link, which is read with what the link names and good for fifteen minutes."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parts.query)
    assert query["X-Amz-Expires"] == ["900"]
    assert parts.hostname == "payloads.s3.amazonaws.com"
    key = urllib.parse.unquote(parts.path).removeprefix("/")
    return dict(json.loads(gzip.decompress(boto3.client("s3").get_object(Bucket="payloads", Key=key)["Body"].read())))


def test_a_small_request_never_reads_back_as_a_response_that_is_too_large(service: Service, tenant: Tenant) -> None:
    """An empty tool takes 3 bytes to send and 80 to show."""
    tenant.accept(*(items.small(f"many-{number}", tools=[{}] * 9_000) for number in range(10)))
    service.work()
    for page in (
        tenant.get("/api/v1/generations", fields="full", limit="50"),
        tenant.get("/api/v1/agents:lookup", name="tester"),
    ):
        assert (page.status, page.size <= RESPONSE_LIMIT) == (200, True)
