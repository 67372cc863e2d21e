"""The table in memory: each item is written by itself, and each call and each item is where the turn may pass on."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from chalicelib.adapters.dynamodb.attributes import Scalar, plain
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
from tests.lineage import expressions
from tests.lineage.scheduler import Scheduler

FRESH = 60
"""Calls for which an eventually consistent read may still see what was before."""

T = TypeVar("T")
R = TypeVar("R")


class MemoryTable(Table):
    """What the adapters use of `Table`. A batch lands in any order and is read in any order, never as one."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.name = "memory"
        self._scheduler = scheduler
        self._partitions: dict[str, dict[str, Record]] = {}
        self._before: dict[Key, tuple[int, Record | None]] = {}

    @property
    def _rng(self) -> random.Random:
        return self._scheduler.rng

    def settle(self) -> None:
        """Let every copy catch up."""
        self._before.clear()

    def holds_any(self, prefix: str) -> bool:
        """Whether there is an item in a partition whose key begins so."""
        return any(key.startswith(prefix) and rows for key, rows in self._partitions.items())

    def in_parallel(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """In any order."""
        listed = list(items)
        order = list(range(len(listed)))
        self._rng.shuffle(order)
        results = {number: work(listed[number]) for number in order}
        return [results[number] for number in range(len(listed))]

    def put_all(self, records: Iterable[tuple[Key, Mapping[str, Scalar]]]) -> None:
        """Item by item."""
        rows = sorted(dict(records).items(), key=lambda row: row[0])
        self._rng.shuffle(rows)
        for key, values in rows:
            self._scheduler.point()
            self._keep(key, values)

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Item by item."""
        for key in sorted(set(keys)):
            self._scheduler.point()
            self._delete(key)

    def put_new(self, key: Key, values: Mapping[str, Scalar]) -> bool:
        """At one instant; what stands exactly so already counts as put."""
        self._scheduler.point()
        standing = self._get(key)
        if standing is None:
            self._keep(key, values)
            return True
        return standing == self._row(key, values)

    def update(
        self, key: Key, expression: str, condition: str, names: Mapping[str, str], values: Mapping[str, Scalar]
    ) -> bool:
        """At one instant."""
        self._scheduler.point()
        return self._update(key, expression, condition, names, values)

    def update_once(
        self, key: Key, expression: str, condition: str, names: Mapping[str, str], values: Mapping[str, Scalar]
    ) -> bool:
        """The same: no answer is lost here."""
        return self.update(key, expression, condition, names, values)

    def add(self, key: Key, name: str, number: int) -> int:
        """At one instant."""
        self._scheduler.point()
        self._update(key, "ADD #n :n", "", {"#n": name}, {":n": number})
        return int((self._get(key) or {})[name])

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        """All at one instant, or nothing."""
        self._scheduler.point()
        for action in actions:
            [request] = action.values()
            values = plain(request.get("ExpressionAttributeValues", {}))
            names = request.get("ExpressionAttributeNames", {})
            held = self._get(_key(request)) or {}
            if not _holds(request.get("ConditionExpression", ""), held, names, values):
                raise ConditionFailed
        for action in actions:
            [(verb, request)] = action.items()
            self._act(verb, request)

    def _act(self, verb: str, request: dict[str, Any]) -> None:
        key = _key(request)
        if verb == "Delete":
            self._delete(key)
        elif verb == "Put":
            self._keep(key, plain(request["Item"]))
        else:
            values = plain(request.get("ExpressionAttributeValues", {}))
            self._update(key, request["UpdateExpression"], "", request.get("ExpressionAttributeNames", {}), values)

    def get(self, key: Key, *, consistent: bool = True) -> Record | None:
        """One item."""
        return self.get_all([key], consistent=consistent).get(key)

    def get_all(self, keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Record]:
        """Each item at an instant of its own."""
        wanted = sorted(set(keys))
        self._rng.shuffle(wanted)
        found: dict[Key, Record] = {}
        for key in wanted:
            self._scheduler.point()
            record = self._get(key) if consistent else self._stale(key)
            if record is not None:
                found[key] = dict(record)
        return found

    def query(
        self, partition: str, low: str, high: str, *, newest_first: bool = False, limit: int, consistent: bool = False
    ) -> list[Record]:
        """In the order of the keys, at one instant or, like a long page, at one for each item."""
        self._scheduler.point()
        slow = self._rng.random() < 0.1
        found: list[Record] = []
        for sort_key in sorted(self._sort_keys(partition, consistent), reverse=newest_first):
            if len(found) < limit and low <= sort_key <= high:
                if slow:
                    self._scheduler.point()
                key = (partition, sort_key)
                record = self._get(key) if consistent else self._stale(key)
                found += [dict(record)] if record is not None else []
        return found

    def _sort_keys(self, partition: str, consistent: bool) -> set[str]:
        kept = set(self._partitions.get(partition, ()))
        if not consistent:
            kept |= {key[1] for key in self._before if key[0] == partition}
        return kept

    def _get(self, key: Key) -> Record | None:
        return self._partitions.get(key[0], {}).get(key[1])

    def _stale(self, key: Key) -> Record | None:
        at, before = self._before.get(key, (-FRESH, None))
        if self._scheduler.steps - at < FRESH and self._rng.random() < 0.5:
            return before
        return self._get(key)

    def _keep(self, key: Key, values: Mapping[str, Any]) -> None:
        self._before[key] = (self._scheduler.steps, self._get(key))
        self._partitions.setdefault(key[0], {})[key[1]] = self._row(key, values)

    @staticmethod
    def _row(key: Key, values: Mapping[str, Any]) -> Record:
        return {**{name: value for name, value in values.items() if value is not None}, "pk": key[0], "sk": key[1]}

    def _delete(self, key: Key) -> None:
        if self._get(key) is not None:
            self._before[key] = (self._scheduler.steps, self._partitions[key[0]].pop(key[1]))

    def _update(
        self, key: Key, expression: str, condition: str, names: Mapping[str, str], values: Mapping[str, Any]
    ) -> bool:
        row = dict(self._get(key) or {})
        if not _holds(condition, row, names, values):
            return False
        expressions.update(expression)(row, names, values)
        self._keep(key, row)
        return True


def _key(request: Mapping[str, Any]) -> Key:
    named = request.get("Key") or request["Item"]
    return named["pk"]["S"], named["sk"]["S"]


def _holds(condition: str, row: Record, names: Mapping[str, str], values: Mapping[str, Any]) -> bool:
    return not condition or expressions.condition(condition)(row, names, values)
