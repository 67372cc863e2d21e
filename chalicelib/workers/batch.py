"""SQS batches: each message for itself, and only the failed ones come back."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.observability.logs import correlation, log_exception
from chalicelib.observability.request_context import trace_header_of_record
from chalicelib.services.messages import GenerationsStored
from chalicelib.services.telemetry import Telemetry

Failures = dict[str, list[dict[str, str]]]
Record = Mapping[str, Any]
Work = Callable[[GenerationsStored], object]


def each_message(event: Mapping[str, Any], segment: str, telemetry: Telemetry, work: Work) -> Failures:
    """Run `work` on every message; give Lambda the ids of those that failed (ReportBatchItemFailures)."""
    with telemetry.metrics.emitting():
        failed = [record["messageId"] for record in event["Records"] if not _done(record, segment, telemetry, work)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _done(record: Record, segment: str, telemetry: Telemetry, work: Work) -> bool:
    """Whether the message is done with; an exception means that it must come again, or end in the dead-letter queue."""
    try:
        message = GenerationsStored.decode(record["body"])
    except ValueError as error:
        return _failed(record, telemetry, error)
    with correlation(message.correlation_id, function=segment):
        try:
            with telemetry.tracer.segment(segment, trace_header_of_record(record)):
                work(message)
        except Exception as error:  # noqa: BLE001 - one message must never take the others with it
            return _failed(record, telemetry, error)
    return True


def _failed(record: Record, telemetry: Telemetry, error: Exception) -> bool:
    receives = record.get("attributes", {}).get("ApproximateReceiveCount")
    log_exception("message_failed", error, message_id=record["messageId"], receives=receives)
    telemetry.metrics.count("failed")
    return False
