"""Entries and list rows: the tenant's list of all is made of the entries, every other list of rows without content."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import Entry, Position, Rewrite, Window, left_behind

REWRITE_ROUNDS = 6
SMALLEST_PAGE = 8
LOWEST = "0"
HIGHEST = "9999~"
AFTER_ALL_IDS = "$"  # follows "#", which stands between time and id


class DynamoIndex:
    """The `GenerationIndex` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, tenant: str, entries: Sequence[Entry]) -> None:
        """All rows of all entries in shared batches; entries of runs after their rows, one by one."""
        runs = [entry for entry in entries if entry.version is not None]
        self._table.put_all(
            row for entry in entries for row in _rows(tenant, entry)[1 if entry.version is not None else 0 :]
        )
        for entry in runs:
            self._put_run(tenant, entry)

    def _put_run(self, tenant: str, entry: Entry) -> None:
        """Only the status that a run ends with is never left again; rows of others are deleted behind its entry.

        Rows that are left over until then are harmless: a list shows what matches by its entry.
        """
        key, position = keys.entry(tenant, (entry.listed_at, entry.id)), (entry.listed_at, entry.id)
        values = {":d": _entry_row(entry.summary)["d"], ":v": entry.version}
        newest = self._table.update(key, "SET d = :d, v = :v", "attribute_not_exists(v) OR v <= :v", {}, values)
        stands = entry.summary if newest else self.entries(tenant, [position], consistent=True).get(entry.id, {})
        self._table.delete_all(keys.list_row(tenant, "status", each, position) for each in left_behind(stands))

    def rewrite(self, tenant: str, position: Position, change: Rewrite) -> None:
        """An update conditional on the bytes that were read: no entry that is written meanwhile is lost."""
        key = keys.entry(tenant, position)
        for _ in range(REWRITE_ROUNDS):
            row = self._table.get(key)
            if row is None:
                return
            stored = json.loads(decompress(row["d"]))
            changed = change(stored)
            if changed == stored or self._table.update(
                key, "SET d = :new", "d = :old", {}, {":new": _entry_row(changed)["d"], ":old": row["d"]}
            ):
                return
        raise Unavailable("storage is busy")

    def entries(
        self, tenant: str, positions: Iterable[Position], *, consistent: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Batch read of entries."""
        wanted = {keys.entry(tenant, position): position[1] for position in positions}
        rows = self._table.get_all(wanted, consistent=consistent)
        return {wanted[key]: json.loads(decompress(row["d"])) for key, row in rows.items()}

    def oldest(self, tenant: str, key: tuple[str, str]) -> Position | None:
        """The least of what its shards begin with."""
        shards = range(keys.list_shards(key[0]))
        firsts = self._table.in_parallel(
            lambda shard: self._table.query(keys.list_partition(tenant, *key, shard), LOWEST, HIGHEST, limit=1), shards
        )
        return min((keys.list_position(record["sk"]) for records in firsts for record in records), default=None)

    def newest(self, tenant: str, key: tuple[str, str] | None, window: Window, limit: int) -> list[Position]:
        """Merge the shards of one list, newest first; each shard is read in small pages, as far as the merge asks."""
        kind, value = key or ("time", "")
        shards = keys.list_shards(kind)
        page = max(SMALLEST_PAGE, 2 * limit // shards)
        low, high = _bounds(window)
        firsts = self._table.in_parallel(
            lambda shard: self._page(keys.list_partition(tenant, kind, value, shard), low, high, window.before, page),
            range(shards),
        )
        streams = [
            self._stream(keys.list_partition(tenant, kind, value, shard), low, page, first)
            for shard, first in enumerate(firsts)
        ]
        return list(islice(merge(*streams, reverse=True), limit))

    def _stream(self, partition: str, low: str, page: int, positions: list[Position]) -> Iterator[Position]:
        while positions:
            yield from positions
            if len(positions) < page:
                return
            last = positions[-1]
            positions = self._page(partition, low, keys.list_sort_key(last), last, page)

    def _page(self, partition: str, low: str, high: str, before: Position | None, limit: int) -> list[Position]:
        """Up to `limit` positions; bounds include themselves, so one more is read and `before` itself left out."""
        if low > high:  # DynamoDB refuses such a range
            return []
        records = self._table.query(partition, low, high, newest_first=True, limit=limit + 1)
        positions = (keys.list_position(record["sk"]) for record in records)
        return [position for position in positions if position != before][:limit]


def _rows(tenant: str, entry: Entry) -> list[tuple[Key, dict[str, Scalar]]]:
    """The entry, then its list rows."""
    position = (entry.listed_at, entry.id)
    rows: list[tuple[Key, dict[str, Scalar]]] = [(keys.entry(tenant, position), _entry_row(entry.summary))]
    return rows + [(keys.list_row(tenant, kind, value, position), {}) for kind, value in entry.keys]


def _entry_row(summary: Mapping[str, Any]) -> dict[str, Scalar]:
    return {"d": compress(json.dumps(summary, ensure_ascii=False, separators=(",", ":")).encode())}


def _bounds(window: Window) -> tuple[str, str]:
    low = window.since or LOWEST
    high = f"{window.until}{AFTER_ALL_IDS}" if window.until else HIGHEST
    return low, min(high, keys.list_sort_key(window.before)) if window.before else high
