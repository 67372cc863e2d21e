"""Calls app.py's functions as Lambda does, in a process of its own: `python -m benchmarks.invoke SIZE BATCHES OUTPUT`.

Writes a JSON object of CPU seconds, wall seconds and bytes written to standard output (which Lambda hands to CloudWatch
Logs). What Lambda's poller does, receiving and deleting messages, is left out.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.workload import Workload, body
from infra.local.context import LambdaContext
from infra.local.messages import schedule_event, sqs_event

PATH = "/api/v1/generations:export"
ACCEPTED = 202
MOST_RECEIVES = 10_000
RESENDS = 20


class CountingOutput:
    """A standard output that only counts."""

    def __init__(self) -> None:
        self.written = 0

    def write(self, text: str) -> int:
        """Count what would be logged."""
        self.written += len(text.encode())
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


class Stretch:
    """CPU of this process, time and log bytes since it was made."""

    def __init__(self, output: CountingOutput) -> None:
        self._output = output
        self._begin = time.process_time(), time.perf_counter(), output.written

    def per(self, calls: int) -> dict[str, float]:
        """Each divided by the number of calls."""
        cpu, wall, written = self._begin
        return {
            "cpu": (time.process_time() - cpu) / calls,
            "wall": (time.perf_counter() - wall) / calls,
            "log_bytes": (self._output.written - written) / calls,
        }


def main(size: int, batches: int, target: Path) -> None:
    """Measure first and later invocations of both functions with `batches` batches of `size` generations."""
    output = CountingOutput()
    sys.stdout = output
    workload = Workload(f"invoke-{size}")
    events = [rest_event(body(workload.batch(size))) for _ in range(batches + 1)]
    beginning = Stretch(output)
    from app import app

    measured = {"import": beginning.per(1)}
    measured |= measure("api", lambda event: export(app, event), events, output)
    measured |= measure("worker", lambda event: process(app, event), receive_all(), output)
    measured |= measure("resend", lambda event: resend(app, event), [schedule_event("resend")] * RESENDS, output)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    target.write_text(json.dumps({**measured, "peak_bytes": peak}), encoding="utf-8")


def measure(
    name: str, call: Callable[[dict[str, Any]], None], events: list[dict[str, Any]], output: CountingOutput
) -> dict[str, dict[str, float]]:
    """The first call, which imports what is needed, apart from those that follow."""
    first = Stretch(output)
    call(events[0])
    measured = {f"{name}_first": first.per(1)}
    later = Stretch(output)
    for event in events[1:]:
        call(event)
    return {**measured, f"{name}_later": later.per(len(events) - 1)}


def export(app: Any, event: Mapping[str, Any]) -> None:  # noqa: ANN401 - Chalice publishes no types
    """One request that has to succeed."""
    answer = app(event, LambdaContext("api_handler", 29))
    results = json.loads(answer["body"])["results"] if answer["statusCode"] == ACCEPTED else []
    if not results or not all(result["accepted"] for result in results):
        raise RuntimeError(answer["body"][:500])


def process(app: Any, event: Mapping[str, Any]) -> None:  # noqa: ANN401 - Chalice publishes no types
    """One message that has to be processed."""
    answer = app.handler_map["process"](event, LambdaContext("process", 90))
    if answer["batchItemFailures"]:
        raise RuntimeError("a message failed")


def resend(app: Any, event: Mapping[str, Any]) -> None:  # noqa: ANN401 - Chalice publishes no types
    """One run of the schedule, which finds nothing due."""
    app.handler_map["resend"](event, LambdaContext("resend", 60))


def receive_all() -> list[dict[str, Any]]:
    """Every message in the queue, as one event each: what Lambda makes of a queue that is never behind."""
    from infra.local.provision import client

    sqs, url = client("sqs", os.environ["AWS_ENDPOINT_URL"]), os.environ["PROCESS_QUEUE_URL"]
    events: list[dict[str, Any]] = []
    for _ in range(MOST_RECEIVES):
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600, MessageSystemAttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        if not messages:
            return events
        events += [sqs_event([message], "process") for message in messages]
    raise RuntimeError("the queue does not end")


def rest_event(given: bytes) -> dict[str, Any]:
    """An export as API Gateway's REST API hands it over."""
    return {
        "resource": PATH,
        "path": PATH,
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"resourcePath": PATH, "path": PATH, "httpMethod": "POST", "identity": {}},
        "body": given.decode(),
        "isBase64Encoded": False,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
