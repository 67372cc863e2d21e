"""Exact counting under redelivery.

One row per message, the marker, holds a bit for each of its positions that has been counted. Marker and additions
change in one transaction that requires the marker to be as it was read: a redelivered message, a second handler of the
same message, or one that sees more of the request than the first did, adds each position exactly once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.adapters.dynamodb.attributes import item, key_of
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import ConditionFailed, Table
from chalicelib.domain.errors import Unavailable

MOST_ACTIONS = 99  # a transaction takes a hundred, one of them is the marker
ROUNDS = 8


class Counting:
    """Additions that happen once."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def once(self, marker: Key, rows: Mapping[int, Sequence[Key]]) -> int:
        """Add one to every row of every position not counted yet; gives how many positions this call counted."""
        counted = 0
        stored: bytes | None = None
        for _ in range(ROUNDS + len(rows)):
            todo = _missing(rows, stored)
            if not todo:
                return counted
            part, additions = _fill(todo, rows)
            bits = _with_bits(stored, part)
            try:
                self._table.transact(
                    [self._mark(marker, bits, stored), *(self._add(key, n) for key, n in additions.items())]
                )
            except ConditionFailed:
                stored = self._read(marker)
            else:
                stored = bits
                counted += len(part)
        raise Unavailable("storage is busy")

    def _read(self, marker: Key) -> bytes | None:
        record = self._table.get(marker)
        return record["b"] if record else None

    def _mark(self, marker: Key, bits: bytes, stored: bytes | None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._table.name, "Item": item(marker, {"b": bits})}
        if stored is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "b = :stored"
            put["ExpressionAttributeValues"] = {":stored": {"B": stored}}
        return {"Put": put}

    def _add(self, key: Key, number: int) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": key_of(key),
                "UpdateExpression": "ADD n :n",
                "ExpressionAttributeValues": {":n": {"N": str(number)}},
            }
        }


def _missing(rows: Iterable[int], stored: bytes | None) -> list[int]:
    bits = int.from_bytes(stored or b"", "little")
    return [position for position in sorted(rows) if not bits >> position & 1]


def _with_bits(stored: bytes | None, positions: Iterable[int]) -> bytes:
    bits = int.from_bytes(stored or b"", "little")
    for position in positions:
        bits |= 1 << position
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _fill(todo: Sequence[int], rows: Mapping[int, Sequence[Key]]) -> tuple[list[int], dict[Key, int]]:
    """As many positions as fit into one transaction, with the additions they ask for."""
    part: list[int] = []
    additions: dict[Key, int] = {}
    for position in todo:
        new = [key for key in dict.fromkeys(rows[position]) if key not in additions]
        if len(additions) + len(new) > MOST_ACTIONS:
            break
        part.append(position)
        for key in rows[position]:
            additions[key] = additions.get(key, 0) + 1
    return part, additions
