"""Counts what the product's own clients send: calls and request units, by phase and step.

Hooks on the clients ask DynamoDB for `ReturnConsumedCapacity` and keep what the engine says; beside it stands the
charge by the published rules, because no local engine counts everything right.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.charges import charge
from benchmarks.rows import step_of
from benchmarks.shadow import Shadow

SQS_CHUNK = 64 * 1024
_PARAMS = "catchment-benchmark"


@dataclass
class Tally:
    """What one step took. `reported` is what the engine said, whether reads or writes; None when it said nothing."""

    calls: int = 0
    writes: float = 0
    reads: float = 0
    reported: float | None = None


@dataclass
class Ledger:
    """What a measured stretch took."""

    steps: dict[tuple[str, str], Tally] = field(default_factory=dict)
    writes_by_kind: dict[str, float] = field(default_factory=dict)
    reads_by_kind: dict[str, float] = field(default_factory=dict)
    queue_requests: int = 0
    """SQS requests as billed: one for each begun 64 KB of a call."""

    @property
    def calls(self) -> int:
        """Requests to DynamoDB."""
        return sum(tally.calls for tally in self.steps.values())

    @property
    def writes(self) -> float:
        """Write units by the published rules."""
        return sum(self.writes_by_kind.values())

    @property
    def reads(self) -> float:
        """Read units by the published rules."""
        return sum(self.reads_by_kind.values())


class Meter:
    """Watches a DynamoDB and an SQS client of boto3 from when it is made."""

    def __init__(self, dynamodb: Any, sqs: Any, shadow: Shadow | None = None) -> None:  # noqa: ANN401 - boto3 publishes no types
        self.shadow = shadow or Shadow()
        self.ledger = Ledger()
        self.phase = ""
        self._lock = threading.Lock()
        dynamodb.meta.events.register("before-parameter-build.dynamodb", self._before)
        dynamodb.meta.events.register("after-call.dynamodb", self._after)
        sqs.meta.events.register("before-parameter-build.sqs.SendMessageBatch", self._sending)

    def begin(self, phase: str) -> None:
        """What follows belongs to this phase."""
        self.phase = phase

    def reset(self) -> None:
        """Start a new ledger; what is stored stays known."""
        self.ledger = Ledger()

    def _before(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context[_PARAMS] = params

    def _after(self, parsed: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's
        operation, params = model.name, context[_PARAMS]
        with self._lock:
            made = charge(operation, params, parsed, self.shadow)
            name = "Delete" if _deletes(operation, params) else operation
            tally = self.ledger.steps.setdefault((self.phase, step_of(name, made.kinds)), Tally())
            tally.calls += 1
            tally.writes += sum(made.writes.values())
            tally.reads += sum(made.reads.values())
            reported = _reported(parsed)
            if reported is not None:
                tally.reported = (tally.reported or 0) + reported
            _add(self.ledger.writes_by_kind, made.writes)
            _add(self.ledger.reads_by_kind, made.reads)

    def _sending(self, params: Mapping[str, Any], **_: object) -> None:
        size = sum(len(entry["MessageBody"].encode()) for entry in params["Entries"])
        with self._lock:
            self.ledger.queue_requests += max(1, -(-size // SQS_CHUNK))


def _deletes(operation: str, params: Mapping[str, Any]) -> bool:
    if operation == "BatchWriteItem":
        return all("DeleteRequest" in one for requests in params["RequestItems"].values() for one in requests)
    return operation == "DeleteItem"


def _reported(parsed: Mapping[str, Any]) -> float | None:
    """The engine's total: an object, or for batches and transactions a list with one per table."""
    consumed = parsed.get("ConsumedCapacity")
    if not consumed:
        return None
    tables = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(table.get("CapacityUnits", 0) for table in tables))


def _add(totals: dict[str, float], more: Mapping[str, float]) -> None:
    for kind, units in more.items():
        totals[kind] = totals.get(kind, 0) + units
