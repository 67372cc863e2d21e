"""A copy of the table as the requests made it, which knows how large each item was before and after a write."""

import re
from collections.abc import Mapping
from typing import Any

from benchmarks.item_size import item_size

Item = dict[str, dict[str, Any]]
Key = tuple[str, str]

_CLAUSE = re.compile(r"\b(SET|ADD|REMOVE) ((?:(?!\b(?:SET|ADD|REMOVE)\b).)*)")
_PAIR = re.compile(r"([#\w]+)\s*=?\s*(:\w+)")


def key_of(attributes: Mapping[str, Mapping[str, Any]]) -> Key:
    """The primary key of an item or of a request's `Key`."""
    return attributes["pk"]["S"], attributes["sk"]["S"]


class Shadow:
    """Follows writes; each method gives the bytes that the write is charged for."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}

    def size(self, key: Key) -> int:
        """Bytes of an item; 0 when it is not there."""
        return item_size(self.items[key]) if key in self.items else 0

    def put(self, item: Item) -> int:
        """The larger of the item that was there and the one that is there now."""
        before = self.size(key_of(item))
        self.items[key_of(item)] = item
        return max(before, item_size(item))

    def delete(self, key: Key) -> int:
        """What was deleted."""
        before = self.size(key)
        self.items.pop(key, None)
        return before

    def refuse(self, item: Item) -> int:
        """A put whose condition failed is charged by the larger of what it brought and what was there."""
        return max(self.size(key_of(item)), item_size(item))

    def update(self, request: Mapping[str, Any]) -> int:
        """`SET name = :value`, `ADD name :value` and `REMOVE name`, which is all the product says."""
        key = key_of(request["Key"])
        before = self.size(key)
        item = dict(self.items.get(key, request["Key"]))
        names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
        values: Mapping[str, dict[str, Any]] = request.get("ExpressionAttributeValues", {})
        for verb, clause in _CLAUSE.findall(request["UpdateExpression"]):
            if verb == "REMOVE":
                item = {name: value for name, value in item.items() if name not in clause.replace(",", " ").split()}
            for name, value in _PAIR.findall(clause):
                real = names.get(name, name)
                item[real] = _sum(item.get(real), values[value]) if verb == "ADD" else values[value]
        self.items[key] = item
        return max(before, item_size(item))


class Forgetful(Shadow):
    """For long measurements of rows that are new and small: remembers updates, but no puts, and takes no memory."""

    def put(self, item: Item) -> int:
        """The item alone."""
        return item_size(item)


def _sum(stored: Mapping[str, Any] | None, added: Mapping[str, Any]) -> dict[str, Any]:
    return {"N": str(int((stored or {"N": "0"})["N"]) + int(added["N"]))}
