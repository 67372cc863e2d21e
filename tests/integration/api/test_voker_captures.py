"""What the real client was seen to send, sent again in its order."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.api.service import Answer, Service, Tenant
from tests.integration.api.voker import accepted, fault

pytestmark = pytest.mark.moto

CAPTURES = Path(__file__).parents[2] / "data/voker"
RUNS = sorted({file.parent for file in CAPTURES.rglob("*.json")})
# The client leaves a slash and a question mark in an id as they are, so that this path is no person's.
NO_ROUTE = "/api/v1/people/a%20b/c?d@e.com"


def calls(run: Path) -> Iterator[dict[str, Any]]:
    """The requests of one run that went to Voker and not to a provider."""
    for file in sorted(run.glob("*.json")):
        capture = json.loads(file.read_text(encoding="utf-8"))
        if capture["path"].startswith("/api/v1/") and capture["path"] != NO_ROUTE:
            yield capture


def send(tenant: Tenant, capture: dict[str, Any], fingerprint_id: str) -> Answer:
    """The request as it was, with the fingerprint's id that this service has given."""
    body = capture["body"]
    if isinstance(body, dict) and "fingerprint_id" in body:
        body = {**body, "fingerprint_id": fingerprint_id}
    content = b"" if body is None else json.dumps(body).encode()
    headers = {name: capture["headers"][name] for name in ("Authorization", "Accept", "User-Agent")}
    return tenant.request(capture["method"], capture["path"], content, **headers)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: str(run.relative_to(CAPTURES)))
def test_a_run_of_the_real_client_is_served(service: Service, tenant: Tenant, run: Path) -> None:
    fingerprint_id = ""
    events: dict[str, dict[str, Any]] = {}
    for capture in calls(run):
        answer = send(tenant, capture, fingerprint_id)
        missing = "missing" in capture["path"]
        assert answer.status == (404 if missing else 200), (capture["path"], answer.body)
        if missing:
            assert fault(answer)[1] == capture["reply_body"]["detail"]["type"]
        elif capture["path"].endswith("/fingerprints"):
            fingerprint_id = answer.body["fingerprint_id"]
        elif capture["path"].endswith("/events"):
            events[accepted(answer)] = capture["body"]
        else:
            assert set(capture["reply_body"]) <= set(answer.body)
    service.work()
    assert set(tenant.listed_ids(source="voker")) == set(events)
    for own_id, event in events.items():
        read_back(tenant, own_id, event, fingerprint_id)


def read_back(tenant: Tenant, own_id: str, event: dict[str, Any], fingerprint_id: str) -> None:
    """A stored event holds what was sent, to the spelling of its numbers."""
    record = tenant.record(own_id)
    assert record["fingerprint_id"] == fingerprint_id
    assert record["session_id"] == event["session"]
    assert record["person_id"] == event.get("person")
    assert record["agent_name"] == event.get("agent", "default")
    assert record["agent_version"] == event.get("agent_version", "default")
    properties = event["properties"]
    assert json.dumps(record["exchange"]["request_body"]) == json.dumps(properties["inputs"])
    assert json.dumps(record["exchange"]["response_body"]) == json.dumps(properties["output"])
    tag = properties["api"]
    assert (record["exchange"]["shape"] or record["metadata"]["api"]) == tag
    assert record["model"]["provider"] == {"o": "openai", "a": "anthropic", "g": "google", "x": "unknown"}[tag[0]]


def test_every_kind_of_call_was_captured() -> None:
    tags = {
        (capture["body"] or {}).get("properties") and capture["body"]["properties"].get("api")
        for run in RUNS
        for capture in calls(run)
        if capture["path"].endswith("/events")
    }
    assert tags == {
        "openai-chat-completions",
        "openai-responses",
        "anthropic-messages",
        "anthropic-beta-messages",
        "gemini-models",
        "gemini-interactions",
        "x",
    }
