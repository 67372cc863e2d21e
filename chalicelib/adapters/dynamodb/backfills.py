"""Backfills: one row per evaluator, and a row in the list of those that are running, which come and go together."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar, item, key_of
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
from chalicelib.domain.evaluator import Filter
from chalicelib.services.ports import Backfill

LOW, HIGH = "!", "~"
"""No tenant's name begins before the one or behind the other."""


class DynamoBackfills:
    """The `Backfills` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def start(self, tenant: str, backfill: Backfill) -> bool:
        """One transaction."""
        listed = record_keys.running_backfill(tenant, backfill.evaluator_id)
        put = self._put(tenant, backfill)
        put["ConditionExpression"] = "attribute_not_exists(pk) OR #s <> :running"
        put["ExpressionAttributeNames"] = {"#s": "s"}
        put["ExpressionAttributeValues"] = {":running": {"S": "running"}}
        return self._written([{"Put": put}, {"Put": {"TableName": self._table.name, "Item": item(listed, {})}}])

    def get(self, tenant: str, evaluator_id: str) -> Backfill | None:
        """One strong read."""
        record = self._table.get(record_keys.backfill(tenant, evaluator_id))
        return _backfill(record) if record else None

    def save(self, tenant: str, backfill: Backfill) -> bool:
        """One conditional put; the last one takes the row from the list with it."""
        put = self._put(tenant, backfill)
        put["ConditionExpression"] = "#s = :running AND i = :id AND k = :before"
        put["ExpressionAttributeNames"] = {"#s": "s"}
        put["ExpressionAttributeValues"] = {
            ":running": {"S": "running"},
            ":id": {"S": backfill.id},
            ":before": {"N": str(backfill.step - 1)},
        }
        actions: list[dict[str, Any]] = [{"Put": put}]
        if backfill.state != "running":
            listed = record_keys.running_backfill(tenant, backfill.evaluator_id)
            actions.append({"Delete": {"TableName": self._table.name, "Key": key_of(listed)}})
        return self._written(actions)

    def due(self, now_ms: int, limit: int) -> Sequence[tuple[str, Backfill]]:
        """One strong query, then one batch read of the backfills themselves."""
        rows = self._table.query(record_keys.RUNNING_BACKFILLS, LOW, HIGH, limit=limit, consistent=True)
        tenants = {record_keys.backfill(*_named(row["sk"])): _named(row["sk"])[0] for row in rows}
        found = self._table.get_all(tenants) if tenants else {}
        running = [(tenants[key], _backfill(record)) for key, record in found.items()]
        return [(tenant, one) for tenant, one in running if one.state == "running" and one.due_ms <= now_ms]

    def _put(self, tenant: str, backfill: Backfill) -> dict[str, Any]:
        document = json.dumps(asdict(backfill), ensure_ascii=False)
        row: dict[str, Scalar] = {"i": backfill.id, "s": backfill.state, "k": backfill.step, "d": document}
        return {"TableName": self._table.name, "Item": item(record_keys.backfill(tenant, backfill.evaluator_id), row)}

    def _written(self, actions: Sequence[dict[str, Any]]) -> bool:
        try:
            self._table.transact(actions)
        except ConditionFailed:
            return False
        return True


def _named(sort_key: str) -> tuple[str, str]:
    """The tenant and the evaluator of a row in the list."""
    tenant, _, evaluator_id = sort_key.partition("#")
    return tenant, evaluator_id


def _backfill(record: Record) -> Backfill:
    document = json.loads(record["d"])
    after = tuple(document["after"]) if document["after"] else None
    return Backfill(**{**document, "filter": Filter(**document["filter"]), "after": after})
