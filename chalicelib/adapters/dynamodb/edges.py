"""Edges of the depends_on graph, kept with the parent, because a child knows only its parents' ids.

A parent's edges begin in one partition. One edge in 64, chosen by the child's id, counts for 64 on the parent's fan-out
item; when the estimate grows past a threshold, further edges go to 16 and then to 256 partitions. Readers read the
level together with the first partition and then every partition up to it; the level only grows. An edge written to a
level that a reader has not seen was written after that read, and its writer looks at the parent afterwards.
"""

from collections import Counter
from collections.abc import Sequence

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.keys import EDGE_PARTITIONS, FAN_OUT
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.ports import ChildPage, Edge

SAMPLE = 64
THRESHOLDS = (4_096, 262_144)
KNOWN_LIMIT = 10_000
FIRST, LAST = FAN_OUT, "C$"  # "$" follows "#", which stands before the child


class Edges:
    """Writes and reads edges."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._levels: dict[tuple[str, str], int] = {}

    def put(self, tenant: str, edges: Sequence[Edge]) -> None:
        """One row per edge; counts the sampled ones first, which tells busy parents' levels."""
        sampled = Counter(edge.parent for edge in edges if keys.shard_of(edge.child, SAMPLE) == 0)
        estimates = self._table.in_parallel(
            lambda parent: self._table.add(keys.fan_out(tenant, parent), "n", sampled[parent] * SAMPLE), sampled
        )
        for parent, estimate in zip(sampled, estimates, strict=True):
            self._learn(tenant, parent, estimate)
        self._table.put_all(
            (keys.edge(tenant, edge.parent, edge.child, self._level(tenant, edge.parent)), {"t": edge.listed_at})
            for edge in edges
        )

    def _learn(self, tenant: str, parent: str, estimate: int) -> None:
        if len(self._levels) > KNOWN_LIMIT:
            self._levels.clear()
        self._levels[tenant, parent] = level_of(estimate)

    def _level(self, tenant: str, parent: str) -> int:
        return self._levels.get((tenant, parent), 0)

    def children(self, tenant: str, parent: str, after: str | None, limit: int) -> ChildPage:
        """A page that goes on over partitions until it is full. `after` is `level:top:shard:sort key`."""
        level, top, shard, last = _position(after)
        edges: list[Edge] = []
        while True:
            wanted = limit - len(edges)
            records = self._page(keys.edge_partition(tenant, parent, level, shard), last, wanted)
            if level == 0 and after is None and not edges:
                top = max([top, *(level_of(record["n"]) for record in records if record["sk"] == FAN_OUT)])
            edges += [_edge(parent, record) for record in records if record["sk"] != FAN_OUT]
            if len(records) >= wanted:
                return ChildPage(edges, f"{level}:{top}:{shard}:{records[-1]['sk']}")
            following = _following(level, shard, top)
            if following is None:
                return ChildPage(edges, None)
            (level, shard), last = following, ""

    def _page(self, partition: str, last: str, limit: int) -> list[Record]:
        """Up to `limit` rows behind `last`; bounds include themselves, so one more is read and `last` left out."""
        records = self._table.query(partition, last or FIRST, LAST, limit=limit + 1, consistent=True)
        return [record for record in records if record["sk"] != last][:limit]


def level_of(estimate: int) -> int:
    """The level for an estimated number of children."""
    return sum(1 for threshold in THRESHOLDS if estimate >= threshold)


def _position(after: str | None) -> tuple[int, int, int, str]:
    if after is None:
        return 0, 0, 0, ""
    level, top, shard, last = after.split(":", 3)
    return int(level), int(top), int(shard), last


def _following(level: int, shard: int, top: int) -> tuple[int, int] | None:
    if shard + 1 < EDGE_PARTITIONS[level]:
        return level, shard + 1
    return (level + 1, 0) if level < top else None


def _edge(parent: str, record: Record) -> Edge:
    return Edge(parent, str(record["sk"])[2:], record["t"])
