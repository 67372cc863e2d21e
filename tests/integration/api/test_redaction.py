"""Redaction over HTTP: nothing that a rule covers is stored anywhere, and a retry is still known."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib import bootstrap
from chalicelib.adapters.dynamodb.attributes import plain
from chalicelib.adapters.dynamodb.codec import decompress
from chalicelib.domain.generation import Generation
from chalicelib.domain.redaction.skeleton import skeleton
from tests.integration.api import items
from tests.integration.api.exchanges import chat
from tests.integration.api.service import Service, Tenant, running

pytestmark = pytest.mark.moto

SECRET = "Zq9xW7"
EMAIL = f"{SECRET}@example.org"
KEY = f"sk-proj-{SECRET * 6}"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    patterns, paths = "api_keys,emails,cards", "metadata.private"
    with running(SIGIL_AUTH_ENABLED="true", REDACT_PATTERNS=patterns, REDACT_PATHS=paths) as started:
        yield started


def everything_stored() -> str:
    """All rows of the table, unpacked."""
    rows = [plain(row) for row in boto3.client("dynamodb").scan(TableName="catchment")["Items"]]
    texts = []
    for row in rows:
        for value in row.values():
            is_packed = isinstance(value, bytes) and value[:1] == b"\x01"
            texts.append(decompress(value).decode() if is_packed else str(value))
    return "\n".join(texts)


def spoken(tenant: Tenant, **fields: Any) -> str:
    """An exchange with secrets wherever they may be."""
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": f"Mail {EMAIL} with {KEY}"}],
        "extra_headers": {"Authorization": f"Bearer {SECRET}"},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"z": 1, "a": EMAIL}}}],
    }
    exchange = chat(
        request_body=body,
        response_body={"choices": [{"message": {"content": f"Done, {EMAIL}"}}]},
        path=f"/v1/chat/completions?api_key={SECRET}",
        metadata={"private": SECRET, "card": 4111111111111111},
        request_id="e",
        **fields,
    )
    answer = tenant.request("POST", "/api/v1/ingest", json.dumps(exchange).encode())
    return str(answer.body.get("request_id"))


def test_nothing_that_a_rule_covers_is_stored_and_a_retry_is_known(service: Service, tenant: Tenant) -> None:
    assert [spoken(tenant), spoken(tenant)] == ["e", "e"]
    tenant.accept(items.small("s", input=[f"I am {EMAIL}"], metadata={"private": {"a": SECRET}}))
    score = {"score_id": "x", "generation_id": "e", "evaluator_id": "j", "evaluator_version": "1", "score_key": "k"}
    words = {"explanation": f"names {EMAIL}", "metadata": {"who": EMAIL}, "value": {"string": EMAIL}}
    assert tenant.request("POST", "/api/v1/scores:export", json.dumps({"scores": [{**score, **words}]}).encode())
    service.work()
    stored = everything_stored()
    assert SECRET not in stored
    assert "4111111111111111" not in stored
    record = tenant.record("e")
    assert record["prompt"] == "Mail [REDACTED] with [REDACTED]"
    assert record["completion"] == "Done, [REDACTED]"
    assert record["metadata"] == {"private": "[REDACTED]", "card": "[REDACTED]"}
    assert record["tools"][0]["input_schema_json"] == '{"z":1,"a":"[REDACTED]"}'
    assert record["exchange"]["path"] == "/v1/chat/completions?api_key=[REDACTED]"
    assert record["processing"] == {"state": "processed", "extraction": "succeeded"}
    assert tenant.record("s")["prompt"] == "I am [REDACTED]"
    assert tenant.get("/api/v1/generations/e/scores").body["items"][0]["explanation"] == "names [REDACTED]"


def test_what_cannot_be_redacted_is_stored_without_its_content(
    service: Service, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(generation: Generation, _content: bytes) -> Generation:
        return skeleton(generation)

    made = bootstrap.container()
    broken = replace(made)
    monkeypatch.setattr(broken.ingest, "_redact", fail)
    bootstrap.install(broken)
    try:
        assert spoken(tenant, depends_on=["p"]) == "e"
        service.work()
    finally:
        bootstrap.install(made)
    assert SECRET not in everything_stored()
    record = tenant.record("e")
    assert (record["status"], record["depends_on"]) == ("completed", ["p"])
    assert (record["prompt"], record["input"], record["exchange"]["request_body"]) == (None, [], None)
    assert spoken(tenant) == "None"
    assert spoken(tenant, depends_on=["p"]) == "e"
