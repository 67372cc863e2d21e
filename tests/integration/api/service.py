"""The whole product in one process: HTTP through Chalice's test client, AWS through moto, queue messages by hand."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

import boto3
from chalice.test import Client
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

from app import app
from chalicelib import bootstrap
from chalicelib.adapters import aws
from chalicelib.adapters.aws_ports import aws_ports
from chalicelib.bootstrap import Container
from chalicelib.services.ports import Ports
from chalicelib.settings import Settings
from infra import template

ROOT = Path(__file__).parents[3]
EXPORT = "/api/v1/generations:export"
AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
_TURN = RLock()
MOST_BATCHES = 200
QUEUES = ("process", "flag", "webhook", "purge", "run", "evaluate")
_tenants = count(1)

_call_action = DynamoHandler.call_action


def _in_turn(handler: DynamoHandler) -> Any:
    with _TURN:
        return _call_action(handler)


# moto has no locks: a transaction copies its tables, which fails when other threads write to them meanwhile, and a
# refused one puts the copies back, so that what was written meanwhile would be lost.
ONE_CALL_AT_A_TIME = patch.object(DynamoHandler, "call_action", _in_turn)

Message = dict[str, Any]


class MovableClock:
    """The real time, moved ahead by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The present as this clock has it."""
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Answer:
    """One HTTP response; header names are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int = 0

    @property
    def error_code(self) -> str:
        """The code of an error in the contract's shape; Voker's routes have its type beside it."""
        assert set(self.body) in ({"error"}, {"error", "type", "detail"})
        assert set(self.body["error"]) == {"code", "message", "meta"}
        return str(self.body["error"]["code"])


class Service:
    """A running product. Requests come from tenants; queue messages and schedules are delivered when a test says so."""

    def __init__(self, clock: MovableClock) -> None:
        self.clock = clock
        self._client = Client(app, project_dir=str(ROOT))
        self._sqs = boto3.client("sqs")
        self.urls = {name: os.environ[f"{name.upper()}_QUEUE_URL"] for name in QUEUES}

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Any request, as Chalice's own front hands it to the app: path parameters stay percent-encoded."""
        response = self._client.http.request(method, path, headers=dict(headers or {}), body=body)
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, response.json_body, names, len(response.body))

    def tenant(self, name: str | None = None) -> "Tenant":
        """A caller; without a name, one whom nobody has met before."""
        return Tenant(self, name or f"tenant-{next(_tenants)}")

    def messages(self, queue: str = "process") -> list[Message]:
        """Take everything out of a queue."""
        taken: list[Message] = []
        for _ in range(MOST_BATCHES):
            answer = self._sqs.receive_message(
                QueueUrl=self.urls[queue], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"])
                taken.append(message)
            if not answer.get("Messages"):
                return taken
        raise AssertionError("the queue does not end")

    def deliver(self, messages: list[Message], queue: str = "process") -> list[Message]:
        """Hand messages to a queue's worker as one batch; gives back those that it reports as failed."""
        answer = self._client.lambda_.invoke(queue, sqs_event(messages)).payload
        assert set(answer) == {"batchItemFailures"}
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        assert failed <= {message["MessageId"] for message in messages}
        return [message for message in messages if message["MessageId"] in failed]

    def work(self) -> None:
        """Process all that is queued, and flag what follows from it, until the queues are empty."""
        for _ in range(MOST_BATCHES):
            queued = {queue: self.messages(queue) for queue in self.urls}
            for queue, messages in queued.items():
                for start in range(0, len(messages), 10):
                    assert self.deliver(messages[start : start + 10], queue) == []
            if not any(queued.values()):
                return
        raise AssertionError("the work does not end")

    def forget_everything(self) -> None:
        """Empty the table. Each transaction makes moto copy all of it, so that many examples in one would crawl."""
        boto3.client("dynamodb").delete_table(TableName="catchment")
        _make_table()

    def resend(self) -> None:
        """One run of the schedule."""
        event = {"id": "run", "source": "aws.events", "account": "", "time": "", "region": "", "detail-type": ""}
        self._client.lambda_.invoke("resend", {**event, "version": "0", "resources": [], "detail": {}})


class Tenant:
    """One tenant's client."""

    def __init__(self, service: Service, name: str) -> None:
        self.name = name
        self.service = service

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """A request of this tenant."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.request(method, path, body, {"X-Scope-OrgID": self.name, **given})

    def send(self, method: str, path: str, body: object, **headers: str) -> Answer:
        """A request with a JSON body."""
        return self.request(method, path, json.dumps(body).encode(), **headers)

    def get(self, path: str, **query: object) -> Answer:
        """GET with a query string."""
        return self.request("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, generations: object, **headers: str) -> Answer:
        """An export of anything."""
        body = json.dumps({"generations": generations}).encode()
        return self.request("POST", EXPORT, body, content_type="application/json", **headers)

    def export(self, *generations: Mapping[str, Any]) -> list[dict[str, Any]]:
        """An export that is answered 202; gives the results."""
        answer = self.post(list(generations))
        assert answer.status == 202, answer.body
        assert set(answer.body) == {"results"}
        results: list[dict[str, Any]] = answer.body["results"]
        return results

    def accept(self, *generations: Mapping[str, Any]) -> None:
        """An export of which every item is accepted."""
        expected = [{"generation_id": item["id"], "accepted": True, "error": ""} for item in generations]
        assert self.export(*generations) == expected

    def read(self, generation_id: str, **query: object) -> Answer:
        """One generation by id."""
        return self.get(f"/api/v1/generations/{quote(generation_id, safe='')}", **query)

    def record(self, generation_id: str) -> dict[str, Any]:
        """A generation that is there."""
        answer = self.read(generation_id)
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def listed(self, limit: int = 200, path: str = "/api/v1/generations", /, **query: object) -> list[dict[str, Any]]:
        """All items of a list, page after page."""
        items: list[dict[str, Any]] = []
        more: dict[str, object] = {}
        for _ in range(1000):
            answer = self.get(path, limit=limit, **query, **more)
            assert answer.status == 200, answer.body
            assert set(answer.body) == {"items", "next_cursor"}
            assert len(answer.body["items"]) <= limit
            items += answer.body["items"]
            if answer.body["next_cursor"] is None:
                return items
            more = {"cursor": answer.body["next_cursor"]}
        raise AssertionError("the list does not end")

    def listed_ids(self, limit: int = 200, /, **query: object) -> list[str]:
        """The ids of a whole list."""
        return [item["id"] for item in self.listed(limit, "/api/v1/generations", **query)]


def sqs_event(messages: list[Message]) -> dict[str, Any]:
    """The event for messages as `ReceiveMessage` returned them, each with its own id."""
    records = [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {},
            "md5OfBody": message.get("MD5OfBody", ""),
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:process",
            "awsRegion": "us-east-1",
        }
        for message in messages
    ]
    assert len({record["messageId"] for record in records}) == len(records)
    return {"Records": records}


def message(body: str, number: int = 1) -> Message:
    """A message nobody of ours has sent."""
    return {"MessageId": f"foreign-{number}", "ReceiptHandle": "r", "Body": body}


@contextmanager
def running(ports: Ports | None = None, **env: str) -> Iterator[Service]:
    """The product over empty AWS resources (or over other ports), with these settings."""
    with patch.dict(os.environ, AWS_ENVIRONMENT), mock_aws(), ONE_CALL_AT_A_TIME:
        aws.client.cache_clear()
        os.environ.update({**_resources(), **env})
        settings = Settings.from_env()
        clock = MovableClock()
        bootstrap.install(Container(settings, ports or replace(aws_ports(settings), clock=clock)))
        try:
            yield Service(clock)
        finally:
            bootstrap.uninstall()
            aws.client.cache_clear()


@cache
def _table() -> dict[str, Any]:
    [described] = template.local_resources(template.load(), "AWS::DynamoDB::Table")
    return {key: described.properties[key] for key in ("KeySchema", "AttributeDefinitions", "BillingMode")}


def _make_table() -> None:
    boto3.client("dynamodb").create_table(TableName="catchment", **_table())


def _resources() -> dict[str, str]:
    """Make what `infra/resources.yaml` describes; gives the environment that names it."""
    _make_table()
    boto3.client("s3").create_bucket(Bucket="payloads")
    make = boto3.client("sqs").create_queue
    urls = {f"{name.upper()}_QUEUE_URL": make(QueueName=name)["QueueUrl"] for name in QUEUES}
    return {"TABLE_NAME": "catchment", "PAYLOAD_BUCKET": "payloads", **urls}
