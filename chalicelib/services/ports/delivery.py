"""Promises and queues: how a message is certain to arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A promise that `body` reaches `queue`. Times are milliseconds since the epoch."""

    key: str
    queue: str
    body: str
    created_ms: int
    due_ms: int
    attempts: int = 0


class Outbox(Protocol):
    """Promises made before the work they stand for, kept until the queue has them."""

    def add(self, rows: Sequence[OutboxRow]) -> None:
        """Write the rows durably."""
        ...

    def remove(self, rows: Sequence[OutboxRow]) -> None:
        """Delete the rows; one that is gone already is no error."""
        ...

    def due(self, now_ms: int, limit: int) -> list[OutboxRow]:
        """Rows due at `now_ms`, oldest first per shard, at most `limit`; strongly consistent."""
        ...

    def postpone(self, row: OutboxRow, due_ms: int) -> None:
        """Make the row due later, with one more attempt; it is never absent in between."""
        ...


class Queue(Protocol):
    """Message queues by name."""

    def send(
        self,
        queue: str,
        bodies: Sequence[str],
        trace_header: str | None = None,
        *,
        delay_s: int = 0,
        group: str | None = None,
    ) -> list[bool]:
        """Send each body; say for each whether the queue has accepted it. It arrives after `delay_s`, 900 at most.

        Where groups are named, a group with many messages in work does not keep those of the others waiting.
        """
        ...


class Postpone(Protocol):
    """Lets a message that failed come again later than its queue would have it."""

    def __call__(self, queue: str, receipt: str, seconds: int) -> None:
        """Hide the message with that receipt for so long."""
        ...
