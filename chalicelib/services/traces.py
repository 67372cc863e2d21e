"""Read traces: a trace is whatever generations name it, put together anew at each reading."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.call_tree import Node, forest
from chalicelib.domain.errors import missing
from chalicelib.domain.trace import TraceTotals, order_of
from chalicelib.services.ports import GenerationIndex, Position, Trace, Traces, Window
from chalicelib.services.reading import Reading, Stored
from chalicelib.services.showing import RESPONSE_BYTES, Resource

MOST_GENERATIONS = 10_000
"""Generations of one trace that are looked at; of more, the newest."""
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TracePage:
    """Traces, and where to go on: None at the end."""

    items: list[Resource]
    last: Position | None


class TraceReading:
    """The use cases behind the routes of traces. Raise NotFound of a trace that nothing processed names."""

    def __init__(self, traces: Traces, index: GenerationIndex, reading: Reading) -> None:
        self._traces = traces
        self._index = index
        self._reading = reading

    def page(self, tenant: str, before: Position | None, limit: int) -> TracePage:
        """Traces as they were first seen, newest first."""
        positions = self._traces.newest(tenant, before, limit + 1)
        found = self._traces.some(tenant, [trace_id for _, trace_id in positions[:limit]])
        items = [_listed(found[trace_id]) for _, trace_id in positions[:limit] if trace_id in found]
        return TracePage(items, positions[limit - 1] if len(positions) > limit else None)

    def one(self, tenant: str, trace_id: str) -> Resource:
        """One trace as its generations are now, with the error of the one that failed last."""
        positions, truncated = self._oldest_first(tenant, trace_id)
        totals = TraceTotals()
        for stored in self._entries(tenant, positions):
            totals.add(stored)
        failed = totals.latest_failure
        return {
            "id": trace_id,
            **totals.resource(),
            "generation_count": len(positions),
            "error": self._reading.one(tenant, failed, full=False)["error"] if failed else None,
            "truncated": truncated,
        }

    def generations(self, tenant: str, trace_id: str) -> Resource:
        """The ids of a trace's generations, oldest first; entries are read only where times of start are equal."""
        positions, truncated = self._oldest_first(tenant, trace_id)
        alike = Counter(listed_at for listed_at, _ in positions)
        tied = [position for position in positions if alike[position[0]] > 1]
        created = {stored["id"]: stored["created_at"] for stored in self._entries(tenant, tied)}
        ordered = sorted(positions, key=lambda position: (position[0], created.get(position[1], ""), position[1]))
        return {
            "trace_id": trace_id,
            "generation_ids": [generation_id for _, generation_id in ordered],
            "truncated": truncated,
        }

    def tree(self, tenant: str, trace_id: str) -> Resource:
        """A trace's generations under those that initiated them; the oldest, as far as a response can hold them."""
        positions, truncated = self._oldest_first(tenant, trace_id)
        nodes: list[tuple[tuple[str, str, str], Node]] = []
        room = RESPONSE_BYTES
        for stored in self._entries(tenant, positions):
            node = _node(stored)
            room -= len(json.dumps({**node, "children": []}, ensure_ascii=False).encode())
            if room < 0:
                truncated = True
                break
            nodes.append((order_of(stored), node))
        ordered = [node for _, node in sorted(nodes, key=lambda each: each[0])]
        return {"trace_id": trace_id, "roots": forest(ordered), "truncated": truncated}

    def _oldest_first(self, tenant: str, trace_id: str) -> tuple[list[Position], bool]:
        """The positions of a trace's generations, and whether there are more."""
        newest = self._index.newest(tenant, ("trace", trace_id), Window(), MOST_GENERATIONS + 1)
        if not newest:
            raise missing("trace")
        return newest[:MOST_GENERATIONS][::-1], len(newest) > MOST_GENERATIONS

    def _entries(self, tenant: str, positions: Sequence[Position]) -> Iterator[Stored]:
        """Their entries, in this order, a batch in memory at a time; one that is just being written is left out."""
        for start in range(0, len(positions), READ_AT_ONCE):
            batch = positions[start : start + READ_AT_ONCE]
            found = self._index.entries(tenant, batch)
            yield from (found[generation_id] for _, generation_id in batch if generation_id in found)


def _listed(trace: Trace) -> Resource:
    return {
        "id": trace.trace_id,
        "created_at": trace.created_at,
        "agent_id": trace.agent_name,
        "project_id": trace.project_id,
    }


def _node(stored: Stored) -> Node:
    return {name: stored.get(name) for name in ("id", "agent_name", "status", "initiator_generation_id")}
