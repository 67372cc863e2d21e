"""What the product writes to standard output: JSON lines and metrics, tied together by one id, without any payload."""

import io
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.observability import logs
from chalicelib.observability.catalog import EVENTS, METRICS
from tests.integration.api import items
from tests.integration.api.faults import INTERNALS, failing
from tests.integration.api.service import EXPORT, Service, Tenant, message, running

pytestmark = pytest.mark.moto

SECRET = "Dear doctor, nobody must know"


class PresentStdout(io.StringIO):
    """Standard output as it is at each moment: pytest replaces it between a fixture and its test."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@pytest.fixture
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true") as started:
        logs.configure("DEBUG", "catchment", stream=PresentStdout())
        yield started


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written since the last call: every line is one JSON object."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def events(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log lines among them, each one of the catalog."""
    found = [line for line in written if "_aws" not in line]
    assert {line["event"] for line in found} <= {event.name for event in EVENTS}
    return found


def metrics(written: list[dict[str, Any]]) -> dict[str, Any]:
    """Values by metric, checked to be in embedded metric format and in the catalog."""
    values: dict[str, Any] = {}
    for line in written:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "Catchment"
            assert all(name in line for names in directive["Dimensions"] for name in names)
            values.update({metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]})
    assert set(values) <= {metric.name for metric in METRICS}
    return values


def secretive(generation_id: str) -> dict[str, Any]:
    """A generation that has the secret in every place where a client may write."""
    parts = [{"text": SECRET}]
    return {
        **items.complete(generation_id),
        "system_prompt": SECRET,
        "input": [{"role": "user", "name": SECRET, "parts": parts}],
        "output": [{"role": "assistant", "parts": parts}],
        "tools": [{"name": SECRET, "description": SECRET, "input_schema_json": json.dumps({"d": SECRET})}],
        "metadata": {SECRET: SECRET},
        "tags": {SECRET: SECRET},
        "call_error": SECRET,
        "unknown": SECRET,
    }


def test_every_step_is_counted(service: Service, tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    tenant.export(items.small("g-1"), items.small("g-2"), {"id": "bad"})
    assert metrics(lines(capsys)) == {"accepted": 2, "rejected": 1}
    tenant.export(items.small("g-1"), items.small("g-2", stop_reason="other"))
    assert metrics(lines(capsys)) == {"duplicate": 1, "rejected": 1}
    service.work()
    processed = metrics(lines(capsys))
    assert (set(processed), processed["processed"]) == ({"processed", "lag"}, 2)
    with failing("dynamodb"):
        service.deliver([message("{}")])
    assert metrics(lines(capsys)) == {"failed": 1}


def test_the_request_s_correlation_id_is_in_the_answer_and_in_the_worker_s_lines(
    service: Service, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = tenant.post([items.small("g-1")], x_correlation_id="order-66")
    assert answer.headers["x-correlation-id"] == "order-66"
    with failing("dynamodb", "TransactWriteItems"):
        assert service.deliver(service.messages())
    [line] = events(lines(capsys))
    assert (line["event"], line["level"], line["correlation_id"]) == ("message_failed", "ERROR", "order-66")
    assert line["function"] == "catchment-process"
    assert line["error_type"] == "chalicelib.domain.errors.Unavailable"


def test_a_message_sent_by_the_schedule_bears_the_id_of_its_request(
    service: Service, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    with failing("sqs", "SendMessageBatch"):
        tenant.post([items.small("g-1")], x_request_id="order-67")
    service.clock.ahead += timedelta(seconds=61)
    service.resend()
    written = lines(capsys)
    assert [line["event"] for line in events(written)] == ["outbox_resent"]
    assert metrics(written)["resent"] == 1
    [sent] = service.messages()
    assert json.loads(sent["Body"])["correlation_id"] == "order-67"


@pytest.mark.parametrize("sent", ["", "x" * 129, 'a"b', "a\tb", "ü"])
def test_an_id_that_could_not_be_logged_safely_is_replaced(tenant: Tenant, sent: str) -> None:
    answer = tenant.request("GET", "/api/v1/generations", x_correlation_id=sent)
    assert answer.headers["x-correlation-id"] not in {"", sent}


def test_no_line_and_no_queue_message_has_any_text_of_a_payload(
    service: Service, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through success, refusal, conflict, malformed bodies, faults of storage, and an error nobody foresaw."""
    tenant.export(secretive("g-1"), {**secretive("g-2"), "mode": SECRET}, {**secretive("g-3"), "usage": SECRET})
    tenant.export({**secretive("g-1"), "stop_reason": SECRET})
    tenant.request("POST", EXPORT, f'{{"generations": ["{SECRET}'.encode())
    tenant.get("/api/v1/generations", agent_name=SECRET, unknown=SECRET)
    [queued] = service.messages()
    assert SECRET not in json.dumps(queued)
    with failing("dynamodb"):
        assert tenant.post([secretive("g-4")]).status == 503
        service.deliver([queued])
    service.deliver([message(SECRET)])
    assert service.deliver([queued]) == []
    assert tenant.record("g-1")["system_prompt"] == SECRET
    written = capsys.readouterr()
    assert written.out
    for told in ("Dear doctor", INTERNALS):
        assert told not in written.out + written.err


def test_an_error_nobody_foresaw_is_logged_with_its_place_and_without_its_words(
    tenant: Tenant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("chalicelib.services.ingest.canonical_json", fail)
    answer = tenant.post([secretive("g-1")])
    assert (answer.status, answer.error_code, answer.body["error"]["message"]) == (500, "INTERNAL", "internal error")
    written = capsys.readouterr().out
    assert SECRET not in written
    [line] = events([json.loads(each) for each in written.splitlines()])
    assert (line["event"], line["error_type"], line["action"]) == (
        "request_failed",
        "RuntimeError",
        "generations:ExportGenerations",
    )
    assert line["correlation_id"] == answer.headers["x-correlation-id"]
    assert any("test_logs.py" in frame for frame in line["stack"])
