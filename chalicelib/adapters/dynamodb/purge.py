"""Taking content away: what may stay is stored first, then the head is marked, then everything else is deleted."""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress
from chalicelib.adapters.dynamodb.generations import head_of
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.adapters.s3 import Objects
from chalicelib.domain.errors import NotFound
from chalicelib.services.ports import PURGED, Head

MAX_INLINE = 300 * 1024  # an item of the table takes 400 KB, keys and all
MOST_PAYLOADS = 1_000
"""Payloads of one generation in a sweep: one stood, and each further one is a loser's that nobody has cleared yet."""


class DynamoPurge:
    """The `Purge` port."""

    def __init__(self, table: Table, objects: Objects) -> None:
        self._table = table
        self._objects = objects

    def replace(self, tenant: str, head: Head, remains: bytes, at: str) -> Head:
        """A payload row under a hash that no content has, then two attributes of the head."""
        self._table.put_all([(keys.payload(tenant, head.id, PURGED), self._row(tenant, head, remains))])
        marked = self._table.update(
            keys.head(tenant, head.id),
            "SET x = :at, z = :size",
            "attribute_exists(pk) AND attribute_not_exists(x)",
            {},
            {":at": at, ":size": len(remains)},
        )
        if marked:
            return replace(head, purged_at=at, size=len(remains))
        standing = self._table.get(keys.head(tenant, head.id))
        if standing is None:
            raise NotFound("generation not found")
        return head_of(head.id, standing)

    def _row(self, tenant: str, head: Head, remains: bytes) -> dict[str, Scalar]:
        body = compress(remains)
        if len(body) <= MAX_INLINE:
            return {"b": body, "o": PURGED}
        name = self._objects.name(tenant, head.id, PURGED, PURGED)
        self._objects.put(name, remains)
        return {"s3": name, "o": PURGED}

    def sweep(self, tenant: str, generation_id: str) -> None:
        """Rows by a query of the generation's partition, objects by listing: nobody's object is left out."""
        stays = keys.payload(tenant, generation_id, PURGED)
        rows = self._table.query(stays[0], *keys.PAYLOADS, limit=MOST_PAYLOADS, consistent=True)
        self._table.delete_all((row["pk"], row["sk"]) for row in rows if row["sk"] != stays[1])
        kept = self._objects.name(tenant, generation_id, PURGED, PURGED)
        names = [name for name in self._objects.of_generation(tenant, generation_id) if name != kept]
        self._table.in_parallel(self._objects.delete, names)

    def forget_person(self, tenant: str, person_id: str) -> None:
        """One row, never deleted."""
        self._table.put_all([(record_keys.forgotten(tenant, person_id), {})])

    def forgotten(self, tenant: str, person_ids: Iterable[str]) -> set[str]:
        """One strong batch read."""
        wanted = {record_keys.forgotten(tenant, person_id): person_id for person_id in person_ids}
        return {wanted[key] for key in self._table.get_all(wanted)} if wanted else set()
