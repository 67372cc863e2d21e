"""Traces in memory."""

import threading
from collections.abc import Sequence

from chalicelib.services.ports import Position, Trace


class FakeTraces:
    """The `Traces` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._traces: dict[tuple[str, str], Trace] = {}

    def register(self, tenant: str, owner: str, traces: Sequence[Trace]) -> None:  # noqa: ARG002 - never dies halfway
        with self._lock:
            for trace in traces:
                self._traces.setdefault((tenant, trace.trace_id), trace)

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        with self._lock:
            listed = [(trace.created_at, name) for (of, name), trace in self._traces.items() if of == tenant]
        return sorted((one for one in listed if before is None or one < before), reverse=True)[:limit]

    def some(self, tenant: str, ids: Sequence[str]) -> dict[str, Trace]:
        return {name: trace for name in ids if (trace := self._traces.get((tenant, name)))}
