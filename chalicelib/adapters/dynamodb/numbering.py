"""Records that are numbered 1, 2, 3 … without gap or repeat, however many are made at once.

A counter row holds the last number given. New records and the counter change in one transaction, which requires the
counter to be as it was read and the records to be absent. Both are needed: a batch of reads is no snapshot, so that a
record can be missed that the counter read after it has counted already. Whoever loses reads again, a random moment
later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.dynamodb.attributes import Scalar, item
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import ConditionFailed, Contended, Record, Table
from chalicelib.domain.errors import Unavailable

MOST_AT_ONCE = 49  # two rows each, and the counter: a transaction takes a hundred
LOST_ROUNDS = 60
"""Of a hundred that create at once the unluckiest loses about 14; sixty take about 18 s, less than a request has."""

ABSENT = "attribute_not_exists(pk)"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a record is to hold besides its number `n`, and the row of a list that is to hold the same."""

    values: Mapping[str, Scalar]
    listed: Key | None = None


class Numbering:
    """Numbered records of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, counter: Key, drafts: Mapping[Key, Draft]) -> dict[Key, Record]:
        """Create the records that are missing, numbered in this order; gives every record as it stands."""
        standing: dict[Key, Record] = {}
        lost = 0
        while lost < LOST_ROUNDS:
            found = self._table.get_all([counter, *(key for key in drafts if key not in standing)])
            last = found.pop(counter, {}).get("n", 0)
            standing.update(found)
            missing = [key for key in drafts if key not in standing][:MOST_AT_ONCE]
            if not missing:
                return standing
            numbered = {key: {**drafts[key].values, "n": number} for number, key in enumerate(missing, last + 1)}
            try:
                self._write(counter, last, numbered, drafts)
            except (ConditionFailed, Contended):
                self._table.pause(lost)
                lost += 1
            else:
                standing.update(numbered)
                if len(standing) == len(drafts):
                    return standing
        raise Unavailable("storage is busy")

    def _write(
        self, counter: Key, last: int, numbered: Mapping[Key, Mapping[str, Scalar]], drafts: Mapping[Key, Draft]
    ) -> None:
        actions = [self._count(counter, last, last + len(numbered))]
        for key, values in numbered.items():
            actions.append(self._put(key, values, ConditionExpression=ABSENT))
            listed = drafts[key].listed
            if listed is not None:
                actions.append(self._put(listed, values))
        self._table.transact_once(actions)

    def _count(self, counter: Key, last: int, number: int) -> dict[str, Any]:
        if last == 0:
            return self._put(counter, {"n": number}, ConditionExpression=ABSENT)
        stored = {":last": {"N": str(last)}}
        return self._put(counter, {"n": number}, ConditionExpression="n = :last", ExpressionAttributeValues=stored)

    def _put(self, key: Key, values: Mapping[str, Scalar], **condition: object) -> dict[str, Any]:
        return {"Put": {"TableName": self._table.name, "Item": item(key, values), **condition}}
