"""Correlation ids and trace headers are taken from envelopes, and only well-formed ones."""

import re

import pytest

from chalicelib.observability.request_context import (
    correlation_of_headers,
    trace_header_of_headers,
    trace_header_of_record,
)

MADE = re.compile(r"[0-9a-f]{32}")


@pytest.mark.parametrize("name", ["X-Correlation-Id", "x-correlation-id", "X-Request-Id", "X-REQUEST-ID"])
def test_the_clients_id_is_taken_whatever_its_headers_case(name: str) -> None:
    assert correlation_of_headers({name: "job-7:a.b_c"}) == "job-7:a.b_c"


def test_the_correlation_id_goes_before_the_request_id() -> None:
    headers = {"X-Request-Id": "second", "X-Correlation-Id": "first"}
    assert correlation_of_headers(headers) == "first"
    assert correlation_of_headers(headers | {"X-Correlation-Id": "not valid"}) == "second"


@pytest.mark.parametrize("value", ["", "a b", "x" * 129, "line\nbreak", "id\n", "ключ", '{"event":"forged"}'])
def test_a_malformed_id_is_replaced_by_a_made_one(value: str) -> None:
    made = correlation_of_headers({"X-Correlation-Id": value})
    assert MADE.fullmatch(made)
    assert made != correlation_of_headers({})


def test_an_sqs_record_bears_the_trace_header_of_its_sender() -> None:
    header = "Root=1-5759e988-bd862e3fe1be46a994272793"
    assert trace_header_of_record({"attributes": {"AWSTraceHeader": header}}) == header


@pytest.mark.parametrize("record", [{}, {"attributes": None}, {"attributes": {"SentTimestamp": "1"}}])
def test_a_bare_record_has_no_trace_header(record: dict[str, object]) -> None:
    assert trace_header_of_record(record) is None


def test_the_trace_header_of_a_request_is_found_in_any_case() -> None:
    assert trace_header_of_headers({"x-amzn-trace-id": "Root=1"}) == "Root=1"
    assert trace_header_of_headers({"Accept": "*/*"}) is None
