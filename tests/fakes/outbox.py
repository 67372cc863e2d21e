"""Promises in memory."""

import threading
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.services.ports import OutboxRow


class FakeOutbox:
    """The `Outbox` port, in one shard."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[tuple[int, str], OutboxRow] = {}

    def add(self, rows: Sequence[OutboxRow]) -> None:
        with self._lock:
            self._rows.update({(row.due_ms, row.key): row for row in rows})

    def remove(self, rows: Sequence[OutboxRow]) -> None:
        with self._lock:
            for row in rows:
                self._rows.pop((row.due_ms, row.key), None)

    def due(self, now_ms: int, limit: int) -> list[OutboxRow]:
        with self._lock:
            return [row for (due_ms, _), row in sorted(self._rows.items()) if due_ms <= now_ms][:limit]

    def postpone(self, row: OutboxRow, due_ms: int) -> None:
        self.add([replace(row, due_ms=due_ms, attempts=row.attempts + 1)])
        self.remove([row])
