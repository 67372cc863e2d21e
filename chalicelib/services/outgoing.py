"""The outbox as the use cases use it: promise messages before the work, hand them over after it."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.errors import Unavailable
from chalicelib.observability.tracing import Tracer
from chalicelib.services.ports import Clock, Outbox, OutboxRow, Queue

RESEND_AFTER_MS = 60_000


class Outgoing:
    """Messages that are certain to arrive once the work they tell of is done."""

    def __init__(self, outbox: Outbox, queue: Queue, clock: Clock, tracer: Tracer) -> None:
        self._outbox = outbox
        self._queue = queue
        self._clock = clock
        self._tracer = tracer

    def promise(self, queue: str, bodies: Mapping[str, str]) -> dict[str, OutboxRow]:
        """Write an outbox row for each key's message, before anything that the message tells of."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        rows = {key: OutboxRow(key, queue, body, now_ms, now_ms + RESEND_AFTER_MS) for key, body in bodies.items()}
        self._outbox.add(list(rows.values()))
        return rows

    def repeat(self, queue: str, key: str, body: str) -> None:
        """Promise a message and send it now; its row stays, so that it comes again until nothing begun before it lives.

        A send that fails is made by `resend`.
        """
        self.promise(queue, {key: body})
        self._queue.send(queue, [body], self._tracer.header())

    def send(self, queue: str, bodies: Sequence[str], *, delay_s: int = 0, group: str | None = None) -> None:
        """Send messages that follow from one which comes again until this has succeeded. Raises Unavailable."""
        header = self._tracer.header()
        if bodies and not all(self._queue.send(queue, bodies, header, delay_s=delay_s, group=group)):
            raise Unavailable("queue is not available")

    def hand_over(self, rows: Sequence[OutboxRow], unneeded: Sequence[OutboxRow] = ()) -> None:
        """Send the messages, then delete their rows and those of messages that turned out not to be needed.

        Raises Unavailable when the queue has not accepted all; the rows then stay, and `resend` finds them.
        """
        for queue in dict.fromkeys(row.queue for row in rows):
            self.send(queue, [row.body for row in rows if row.queue == queue])
        try:
            self._outbox.remove([*rows, *unneeded])
        except Unavailable:
            return  # the messages are in the queue: a row that stays only means that one of them is sent twice
