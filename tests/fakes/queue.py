"""Queues in memory."""

import threading
from collections.abc import Sequence
from typing import NamedTuple


class Message(NamedTuple):
    """What was sent, with the trace header it came with."""

    body: str
    trace_header: str | None


class FakeQueue:
    """The `Queue` port: accepts everything, or nothing while it is `down`. What is delayed is there at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, list[Message]] = {}
        self.down = False
        self.delays: list[int] = []
        self.groups: list[tuple[str, str | None]] = []

    def send(
        self,
        queue: str,
        bodies: Sequence[str],
        trace_header: str | None = None,
        *,
        delay_s: int = 0,
        group: str | None = None,
    ) -> list[bool]:
        self.delays.append(delay_s)
        self.groups.append((queue, group))
        if self.down:
            return [False] * len(bodies)
        with self._lock:
            self._messages.setdefault(queue, []).extend(Message(body, trace_header) for body in bodies)
        return [True] * len(bodies)

    def take(self, queue: str) -> list[Message]:
        """All messages, which are gone afterwards."""
        with self._lock:
            return self._messages.pop(queue, [])
