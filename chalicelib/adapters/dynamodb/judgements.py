"""What evaluators have judged, counted in the transaction that writes it.

A score or a failure is put only where there is none, together with one addition for each evaluator and version: whoever
creates the row counts it, and nobody else can. Counters are spread over eight rows by the message that writes, so that
workers which judge by the same evaluator at once seldom meet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar, item, key_of
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.scores import row_of
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table, batched
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import CatalogPage, Counts, Failure, Score

SHARDS = 8
AT_ONCE = 50
"""Rows of a transaction, which takes a hundred: each may need a counter of its own."""
ROUNDS = 8
MOST_DAYS_READ = 100_000
SHORT = {"judged": "j", "passed": "p", "failed": "f", "errors": "e"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row to be put once, and what that adds to which counter."""

    key: Key
    values: Mapping[str, Scalar]
    counter: Key
    adds: Counts


class DynamoJudgements:
    """The `Judgements` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def commit(self, tenant: str, owner: str, scores: Sequence[Score], day: str) -> list[bool]:
        """Transactions of fifty scores."""
        shard = keys.shard_of(owner, SHARDS)
        rows = [
            _Row(
                keys.score(tenant, score.score_id),
                {**row_of(score), "o": owner},
                record_keys.judged(tenant, score.evaluator_id, day, int(score.document["evaluator_version"]), shard),
                Counts(judged=1, passed=int(score.passed is True), failed=int(score.passed is False)),
            )
            for score in scores
        ]
        return self._put_once(rows)

    def fail(self, tenant: str, failures: Sequence[Failure], day: str) -> list[bool]:
        """Transactions of fifty failures."""
        rows = [
            _Row(
                record_keys.failure(tenant, one.evaluator_id, one.created_at, one.score_id),
                {"g": one.generation_id, "n": one.version, "r": one.reason, "at": one.failed_at},
                record_keys.judged(tenant, one.evaluator_id, day, one.version, keys.shard_of(one.score_id, SHARDS)),
                Counts(errors=1),
            )
            for one in failures
        ]
        return self._put_once(rows)

    def _put_once(self, rows: Sequence[_Row]) -> list[bool]:
        return [fresh for batch in batched(rows, AT_ONCE) for fresh in self._batch(batch)]

    def _batch(self, rows: Sequence[_Row]) -> list[bool]:
        """Nearly always nothing is there yet; when something is, the rest is tried again without it."""
        left = list(rows)
        for _ in range(ROUNDS):
            try:
                self._table.transact([*map(self._put, left), *self._additions(left)])
            except ConditionFailed:
                standing = self._table.get_all(row.key for row in left)
                left = [row for row in left if row.key not in standing]
                if not left:
                    break
            else:
                break
        else:
            raise Unavailable("storage is busy")
        written = {row.key for row in left}
        return [row.key in written for row in rows]

    def _put(self, row: _Row) -> dict[str, Any]:
        put = {"TableName": self._table.name, "Item": item(row.key, row.values)}
        return {"Put": {**put, "ConditionExpression": "attribute_not_exists(pk)"}}

    def _additions(self, rows: Sequence[_Row]) -> list[dict[str, Any]]:
        sums: dict[Key, Counts] = {}
        for row in rows:
            sums[row.counter] = _sum(sums.get(row.counter, Counts()), row.adds)
        return [self._add(key, counts) for key, counts in sums.items()]

    def _add(self, key: Key, counts: Counts) -> dict[str, Any]:
        added = {short: getattr(counts, name) for name, short in SHORT.items() if getattr(counts, name)}
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": key_of(key),
                "UpdateExpression": "ADD " + ", ".join(f"{short} :{short}" for short in added),
                "ExpressionAttributeValues": {f":{short}": {"N": str(number)} for short, number in added.items()},
            }
        }

    def scored(self, tenant: str, score_ids: Iterable[str]) -> set[str]:
        """One strong batch read."""
        wanted = {keys.score(tenant, score_id): score_id for score_id in score_ids}
        return {wanted[key] for key in self._table.get_all(wanted)} if wanted else set()

    def failures(self, tenant: str, evaluator_id: str, before: str | None, limit: int) -> CatalogPage:
        """One strong query, newest first."""
        partition = record_keys.evaluator_history(tenant, evaluator_id)
        low, high = record_keys.FAILURES
        records = self._table.query(partition, low, before or high, newest_first=True, limit=limit + 2, consistent=True)
        rows = [record for record in records if record["sk"] != before]
        page = [_failure(evaluator_id, record) for record in rows[:limit]]
        return CatalogPage(page, rows[limit - 1]["sk"] if len(rows) > limit else None)

    def counts(self, tenant: str, evaluator_id: str, since: str, until: str) -> dict[tuple[str, int], Counts]:
        """Eight strong queries."""
        found = self._table.in_parallel(
            lambda shard: self._table.query(
                record_keys.judged_partition(tenant, evaluator_id, shard),
                since,
                f"{until}~",
                limit=MOST_DAYS_READ,
                consistent=True,
            ),
            range(SHARDS),
        )
        sums: dict[tuple[str, int], Counts] = {}
        for record in (record for shard in found for record in shard):
            day, _, version = record["sk"].partition("#")
            place = day, int(version)
            sums[place] = _sum(sums.get(place, Counts()), _counts(record))
        return sums


def _counts(record: Record) -> Counts:
    return Counts(**{name: record.get(short, 0) for name, short in SHORT.items()})


def _sum(one: Counts, other: Counts) -> Counts:
    return Counts(*(getattr(one, each.name) + getattr(other, each.name) for each in fields(Counts)))


def _failure(evaluator_id: str, record: Record) -> Failure:
    created_at, _, score_id = record["sk"][2:].partition("#")
    return Failure(score_id, evaluator_id, record["n"], record["g"], created_at, record["r"], record["at"])
