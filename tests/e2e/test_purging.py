"""A person asks to be forgotten, and the whole local run does so."""

import json

import pytest

from tests.e2e.generations import call, generation, read, wait_until_processed
from tests.e2e.lineage import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.roto]


def send(base: str, generation_id: str) -> None:
    told = generation(generation_id, person_id="ada", metadata={"told": "secret"})
    status, answer = call(f"{base}/api/v1/generations:export", json.dumps({"generations": [told]}).encode())
    assert (status, answer["results"][0]["error"]) == (202, "")


def is_purged(base: str, generation_id: str) -> bool:
    record = read(base, generation_id)[1]
    return record["content_purged_at"] is not None and "secret" not in json.dumps(record)


def test_who_is_forgotten_is_forgotten_with_what_still_arrives(running_service: str) -> None:
    base = running_service
    send(base, "purge-1")
    wait_until_processed(base, "purge-1")
    score = {"score_id": "purge-s", "generation_id": "purge-1", "evaluator_id": "e", "evaluator_version": "1"}
    score |= {"score_key": "k", "explanation": "secret"}
    body = json.dumps({"scores": [{**score, "value": {"bool": False}, "passed": False}]}).encode()
    assert call(f"{base}/api/v1/scores:export", body)[0] == 202
    scores = f"{base}/api/v1/generations/purge-1/scores"
    eventually(lambda: len(call(scores)[1]["items"]) == 1)

    assert call(f"{base}/api/v1/people/ada", method="DELETE")[0] == 202
    send(base, "purge-2")

    eventually(lambda: is_purged(base, "purge-1") and is_purged(base, "purge-2"))
    eventually(lambda: call(scores)[1]["items"][0]["explanation"] is None)
    _, record = read(base, "purge-1")
    assert (record["prompt"], record["metadata"], record["verdict"]) == (None, {}, "fail")
    send(base, "purge-1")
    assert is_purged(base, "purge-1")
    _, page = call(f"{base}/api/v1/generations?person_id=ada")
    assert sorted(item["id"] for item in page["items"]) == ["purge-1", "purge-2"]
