"""Rate limits: one number per key, moved on by one conditional update.

Which update that is depends on how long the bucket was left alone, which a process that keeps using it knows. Only
after a wrong guess, or in debt, is the number read.
"""

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Table

ROUNDS = 4
MOST_REMEMBERED = 10_000
IN_USE = "t BETWEEN :floor AND :now"
LEFT_ALONE = "attribute_not_exists(t) OR t < :floor"


class DynamoRateLimits:
    """The `RateLimits` port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._seen: dict[Key, int] = {}

    def draw(self, tenant: str, key_id: str, cost: int, now: int, saved: int) -> int:
        """One update; a read and another one when the bucket was not as it was last seen."""
        row = record_keys.rate_limit(tenant, key_id)
        floor = now - saved
        free_at = self._seen.get(row, 0)
        for _ in range(ROUNDS):
            if self._update(row, cost, now, floor, in_use=free_at >= floor):
                self._remember(row, max(free_at, floor) + cost)
                return 0
            free_at = int((self._table.get(row) or {}).get("t", 0))
            if free_at > now:
                break
        self._remember(row, free_at)
        return max(1, free_at - now)

    def _update(self, row: Key, cost: int, now: int, floor: int, *, in_use: bool) -> bool:
        if in_use:
            return self._table.update(
                row, "SET t = t + :cost", IN_USE, {}, {":cost": cost, ":floor": floor, ":now": now}
            )
        return self._table.update(row, "SET t = :next", LEFT_ALONE, {}, {":next": floor + cost, ":floor": floor})

    def _remember(self, row: Key, free_at: int) -> None:
        """What others draw in the meantime makes it a guess, and no more than that is needed."""
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[row] = free_at
