"""Scores: one row under the score's id, which is the commit, and one with the generation, for its list."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.ports import CatalogPage, Score

FIRST, LAST = "Z#", "Z~"


class DynamoScores:
    """The `Scores` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def commit(self, tenant: str, owner: str, scores: Sequence[Score]) -> list[bool]:
        """One conditional put each, at once."""
        return self._table.in_parallel(
            lambda score: self._table.put_new(keys.score(tenant, score.score_id), {**row_of(score), "o": owner}), scores
        )

    def owned(self, tenant: str, owner: str, score_ids: Iterable[str]) -> list[Score]:
        """One strong batch read."""
        records = self._table.get_all(keys.score(tenant, score_id) for score_id in score_ids)
        return [_score(record) for record in records.values() if record["o"] == owner]

    def file(self, tenant: str, scores: Sequence[Score]) -> None:
        """One batch write."""
        self._table.put_all(
            (keys.filed_score(tenant, score.generation_id, score.created_at, score.score_id), row_of(score))
            for score in scores
        )

    def rewrite(self, tenant: str, scores: Sequence[Score]) -> None:
        """The committed rows keep their owner, so one update each; the list's are put anew."""
        self._table.in_parallel(
            lambda score: self._table.update(
                keys.score(tenant, score.score_id), "SET d = :d", "attribute_exists(pk)", {}, {":d": row_of(score)["d"]}
            ),
            scores,
        )
        self.file(tenant, scores)

    def of_generation(self, tenant: str, generation_id: str, before: str | None, limit: int) -> CatalogPage:
        """One strong query, newest first."""
        partition = keys.filed_score(tenant, generation_id, "", "")[0]
        records = self._table.query(
            partition, FIRST, before or LAST, newest_first=True, limit=limit + 2, consistent=True
        )
        rows = [record for record in records if record["sk"] != before]
        documents = [dict(_score(record).document) for record in rows[:limit]]
        return CatalogPage(documents, rows[limit - 1]["sk"] if len(rows) > limit else None)


def row_of(score: Score) -> dict[str, Scalar]:
    """What a score's rows hold besides their keys and owner."""
    document: dict[str, Any] = dict(score.document)
    return {"d": compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())}


def _score(record: Record) -> Score:
    return Score.of(json.loads(decompress(record["d"])))
