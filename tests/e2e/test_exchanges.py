"""Every recorded exchange through the whole local run, against what the providers' own packages make of it."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.generations import call, wait_until_processed
from tests.oracle.expected import Expected, expected
from tests.oracle.recorded import FILE, NO_ANSWER, exchanges, kind_of, name_of

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.roto,
    pytest.mark.skipif(not FILE.exists(), reason="the recorded exchanges are not here"),
]

BATCH = 50
SENT = ("path", "method", "status_code", "request_body", "response_body")


@pytest.fixture(scope="module")
def records(running_service: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each exchange with the generation it has become."""
    known = [(f"recorded-{number}", exchange) for number, exchange in enumerate(exchanges())]
    for start in range(0, len(known), BATCH):
        batch = known[start : start + BATCH]
        sent = [
            {"request_id": own, "provider": exchange["host"], **{name: exchange[name] for name in SENT}}
            for own, exchange in batch
        ]
        status, answer = call(f"{running_service}/api/v1/ingest/batch", json.dumps({"exchanges": sent}).encode())
        assert (status, answer["accepted"], answer["rejected"]) == (202, len(batch), 0)
    return [(exchange, wait_until_processed(running_service, own)) for own, exchange in known]


def test_every_answer_reads_as_the_official_package_reads_it(records: list[tuple[dict[str, Any], Any]]) -> None:
    seen: Counter[str] = Counter()
    differing = []
    for exchange, record in records:
        if not 200 <= exchange["status_code"] < 300 or name_of(exchange) in NO_ANSWER:
            continue
        seen[kind_of(exchange)] += 1
        theirs = expected(exchange)
        ours = as_expected(record, parse_input=exchange["shape"] == "/messages")
        is_failed = record["status"] == "failed"
        fine = record["processing"] == {"state": "processed", "extraction": "succeeded"}
        if ours != replace(theirs, raised=None, reason="error" if is_failed else theirs.reason) or not fine:
            differing.append((name_of(exchange), record["processing"], ours, theirs))
    assert differing == []
    assert set(seen) == {
        f"{shape} {form}" for shape in ("/chat/completions", "/responses", "/messages") for form in ("JSON", "streamed")
    }


def test_every_other_one_is_kept_and_says_why(records: list[tuple[dict[str, Any], Any]]) -> None:
    for exchange, record in records:
        assert record["exchange"]["response_body"] == exchange["response_body"]
        assert json.dumps(record["exchange"]["request_body"]) == json.dumps(exchange["request_body"])
        if exchange["status_code"] >= 400:
            assert record["status"] == "failed"
            assert record["error"]["code"] == "AI_PROVIDER_ERROR"
            assert record["error"]["meta"]["provider_status_code"] == exchange["status_code"]
            assert record["model"]["name"] == exchange["request_body"]["model"]
        elif name_of(exchange) in NO_ANSWER:
            assert record["processing"]["extraction"] == "failed"
            assert record["processing"]["error"]


def as_expected(record: dict[str, Any], *, parse_input: bool) -> Expected:
    """A record of the service in the oracle's form."""
    parts = record["output"][0]["parts"] if record["output"] else []
    calls = [part["tool_call"] for part in parts if "tool_call" in part and "metadata" not in part]
    usage = record["usage"]
    return Expected(
        model=record["model"]["name"],
        response_model=record["response_model"],
        completion=record["completion"],
        reason=record["stop_reason"],
        tool_calls=tuple(
            (each.get("name"), json.loads(each["input_json"]) if parse_input else each.get("input_json", ""))
            for each in calls
        ),
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        total_tokens=usage["total_tokens"],
        cached_tokens=usage["cache_read_input_tokens"],
        reasoning_tokens=usage["reasoning_tokens"],
    )
