"""Ratings: a row with what was said, one by age with what counts, one by what it is about, in one transaction."""

import json
from collections.abc import Iterable
from typing import Any

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar, item
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
from chalicelib.domain.rating import BAD, GOOD, Mark, Rating
from chalicelib.services.ports.ratings import RatingName

EVERYTHING = 100_000
"""Far more marks than a conversation may have (`services/ratings.py`), but for requests at the same moment."""


class DynamoRatings:
    """The `Ratings` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, tenant: str, rating: Rating) -> bool:
        """One transaction, conditional on the id."""
        mark = rating.mark
        said: dict[str, Scalar] = {**_counting(mark), "at": mark.created_at, "h": rating.content_hash}
        said["d"] = _packed(rating)
        own = item(record_keys.rating(tenant, rating.conversation_id, rating.rating_id), said)
        by_age = record_keys.rating_by_age(tenant, rating.conversation_id, mark.created_at, rating.rating_id)
        own_put = {"TableName": self._table.name, "Item": own, "ConditionExpression": "attribute_not_exists(pk)"}
        beside = [item(by_age, _counting(mark))]
        if mark.generation_id:
            beside.append(item(record_keys.rating_about(tenant, mark.generation_id, *_name(rating)), {}))
        try:
            self._table.transact(
                [{"Put": own_put}, *({"Put": {"TableName": self._table.name, "Item": row}} for row in beside)]
            )
        except ConditionFailed:
            return False
        return True

    def some(self, tenant: str, conversation_id: str, rating_ids: Iterable[str]) -> dict[str, Rating]:
        """Batch reads."""
        wanted = {record_keys.rating(tenant, conversation_id, rating_id): rating_id for rating_id in rating_ids}
        found = self._table.get_all(wanted)
        return {wanted[key]: _rating_of(conversation_id, wanted[key], row) for key, row in found.items()}

    def marks(self, tenant: str, conversation_id: str) -> list[Mark]:
        """One query."""
        rows = self._table.query(
            record_keys.ratings_partition(tenant, conversation_id),
            record_keys.RATED,
            f"{record_keys.RATED}~",
            newest_first=True,
            limit=EVERYTHING,
            consistent=True,
        )
        listed = ((row, row["sk"].removeprefix(record_keys.RATED).split("#", 1)) for row in rows)
        return [_mark_of(created_at, rating_id, row) for row, (created_at, rating_id) in listed]

    def about(self, tenant: str, generation_id: str, after: RatingName | None, limit: int) -> list[RatingName]:
        """One query."""
        rows = self._table.query(
            record_keys.ratings_about_partition(tenant, generation_id),
            record_keys.rating_about(tenant, generation_id, *after)[1] + "\0" if after else record_keys.ABOUT,
            record_keys.BEHIND_ABOUT,
            limit=limit,
            consistent=True,
        )
        parted = (row["sk"].removeprefix(record_keys.ABOUT).partition(record_keys.DETAIL_PARTS) for row in rows)
        return [(conversation_id, rating_id) for conversation_id, _, rating_id in parted]

    def rewrite(self, tenant: str, rating: Rating) -> None:
        """One update."""
        key = record_keys.rating(tenant, rating.conversation_id, rating.rating_id)
        self._table.update(key, "SET d = :d", "attribute_exists(pk)", {}, {":d": _packed(rating)})


def _name(rating: Rating) -> RatingName:
    return rating.conversation_id, rating.rating_id


def _counting(mark: Mark) -> dict[str, Scalar]:
    return {"b": mark.verdict == BAD, "g": mark.generation_id}


def _mark_of(created_at: str, rating_id: str, row: Record) -> Mark:
    return Mark(created_at, rating_id, BAD if row["b"] else GOOD, row.get("g"))


def _packed(rating: Rating) -> bytes:
    return compress(json.dumps(dict(rating.document), ensure_ascii=False, separators=(",", ":")).encode())


def _rating_of(conversation_id: str, rating_id: str, row: Record) -> Rating:
    document: dict[str, Any] = json.loads(decompress(row["d"]))
    return Rating(conversation_id, _mark_of(row["at"], rating_id, row), row["h"], document)
