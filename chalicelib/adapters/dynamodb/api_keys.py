"""API keys: a row under the digest, which says what a key opens, and one in its tenant's list.

A key is made by one transaction. It is revoked under its digest first: a death in between leaves it dead and listed as
alive, and revoking it again puts the list right.
"""

from typing import Any

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar, item
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.domain.api_key import ApiKey
from chalicelib.services.ports import CatalogPage

LOW, HIGH = " ", "~"


class DynamoApiKeys:
    """The `ApiKeys` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, digest: str, key: ApiKey) -> None:
        """Both rows in one transaction."""
        row = _row(key)
        found_by_digest = self._put(record_keys.api_key(digest), {**row, "tn": key.tenant, "i": key.id})
        listed = self._put(record_keys.listed_api_key(key.tenant, key.id), {**row, "h": digest})
        self._table.transact([found_by_digest, listed])

    def _put(self, key: Key, values: dict[str, Scalar]) -> dict[str, Any]:
        put = {"TableName": self._table.name, "Item": item(key, values)}
        return {"Put": {**put, "ConditionExpression": "attribute_not_exists(pk)"}}

    def find(self, digest: str) -> ApiKey | None:
        """One strong read."""
        record = self._table.get(record_keys.api_key(digest))
        return _key(record["tn"], record["i"], record) if record else None

    def revoke(self, tenant: str, key_id: str, at: str) -> ApiKey | None:
        """One read, then a write to each row that does not say so yet."""
        listed = record_keys.listed_api_key(tenant, key_id)
        record = self._table.get(listed)
        if record is None:
            return None
        for row in (record_keys.api_key(record["h"]), listed):
            self._table.update(row, "SET x = :at", "attribute_exists(pk) AND attribute_not_exists(x)", {}, {":at": at})
        ended: Record = {**record, "x": record.get("x", at)}
        return _key(tenant, key_id, ended)

    def page(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        """One query of the tenant's list."""
        high = HIGH if before is None else before
        partition = record_keys.api_keys_partition(tenant)
        records = self._table.query(partition, LOW, high, newest_first=True, limit=limit + 2, consistent=True)
        older = [record for record in records if before is None or record["sk"] < before]
        rows = [_key(tenant, record["sk"], record) for record in older[:limit]]
        return CatalogPage(rows, rows[-1].id if len(older) > limit else None)


def _row(key: ApiKey) -> dict[str, Scalar]:
    return {
        "n": key.name,
        "r": key.role,
        "p": key.project_id,
        "l": key.hint,
        "c": key.created_at,
        "e": key.expires_at,
        "x": key.revoked_at,
    }


def _key(tenant: str, key_id: str, record: Record) -> ApiKey:
    return ApiKey(
        id=key_id,
        tenant=tenant,
        name=record["n"],
        role=record["r"],
        project_id=record.get("p"),
        hint=record["l"],
        created_at=record["c"],
        expires_at=record.get("e"),
        revoked_at=record.get("x"),
    )
