"""Evaluators: one row each as it is now, one per version, and one that counts the tenant's changes.

All three change in one transaction, so that whoever has read the set's version has read no evaluator that is older.
"""

import json
from dataclasses import asdict
from typing import Any

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar, item, key_of
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
from chalicelib.domain.errors import Conflict
from chalicelib.domain.evaluator import Evaluator, Filter
from chalicelib.services.ports import MOST_EVALUATORS, EvaluatorSet

TOO_MANY = f"a tenant may have at most {MOST_EVALUATORS} evaluators, disabled ones too"


class DynamoEvaluators:
    """The `Evaluators` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def version(self, tenant: str) -> int:
        """One strong read of a row of two numbers."""
        record = self._table.get(record_keys.evaluator_set(tenant))
        return record["v"] if record else 0

    def all(self, tenant: str) -> EvaluatorSet:
        """One strong query; the set's own row comes first in it."""
        low, high = record_keys.EVALUATORS
        partition = record_keys.evaluators_partition(tenant)
        records = self._table.query(partition, low, high, limit=MOST_EVALUATORS + 1, consistent=True)
        if not records:
            return EvaluatorSet()
        return EvaluatorSet(records[0]["v"], tuple(_evaluator(record["sk"][2:], record) for record in records[1:]))

    def get(self, tenant: str, evaluator_id: str) -> Evaluator | None:
        """One strong read."""
        record = self._table.get(record_keys.evaluator(tenant, evaluator_id))
        return _evaluator(evaluator_id, record) if record else None

    def past(self, tenant: str, evaluator_id: str, version: int) -> Evaluator | None:
        """One strong read."""
        record = self._table.get(record_keys.evaluator_version(tenant, evaluator_id, version))
        return _evaluator(evaluator_id, record) if record else None

    def put(self, tenant: str, evaluator: Evaluator) -> bool:
        """One transaction."""
        row = _row(evaluator)
        present = record_keys.evaluator(tenant, evaluator.id)
        past = record_keys.evaluator_version(tenant, evaluator.id, evaluator.version)
        first = evaluator.version == 1
        try:
            self._table.transact(
                [
                    self._count(tenant, first=first),
                    self._put(present, row, None if first else evaluator.version - 1),
                    self._put(past, row, None),
                ]
            )
        except ConditionFailed:
            if first and self._table.get(present) is None:
                raise Conflict(TOO_MANY, code="TOO_MANY_EVALUATORS") from None
            return False
        return True

    def _count(self, tenant: str, *, first: bool) -> dict[str, Any]:
        update: dict[str, Any] = {
            "TableName": self._table.name,
            "Key": key_of(record_keys.evaluator_set(tenant)),
            "UpdateExpression": "ADD v :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        if first:
            update["UpdateExpression"] = "ADD v :one, n :one"
            update["ConditionExpression"] = "attribute_not_exists(n) OR n < :most"
            update["ExpressionAttributeValues"][":most"] = {"N": str(MOST_EVALUATORS)}
        return {"Update": update}

    def _put(self, key: Key, row: dict[str, Scalar], before: int | None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._table.name, "Item": item(key, row)}
        if before is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "n = :before"
            put["ExpressionAttributeValues"] = {":before": {"N": str(before)}}
        return {"Put": put}


def _row(evaluator: Evaluator) -> dict[str, Scalar]:
    document = {name: value for name, value in asdict(evaluator).items() if name not in {"id", "version"}}
    return {"n": evaluator.version, "d": compress(json.dumps(document, ensure_ascii=False).encode())}


def _evaluator(evaluator_id: str, record: Record) -> Evaluator:
    document = json.loads(decompress(record["d"]))
    return Evaluator(id=evaluator_id, version=record["n"], **{**document, "filter": Filter(**document["filter"])})
