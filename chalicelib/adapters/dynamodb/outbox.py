"""Promises that a message reaches its queue, in sixteen partitions ordered by when they are due."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.ports import OutboxRow


class DynamoOutbox:
    """The `Outbox` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, rows: Sequence[OutboxRow]) -> None:
        """One batch write."""
        self._table.put_all((keys.outbox(row.key, row.due_ms), _values(row)) for row in rows)

    def remove(self, rows: Sequence[OutboxRow]) -> None:
        """One batch delete."""
        self._table.delete_all(keys.outbox(row.key, row.due_ms) for row in rows)

    def due(self, now_ms: int, limit: int) -> list[OutboxRow]:
        """Each shard gives at most its part of the limit, so that one backlog cannot hide another."""
        share = max(1, limit // keys.OUTBOX_SHARDS)
        parts = self._table.in_parallel(lambda shard: self._due(shard, now_ms, share), range(keys.OUTBOX_SHARDS))
        return [row for part in parts for row in part]

    def _due(self, shard: int, now_ms: int, limit: int) -> list[OutboxRow]:
        high = f"{now_ms:013d}$"  # "$" follows "#", which stands between time and key
        records = self._table.query(keys.outbox_partition(shard), "0", high, limit=limit, consistent=True)
        return [_row(record) for record in records]

    def postpone(self, row: OutboxRow, due_ms: int) -> None:
        """Put the later row, then delete the earlier one: a crash between leaves two, which is harmless."""
        later = OutboxRow(row.key, row.queue, row.body, row.created_ms, due_ms, row.attempts + 1)
        self.add([later])
        self.remove([row])


def _values(row: OutboxRow) -> dict[str, Scalar]:
    body = compress(row.body.encode())
    return {"q": row.queue, "b": body, "c": row.created_ms, "a": row.attempts}


def _row(record: Record) -> OutboxRow:
    due, _, key = str(record["sk"]).partition("#")
    body = decompress(record["b"]).decode()
    return OutboxRow(key, record["q"], body, record["c"], int(due), record["a"])
