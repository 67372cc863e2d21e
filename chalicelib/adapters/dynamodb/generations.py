"""Heads and payloads in the table; a payload over the inline limit is an S3 object that its row points to."""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.adapters.s3 import ObjectMissing, Objects
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import PURGED, Head, Payload

READ_ATTEMPTS = 3
LINKED = "linked"  # stands for the owner of an object that was made to be linked to
LARGE_CONTENT = 2 * 1024 * 1024
"""Longer contents are objects however well they compress, so that a response can link to them."""


class DynamoGenerations:
    """The `GenerationStore` port."""

    def __init__(self, table: Table, objects: Objects, inline_bytes: int) -> None:
        self._table = table
        self._objects = objects
        self._inline_bytes = inline_bytes

    def put_payloads(self, tenant: str, owner: str, payloads: Sequence[Payload]) -> None:
        """Write payload rows in batches; large ones first become objects, unless their id is taken already."""
        packed = {payload: self._packed(payload) for payload in payloads}
        large = [payload for payload, body in packed.items() if body is None]
        taken = self.heads(tenant, (payload.id for payload in large)) if large else {}
        wanted = [payload for payload in large if payload.id not in taken]
        self._table.in_parallel(
            lambda payload: self._objects.put(self._name(tenant, owner, payload), payload.content), wanted
        )
        rows: list[tuple[Key, dict[str, Scalar]]] = [
            (self._key(tenant, payload), {"b": body, "o": owner}) for payload, body in packed.items() if body
        ]
        rows += [
            (self._key(tenant, payload), {"s3": self._name(tenant, owner, payload), "o": owner}) for payload in wanted
        ]
        self._table.put_all(rows)

    def _packed(self, payload: Payload) -> bytes | None:
        """The row's bytes, or None for what becomes an object."""
        if len(payload.content) > LARGE_CONTENT:
            return None
        body = compress(payload.content)
        return body if len(body) <= self._inline_bytes else None

    def _key(self, tenant: str, payload: Payload) -> Key:
        return keys.payload(tenant, payload.id, payload.content_hash)

    def _name(self, tenant: str, owner: str, payload: Payload) -> str:
        return self._objects.name(tenant, payload.id, payload.content_hash, owner)

    def commit(self, tenant: str, heads: Sequence[Head]) -> list[Head]:
        """One conditional put each, at once; what stands is read back for those that lost."""
        won = self._table.in_parallel(
            lambda head: self._table.put_new(keys.head(tenant, head.id), _head_row(head)), heads
        )
        lost = [head.id for head, stands in zip(heads, won, strict=True) if not stands]
        standing = self.heads(tenant, lost) if lost else {}
        return [head if stands else standing[head.id] for head, stands in zip(heads, won, strict=True)]

    def heads(self, tenant: str, ids: Iterable[str]) -> dict[str, Head]:
        """Strong batch read."""
        wanted = {keys.head(tenant, generation_id): generation_id for generation_id in ids}
        rows = self._table.get_all(wanted)
        return {wanted[key]: head_of(wanted[key], row) for key, row in rows.items()}

    def contents(self, tenant: str, refs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        """Strong batch reads of the rows, then of the objects they name; where nothing is found, of what may stay."""
        wanted = list(refs)
        found = self._read(tenant, wanted)
        purged = [(generation_id, PURGED) for generation_id, _ in wanted if generation_id not in found]
        return found | self._read(tenant, purged) if purged else found

    def _read(self, tenant: str, refs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        wanted = {keys.payload(tenant, *ref): ref for ref in refs}
        rows = self._table.get_all(wanted)
        found = {wanted[key][0]: body for key, row in rows.items() if (body := _unpacked(row)) is not None}
        large = [(key, row) for key, row in rows.items() if "s3" in row]
        bodies = self._table.in_parallel(lambda pair: self._fetch(*pair), large)
        found.update({wanted[key][0]: body for (key, _), body in zip(large, bodies, strict=True) if body is not None})
        return found

    def link(self, tenant: str, head: Head) -> str | None:
        """A presigned URL of the payload's object; a payload kept in its row is given one now. None without a payload.

        A small content can still be too large to show: a thousand empty tools are a thousand times all their keys.
        """
        row = self._table.get(keys.payload(tenant, *head.ref))
        if row is None:
            return None
        if "s3" in row:
            return self._objects.link(row["s3"])
        name = self._objects.name(tenant, *head.ref, LINKED)
        self._objects.put(name, decompress(row["b"]))
        return self._objects.link(name)

    def _fetch(self, key: Key, row: Record) -> bytes | None:
        """Read an object; when a racing writer has just replaced it, its row names the new one. None without a row."""
        pointer: Record | None = row
        for _ in range(READ_ATTEMPTS):
            if pointer is None:
                return None
            try:
                return self._objects.get(str(pointer["s3"]))
            except ObjectMissing:
                pointer = self._table.get(key)
        raise Unavailable("a payload object is missing")

    def discard(self, tenant: str, owner: str, refs: Iterable[tuple[str, str]]) -> None:
        """Delete rows this owner wrote last, and the objects this owner wrote."""
        self._table.in_parallel(lambda ref: self._discard(tenant, owner, *ref), refs)

    def _discard(self, tenant: str, owner: str, generation_id: str, content_hash: str) -> None:
        """The object goes last and even when its row is gone: who died before it came to that comes here again."""
        key = keys.payload(tenant, generation_id, content_hash)
        row = self._table.get(key) or {}
        if row.get("o") == owner:
            self._table.delete_if(key, "o", owner)
        if row.get("o") != owner or "s3" in row:
            self._objects.delete(self._objects.name(tenant, generation_id, content_hash, owner))

    def settle(self, tenant: str, owner: str, standing: Head) -> None:
        """Keep the object that the row names; delete the other of the two that were written."""
        if standing.owner == owner or standing.size <= self._inline_bytes or standing.purged_at:
            return
        row = self._table.get(keys.payload(tenant, standing.id, standing.content_hash))
        if row is None or "s3" not in row:
            return
        loser = standing.owner if row["o"] == owner else owner
        self._objects.delete(self._objects.name(tenant, standing.id, standing.content_hash, loser))


def _unpacked(row: Record) -> bytes | None:
    """The content that a row holds; None where it names an object, or where its bytes cannot be read."""
    try:
        return decompress(row["b"]) if "b" in row else None
    except ValueError:
        return None


def _head_row(head: Head) -> dict[str, Any]:
    return {
        "h": head.content_hash,
        "o": head.owner,
        "n": head.position,
        "c": head.created_at,
        "t": head.listed_at,
        "z": head.size,
        **{
            name: value
            for name, value in (
                ("k", head.key_id),
                ("p", head.project_id),
                ("u", head.is_run or None),
                ("x", head.purged_at),
            )
            if value is not None
        },
    }


def head_of(generation_id: str, row: Record) -> Head:
    return Head(
        id=generation_id,
        content_hash=row["h"],
        owner=row["o"],
        position=row["n"],
        created_at=row["c"],
        listed_at=row["t"],
        size=row["z"],
        key_id=row.get("k"),
        project_id=row.get("p"),
        is_run=row.get("u", False),
        purged_at=row.get("x"),
    )
