"""Clients that answer like AWS on a bad day."""

from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.attributes import Attributes

Request = dict[str, Any]


class StingyDynamo:
    """Takes and gives at most `most` items per batch, and none in the first `refusals` calls."""

    def __init__(self, most: int, refusals: int = 0) -> None:
        self._most = most
        self._refusals = refusals
        self.items: dict[tuple[str, str], Attributes] = {}
        self.calls = 0

    def batch_write_item(self, RequestItems: dict[str, list[Request]]) -> Request:  # noqa: N803 - boto3's name
        [(table, requests)] = RequestItems.items()
        taken = self._taken(len(requests))
        for request in requests[:taken]:
            if "PutRequest" in request:
                item = request["PutRequest"]["Item"]
                self.items[_key(item)] = item
            else:
                self.items.pop(_key(request["DeleteRequest"]["Key"]), None)
        return {"UnprocessedItems": {table: requests[taken:]} if requests[taken:] else {}}

    def batch_get_item(self, RequestItems: dict[str, Request]) -> Request:  # noqa: N803 - boto3's name
        [(table, request)] = RequestItems.items()
        keys = request["Keys"]
        taken = self._taken(len(keys))
        found = [self.items[_key(key)] for key in keys[:taken] if _key(key) in self.items]
        left = {table: {"Keys": keys[taken:]}} if keys[taken:] else {}
        return {"Responses": {table: found}, "UnprocessedKeys": left}

    def _taken(self, wanted: int) -> int:
        self.calls += 1
        return 0 if self.calls <= self._refusals else min(self._most, wanted)


class FailingDynamo:
    """Answers each transaction with the next of the given errors, then takes it."""

    def __init__(self, *errors: ClientError) -> None:
        self._errors = list(errors)
        self.calls = 0

    def transact_write_items(self, TransactItems: list[Request]) -> None:  # noqa: ARG002, N803 - boto3's name
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)


class PickySqs:
    """Accepts the entries whose body does not say `no`; the whole batch fails on `down`."""

    def __init__(self) -> None:
        self.batches: list[list[Request]] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[Request]) -> Request:  # noqa: ARG002, N803 - boto3's names
        self.batches.append(Entries)
        if any(entry["MessageBody"] == "down" for entry in Entries):
            raise client_error("ServiceUnavailable", 503)
        accepted = [{"Id": entry["Id"]} for entry in Entries if entry["MessageBody"] != "no"]
        refused = [{"Id": entry["Id"]} for entry in Entries if entry["MessageBody"] == "no"]
        return {"Successful": accepted, "Failed": refused}


def client_error(code: str, status: int = 400, *reasons: str) -> ClientError:
    """What boto3 raises for an answer with this code."""
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, "Operation")


def _key(attributes: Attributes) -> tuple[str, str]:
    return attributes["pk"]["S"], attributes["sk"]["S"]
