"""A process that does not trace pays nothing for tracing, and breaks no trace that passes through it."""

import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.observability.tracing import NullTracer, tracer_for
from chalicelib.observability.xray import XRayTracer

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"
HEAVY = ("aws_xray_sdk", "botocore", "boto3", "wrapt", "pydantic", "chalice")

WITHOUT_TRACING = f"""
import sys
from chalicelib.observability import logs, metrics, request_context
from chalicelib.observability.tracing import tracer_for

logs.configure("INFO", "catchment")
unsampled = lambda: {HEADER!r}.replace("Sampled=1", "Sampled=0")
for enabled, in_lambda in ((False, False), (False, True), (True, True)):
    tracer = tracer_for(enabled, in_lambda, unsampled)
    with logs.correlation(request_context.correlation_of_headers({{}})), metrics.Metrics("api").emitting():
        with tracer.segment("catchment-api", {HEADER!r}), tracer.subsegment("ingest", items=3):
            logs.log("event")
            assert "1-5759e988-bd862e3fe1be46a994272793" in tracer.header()
found = [name for name in {HEAVY!r} if name in sys.modules]
assert not found, found
"""


def test_the_incoming_header_is_handed_on_unchanged() -> None:
    tracer = NullTracer()
    with tracer.segment("catchment-api", HEADER), tracer.subsegment("ingest", items=3):
        assert tracer.header() == HEADER
    assert tracer.header() is None


def test_a_malformed_header_is_not_handed_on_because_sqs_would_refuse_the_message() -> None:
    tracer = NullTracer()
    with tracer.segment("catchment-api", "Root=1;oh no"):
        assert tracer.header() is None


def test_errors_pass_through() -> None:
    tracer = tracer_for(enabled=False, in_lambda=False, invocation_header=lambda: None)
    with pytest.raises(KeyError), tracer.segment("catchment-api"), tracer.subsegment("ingest"):
        raise KeyError


def test_the_factory_records_only_where_tracing_is_enabled() -> None:
    assert isinstance(tracer_for(enabled=False, in_lambda=True, invocation_header=lambda: HEADER), NullTracer)
    assert isinstance(tracer_for(enabled=True, in_lambda=False, invocation_header=lambda: HEADER), XRayTracer)


def test_a_process_that_does_not_trace_or_is_not_sampled_never_imports_the_sdk() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_TRACING],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
