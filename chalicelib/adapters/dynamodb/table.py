"""The table, with the few operations the product uses: batches that finish, conditional writes, strong reads."""

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from chalicelib.adapters.aws import Client, error_code, translated
from chalicelib.adapters.dynamodb.attributes import Attributes, Scalar, attribute, item, key_of, plain
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.system import Threads
from chalicelib.domain.errors import Unavailable

WRITE_BATCH = 25
READ_BATCH = 100
BATCH_ROUNDS = 6
PARALLEL = 16
TRANSACTION_ROUNDS = 6
FIRST_PAUSE_S = 0.02
DOUBLINGS = 5
TOKEN_BYTES = 12
WITH_ITEM = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
STORAGE = "storage"

Record = dict[str, Any]
T = TypeVar("T")
R = TypeVar("R")


class ConditionFailed(Exception):
    """A named condition did not hold."""


class Contended(Exception):
    """Others are at the same items, or storage has too much to do: the same may succeed a moment later."""


class Table:
    """One DynamoDB table behind a low-level client. Thread-safe."""

    def __init__(self, client: Client, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep
        self._threads = Threads(PARALLEL)
        self.name = name

    def in_parallel(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Run `work`, which must not come here again, on each item at once; see `Threads`."""
        return self._threads(work, items)

    def put_all(self, records: Iterable[tuple[Key, Mapping[str, Scalar]]]) -> None:
        """Put items in batches of 25, retrying what DynamoDB leaves over. Of equal keys the last one wins."""
        unique = dict(records)
        self._write([{"PutRequest": {"Item": item(key, values)}} for key, values in unique.items()])

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Delete items in batches of 25."""
        self._write([{"DeleteRequest": {"Key": key_of(key)}} for key in dict.fromkeys(keys)])

    def _write(self, requests: Sequence[dict[str, Any]]) -> None:
        batches = list(batched(requests, WRITE_BATCH))
        if len(batches) == 1:
            self._write_batch(batches[0])
        else:
            self.in_parallel(self._write_batch, batches)

    def _write_batch(self, requests: Sequence[dict[str, Any]]) -> None:
        left: Sequence[dict[str, Any]] = requests
        for attempt in range(BATCH_ROUNDS):
            with translated(STORAGE):
                response = self._client.batch_write_item(RequestItems={self.name: list(left)})
            left = response.get("UnprocessedItems", {}).get(self.name, [])
            if not left:
                return
            self.pause(attempt)
        raise Unavailable("storage is throttling writes")

    def put_new(self, key: Key, values: Mapping[str, Scalar]) -> bool:
        """Put an item unless one with that key exists; says whether it was put, or stands exactly so already.

        What differs between two writers, such as an owner, is to be among the values: by them the put whose answer was
        lost, and which the client has sent again, is known.
        """
        wanted = item(key, values)
        refusal = self._refusal(
            self._client.put_item, Item=wanted, ConditionExpression="attribute_not_exists(pk)", **WITH_ITEM
        )
        return refusal is None or self._standing(key, refusal) == plain(wanted)

    def delete_if(self, key: Key, name: str, value: str) -> None:
        """Delete an item whose attribute `name` equals `value`."""
        self._refusal(
            self._client.delete_item,
            Key=key_of(key),
            ConditionExpression="#n = :v",
            ExpressionAttributeNames={"#n": name},
            ExpressionAttributeValues={":v": attribute(value)},
        )

    def update(
        self, key: Key, expression: str, condition: str, names: Mapping[str, str], values: Mapping[str, Scalar]
    ) -> bool:
        """Update an item if the condition holds; says whether it held.

        When the answer to an update is lost, the client sends it again: of one that its condition does not allow twice,
        this says that it did not hold. Where that matters, see `update_once`.
        """
        return self._refused_update(key, expression, condition, names, values) is None

    def update_once(
        self, key: Key, expression: str, condition: str, names: Mapping[str, str], values: Mapping[str, Scalar]
    ) -> bool:
        """Update an item if the condition holds, which the update ends; says whether it is this call that made it.

        The expression begins with SET. The item is marked with a token of the call, in `w`, by which an update whose
        answer was lost is known. It is not known any more when others have updated the item before it was sent again.
        """
        token = secrets.token_bytes(TOKEN_BYTES)
        marked = expression.replace("SET ", "SET w = :w, ", 1)
        refusal = self._refused_update(key, marked, condition, names, {**values, ":w": token}, **WITH_ITEM)
        return refusal is None or self._standing(key, refusal).get("w") == token

    def _refused_update(
        self,
        key: Key,
        expression: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, Scalar],
        **request: object,
    ) -> Exception | None:
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        return self._refusal(
            self._client.update_item,
            Key=key_of(key),
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeValues={k: attribute(v) for k, v in values.items() if v is not None},
            **request,
        )

    def _refusal(self, write: Callable[..., Any], **request: object) -> Exception | None:
        """Write if the condition holds; gives what is said when it does not."""
        try:
            with translated(STORAGE):
                write(TableName=self.name, **request)
        except Exception as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return error
            raise
        return None

    def _standing(self, key: Key, refusal: Exception) -> Record:
        """The item that a write met, empty when there was none.

        DynamoDB gives it with its refusal, for nothing. It is read where an engine does not, and where there was none.
        """
        found = getattr(refusal, "response", {}).get("Item")
        return plain(found) if found else self.get(key) or {}

    def change(self, key: Key, values: Mapping[str, str | bytes]) -> Record | None:
        """Set attributes of an item that exists; gives the item as it then is, or None when there is none."""
        places = {name: f"#{number}" for number, name in enumerate(values)}
        try:
            with translated(STORAGE):
                response = self._client.update_item(
                    TableName=self.name,
                    Key=key_of(key),
                    UpdateExpression="SET " + ", ".join(f"{place} = :{place[1:]}" for place in places.values()),
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={place: name for name, place in places.items()},
                    ExpressionAttributeValues={f":{places[name][1:]}": attribute(one) for name, one in values.items()},
                    ReturnValues="ALL_NEW",
                )
        except Exception as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return None
            raise
        return plain(response["Attributes"])

    def add(self, key: Key, name: str, number: int) -> int:
        """Add to a number, which begins at 0, and give the sum."""
        with translated(STORAGE):
            response = self._client.update_item(
                TableName=self.name,
                Key=key_of(key),
                UpdateExpression="ADD #n :n",
                ExpressionAttributeNames={"#n": name},
                ExpressionAttributeValues={":n": attribute(number)},
                ReturnValues="UPDATED_NEW",
            )
        return int(response["Attributes"][name]["N"])

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        """Write all actions or none. Raises ConditionFailed when a condition did not hold; conflicts are retried."""
        for attempt in range(TRANSACTION_ROUNDS):
            try:
                return self.transact_once(actions)
            except Contended:
                self.pause(attempt)
        raise Unavailable("storage is busy")

    def transact_once(self, actions: Sequence[dict[str, Any]]) -> None:
        """Write all actions or none. Raises ConditionFailed when a condition did not hold, Contended on a conflict.

        The client gives each transaction a token, by which DynamoDB knows it when it is sent again after a lost answer.
        """
        try:
            with translated(STORAGE):
                self._client.transact_write_items(TransactItems=list(actions))
        except Exception as error:
            if error_code(error) != "TransactionCanceledException":
                raise
            reasons = {reason.get("Code") for reason in getattr(error, "response", {}).get("CancellationReasons", [])}
            if "ConditionalCheckFailed" in reasons:
                raise ConditionFailed from error
            if reasons & {"ValidationError", "ItemCollectionSizeLimitExceeded"}:
                raise
            raise Contended from error

    def get(self, key: Key, *, consistent: bool = True) -> Record | None:
        """Read one item."""
        with translated(STORAGE):
            response = self._client.get_item(TableName=self.name, Key=key_of(key), ConsistentRead=consistent)
        found = response.get("Item")
        return plain(found) if found else None

    def get_all(self, keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Record]:
        """Read items in batches of 100, retrying what DynamoDB leaves over; a missing one is absent."""
        batches = list(batched(list(dict.fromkeys(keys)), READ_BATCH))
        if len(batches) == 1:
            return self._read_batch(batches[0], consistent)
        found: dict[Key, Record] = {}
        for part in self.in_parallel(lambda batch: self._read_batch(batch, consistent), batches):
            found.update(part)
        return found

    def _read_batch(self, keys: Sequence[Key], consistent: bool) -> dict[Key, Record]:
        found: dict[Key, Record] = {}
        left: list[Attributes] = [key_of(key) for key in keys]
        for attempt in range(BATCH_ROUNDS):
            with translated(STORAGE):
                response = self._client.batch_get_item(
                    RequestItems={self.name: {"Keys": left, "ConsistentRead": consistent}}
                )
            records = [plain(attributes) for attributes in response["Responses"].get(self.name, [])]
            found.update({(record["pk"], record["sk"]): record for record in records})
            left = response.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not left:
                return found
            if not records:  # a full answer of 16 MB leaves keys over without being throttled
                self.pause(attempt)
        raise Unavailable("storage is throttling reads")

    def query(
        self, partition: str, low: str, high: str, *, newest_first: bool = False, limit: int, consistent: bool = False
    ) -> list[Record]:
        """Up to `limit` items of a partition whose sort key lies between `low` and `high`, both included."""
        return list(islice(self._pages(partition, low, high, newest_first, limit, consistent), limit))

    def _pages(
        self, partition: str, low: str, high: str, newest_first: bool, limit: int, consistent: bool
    ) -> Iterator[Record]:
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :p AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {":p": {"S": partition}, ":low": {"S": low}, ":high": {"S": high}},
            "ScanIndexForward": not newest_first,
            "ConsistentRead": consistent,
            "Limit": limit,
        }
        while True:
            with translated(STORAGE):
                response = self._client.query(**request)
            yield from (plain(attributes) for attributes in response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            request["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def pause(self, attempt: int) -> None:
        """Back off with full jitter: at most 20 ms, 40 ms, … 640 ms, and never more."""
        self._sleep(random.uniform(0, FIRST_PAUSE_S * 2 ** min(attempt, DOUBLINGS)))  # noqa: S311 - jitter is no secret


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
