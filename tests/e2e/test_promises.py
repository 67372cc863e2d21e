"""What a client of the whole local run may rely on."""

import gzip
import http.client
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.generations import call, encoded, export, generation, listed, read, wait_until_processed
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

ACKNOWLEDGED = 2000


def test_what_was_acknowledged_survives_a_kill_of_everything(tmp_path: Path) -> None:
    """2,000 acknowledged generations, kill -9 of every process at once, a new start: 2,000 are found and processed."""
    ids = [f"g-{number:04}" for number in range(ACKNOWLEDGED)]
    stack = Stack(tmp_path / "data")
    for start in range(0, ACKNOWLEDGED, 100):
        batch = ids[start : start + 100]
        assert export(stack.url, batch) == batch
    stack.kill_everything()

    again = Stack(tmp_path / "data")
    try:
        assert [read(again.url, each)[0] for each in ids] == [200] * ACKNOWLEDGED
        for each in ids:
            wait_until_processed(again.url, each)
        assert sorted(listed(again.url)) == ids
    finally:
        again.stop()


def test_a_generation_is_processed_by_the_worker(running_service: str) -> None:
    assert export(running_service, ["life-1"]) == ["life-1"]

    record = wait_until_processed(running_service, "life-1")

    assert record["id"] == "life-1"
    assert record["effective_version"].startswith("sha256:")


@pytest.mark.parametrize("generation_id", ["a/b", "100 %", "x@y", "ü✓", "a%2Fb", "a+b", "q?x=1#f", "semi;colon"])
def test_an_id_reads_back_by_its_percent_encoding(running_service: str, generation_id: str) -> None:
    assert export(running_service, [generation_id]) == [generation_id]

    status, record = read(running_service, quote(generation_id, safe=""))

    assert (status, record["id"]) == (200, generation_id)


def test_a_gzipped_body_is_read(running_service: str) -> None:
    body = gzip.compress(encoded(["zipped"]))

    status, _ = call(
        f"{running_service}/api/v1/generations:export", body, content_type="application/json", content_encoding="gzip"
    )

    assert (status, read(running_service, "zipped")[0]) == (202, 200)


def test_a_chunked_body_is_read(running_service: str) -> None:
    connection = http.client.HTTPConnection(running_service.removeprefix("http://"), timeout=30)
    body = encoded(["chunked"])
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]

    connection.request(
        "POST",
        "/api/v1/generations:export",
        iter(pieces),
        {"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        encode_chunked=True,
    )
    status = connection.getresponse().status
    connection.close()

    assert (status, read(running_service, "chunked")[0]) == (202, 200)


def test_a_body_of_many_megabytes_is_read(running_service: str) -> None:
    text = "long " * 2_000_000
    item = generation("large", input=[{"role": "user", "parts": [{"text": text}]}])

    status, answer = call(
        f"{running_service}/api/v1/generations:export",
        json.dumps({"generations": [item]}).encode(),
        content_type="application/json",
    )

    assert status == 202
    assert answer["results"][0]["accepted"] is True


def test_an_unknown_path_is_404_in_the_error_shape(running_service: str) -> None:
    status, body = call(f"{running_service}/api/v1/nothing")

    assert status == 404
    assert set(body["error"]) == {"code", "message", "meta"}


def test_a_wrong_method_is_405_in_the_error_shape(running_service: str) -> None:
    status, body = call(f"{running_service}/api/v1/generations:export", method="PUT")

    assert (status, body["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert re.search(r"\bPOST\b", body["error"]["meta"]["allow"])
