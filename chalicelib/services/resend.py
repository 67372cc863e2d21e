"""Keep the outbox's promises: send what is due again, until the queue has it and its writer is certainly gone."""

from dataclasses import dataclass

from chalicelib.services.messages import as_final
from chalicelib.services.ports import Clock, Outbox, OutboxRow, Queue
from chalicelib.services.telemetry import Telemetry

WRITER_GONE_MS = 300_000
"""A request ends within 30 s; a row this old was left by a writer that is dead, so nothing can be added behind it."""
FIRST_DELAY_MS = 60_000
LONGEST_DELAY_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Resent:
    """How many rows were due, and how many of them the queue has accepted."""

    due: int
    accepted: int


class Resend:
    """One bounded run of the schedule."""

    def __init__(self, outbox: Outbox, queue: Queue, clock: Clock, telemetry: Telemetry, limit: int) -> None:
        self._outbox = outbox
        self._queue = queue
        self._clock = clock
        self._telemetry = telemetry
        self._limit = limit

    def __call__(self) -> Resent:
        """Send due rows; delete those accepted as final, postpone all others with doubling delay."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        rows = self._outbox.due(now_ms, self._limit)
        accepted = [self._send(row, now_ms) for row in rows]
        sent = sum(accepted)
        if sent:
            self._telemetry.metrics.count("resent", sent)
        return Resent(len(rows), sent)

    def _send(self, row: OutboxRow, now_ms: int) -> bool:
        final = now_ms - row.created_ms >= WRITER_GONE_MS
        body = as_final(row.body) if final else row.body
        [accepted] = self._queue.send(row.queue, [body])
        if accepted and final:
            self._outbox.remove([row])
        else:
            self._outbox.postpone(row, now_ms + min(FIRST_DELAY_MS * 2**row.attempts, LONGEST_DELAY_MS))
        return accepted
