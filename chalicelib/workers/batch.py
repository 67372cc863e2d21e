"""SQS batches: each message for itself, and only the failed ones come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.observability.logs import correlation, log_exception
from chalicelib.observability.request_context import trace_header_of_record
from chalicelib.services.telemetry import Telemetry

Failures = dict[str, list[dict[str, str]]]
Record = Mapping[str, Any]


class Message(Protocol):
    """What every message has."""

    @property
    def correlation_id(self) -> str:
        """The id of the request that caused it."""
        ...


M = TypeVar("M", bound=Message)
LAST_RECEIVE = 5
"""`maxReceiveCount` of infra/resources.yaml: after it a message goes to the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class Worker(Generic[M]):
    """What is done with each message of one queue, and what when its last receive has failed too.

    `back_off` is told of each message that failed and will come again; without it the queue's own time applies.
    """

    segment: str
    telemetry: Telemetry
    decode: Callable[[str], M]
    work: Callable[[M], object]
    give_up: Callable[[M, str], object]
    back_off: Callable[[Record], object] | None = None

    def each_message(self, event: Mapping[str, Any]) -> Failures:
        """Run `work` on every message; give Lambda the ids of those that failed (ReportBatchItemFailures)."""
        with self.telemetry.metrics.emitting():
            failed = [record["messageId"] for record in event["Records"] if not self._done(record)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    def _done(self, record: Record) -> bool:
        """Whether the message is done with; if not, it comes again or ends in the dead-letter queue."""
        try:
            message = self.decode(record["body"])
        except ValueError as error:
            return self._failed(record, error)
        with correlation(message.correlation_id, function=self.segment):
            try:
                with self.telemetry.tracer.segment(self.segment, trace_header_of_record(record)):
                    self.work(message)
            except Exception as error:  # noqa: BLE001 - one message must never take the others with it
                if receives(record) >= LAST_RECEIVE:
                    self._give_up(message, error)
                elif self.back_off is not None:
                    self._back_off(self.back_off, record)
                return self._failed(record, error)
        return True

    def _give_up(self, message: M, error: Exception) -> None:
        try:
            self.give_up(message, f"processing failed {LAST_RECEIVE} times: {type(error).__name__}")
        except Exception as second:  # noqa: BLE001 - the message is in the dead-letter queue either way
            log_exception("giving_up_failed", second)

    def _back_off(self, back_off: Callable[[Record], object], record: Record) -> None:
        try:
            back_off(record)
        except Exception as second:  # noqa: BLE001 - the message comes again either way
            log_exception("backing_off_failed", second, level="WARNING")

    def _failed(self, record: Record, error: Exception) -> bool:
        log_exception("message_failed", error, message_id=record["messageId"], receives=receives(record))
        self.telemetry.metrics.count("failed")
        return False


def receives(record: Record) -> int:
    """How often the queue has handed out this message, this time included."""
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
