"""The few calls that the end-to-end tests make, over plain HTTP."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any


def call(url: str, body: bytes | None = None, method: str | None = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of one request; an error status is an answer like any other."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, given, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def generation(generation_id: str, **fields: object) -> dict[str, object]:
    """A small generation as the Sigil document writes it."""
    return {
        "id": generation_id,
        "conversation_id": "c-1",
        "agent_name": "tester",
        "model": {"provider": "openai", "name": "gpt-4o-mini"},
        "input": [{"role": "user", "parts": [{"text": f"question {generation_id}"}]}],
        "output": [{"role": "assistant", "parts": [{"text": f"answer {generation_id}"}]}],
        **fields,
    }


def encoded(ids: list[str]) -> bytes:
    """The body of an export."""
    return json.dumps({"generations": [generation(each) for each in ids]}).encode()


def export(base: str, ids: list[str]) -> list[str]:
    """Exports generations and returns the ids that were acknowledged."""
    status, answer = call(f"{base}/api/v1/generations:export", encoded(ids), content_type="application/json")
    assert status == 202, answer
    return [result["generation_id"] for result in answer["results"] if result["accepted"]]


def read(base: str, quoted_id: str) -> tuple[int, Any]:
    """One generation, by its already percent-encoded id."""
    return call(f"{base}/api/v1/generations/{quoted_id}")


def listed(base: str) -> Iterator[str]:
    """Every id that the list gives, page after page."""
    cursor = ""
    for _ in range(1000):
        _, page = call(f"{base}/api/v1/generations?limit=200{cursor}")
        yield from (item["id"] for item in page["items"])
        if not page["next_cursor"]:
            return
        cursor = f"&cursor={page['next_cursor']}"


def wait_until_processed(base: str, quoted_id: str, seconds: float = 60) -> dict[str, Any]:
    """The record once its processing is over. Fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status, record = read(base, quoted_id)
        if status == 200 and record["processing"]["state"] == "processed":
            return dict(record)
        time.sleep(0.1)
    raise AssertionError(f"{quoted_id} was not processed within {seconds} s")
