"""What one request costs by the published rules, worked out from its parameters, its answer and the shadow table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.item_size import item_size
from benchmarks.rows import kind_of
from benchmarks.shadow import Key, Shadow, key_of
from benchmarks.units import read_units, write_units

Params = Mapping[str, Any]


@dataclass
class Charge:
    """Units of one request, by the kind of row."""

    writes: dict[str, float] = field(default_factory=dict)
    reads: dict[str, float] = field(default_factory=dict)

    def write(self, key: Key, size: int, *, transactional: bool = False) -> None:
        """Add the writing of one item."""
        kind = kind_of(key)
        self.writes[kind] = self.writes.get(kind, 0) + write_units(size, transactional=transactional)

    def read(self, key: Key, size: int, *, consistent: bool) -> None:
        """Add the reading of one item, or of one page of a query."""
        kind = kind_of(key)
        self.reads[kind] = self.reads.get(kind, 0) + read_units(size, consistent=consistent)

    @property
    def kinds(self) -> list[str]:
        """The kinds of row it touched."""
        return [*self.writes, *self.reads]


def charge(operation: str, params: Params, answer: Params, shadow: Shadow) -> Charge:
    """The charge of a request that has been answered; `answer` is what botocore parsed, errors included."""
    made = Charge()
    CHARGES[operation](made, params, answer, shadow)
    return made


def _put(made: Charge, params: Params, answer: Params, shadow: Shadow) -> None:
    size = shadow.refuse(params["Item"]) if "Error" in answer else shadow.put(params["Item"])
    made.write(key_of(params["Item"]), size)


def _update(made: Charge, params: Params, answer: Params, shadow: Shadow) -> None:
    key = key_of(params["Key"])
    made.write(key, shadow.size(key) if "Error" in answer else shadow.update(params))


def _delete(made: Charge, params: Params, answer: Params, shadow: Shadow) -> None:
    key = key_of(params["Key"])
    made.write(key, shadow.size(key) if "Error" in answer else shadow.delete(key))


def _batch_write(made: Charge, params: Params, _answer: Params, shadow: Shadow) -> None:
    for request in (request for requests in params["RequestItems"].values() for request in requests):
        if "PutRequest" in request:
            item = request["PutRequest"]["Item"]
            made.write(key_of(item), shadow.put(item))
        else:
            key = key_of(request["DeleteRequest"]["Key"])
            made.write(key, shadow.delete(key))


def _transact(made: Charge, params: Params, answer: Params, shadow: Shadow) -> None:
    for action in params["TransactItems"]:
        [(verb, request)] = action.items()
        key = key_of(request["Item"] if verb == "Put" else request["Key"])
        size = shadow.size(key) if "Error" in answer else _acted(verb, request, shadow)
        made.write(key, size, transactional=True)


def _acted(verb: str, request: Params, shadow: Shadow) -> int:
    match verb:
        case "Put":
            return shadow.put(request["Item"])
        case "Delete":
            return shadow.delete(key_of(request["Key"]))
        case _:
            return shadow.update(request)


def _get(made: Charge, params: Params, answer: Params, _shadow: Shadow) -> None:
    size = item_size(answer.get("Item", {}))
    made.read(key_of(params["Key"]), size, consistent=params.get("ConsistentRead", False))


def _batch_get(made: Charge, params: Params, answer: Params, _shadow: Shadow) -> None:
    for table, wanted in params["RequestItems"].items():
        sizes = {key_of(item): item_size(item) for item in answer["Responses"].get(table, [])}
        for key in map(key_of, wanted["Keys"]):
            made.read(key, sizes.get(key, 0), consistent=wanted.get("ConsistentRead", False))


def _query(made: Charge, params: Params, answer: Params, _shadow: Shadow) -> None:
    values = params["ExpressionAttributeValues"]
    size = sum(item_size(item) for item in answer["Items"])
    made.read((values[":p"]["S"], values[":low"]["S"]), size, consistent=params.get("ConsistentRead", False))


CHARGES: dict[str, Callable[[Charge, Params, Params, Shadow], None]] = {
    "PutItem": _put,
    "UpdateItem": _update,
    "DeleteItem": _delete,
    "BatchWriteItem": _batch_write,
    "TransactWriteItems": _transact,
    "GetItem": _get,
    "BatchGetItem": _batch_get,
    "Query": _query,
}
