"""The real adapters on an engine."""

import gzip
import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from unittest.mock import patch

import boto3

from chalicelib.adapters.aws import Client, client
from chalicelib.adapters.dynamodb.agent_sessions import DynamoAgentSessions
from chalicelib.adapters.dynamodb.api_keys import DynamoApiKeys
from chalicelib.adapters.dynamodb.attributes import plain
from chalicelib.adapters.dynamodb.backfills import DynamoBackfills
from chalicelib.adapters.dynamodb.catalog import DynamoCatalog
from chalicelib.adapters.dynamodb.codec import decompress
from chalicelib.adapters.dynamodb.conversations import DynamoConversations
from chalicelib.adapters.dynamodb.evaluators import DynamoEvaluators
from chalicelib.adapters.dynamodb.fingerprints import DynamoFingerprints
from chalicelib.adapters.dynamodb.generations import DynamoGenerations
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.judgements import DynamoJudgements
from chalicelib.adapters.dynamodb.lineage import DynamoLineage
from chalicelib.adapters.dynamodb.outbox import DynamoOutbox
from chalicelib.adapters.dynamodb.people import DynamoPeople
from chalicelib.adapters.dynamodb.purge import DynamoPurge
from chalicelib.adapters.dynamodb.rate_limits import DynamoRateLimits
from chalicelib.adapters.dynamodb.ratings import DynamoRatings
from chalicelib.adapters.dynamodb.run_configs import DynamoRunConfigs
from chalicelib.adapters.dynamodb.runs import DynamoCourses
from chalicelib.adapters.dynamodb.scores import DynamoScores
from chalicelib.adapters.dynamodb.steps import DynamoSteps
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.adapters.dynamodb.traces import DynamoTraces
from chalicelib.adapters.dynamodb.webhooks import DynamoWebhooks
from chalicelib.adapters.health import AwsHealth
from chalicelib.adapters.s3 import Objects, S3Walks
from chalicelib.adapters.sqs import SqsQueues
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE
from chalicelib.services.ingest import PROCESS_QUEUE
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.ports import Ports
from chalicelib.services.purge_messages import PURGE_QUEUE
from chalicelib.services.running.messages import RUN_QUEUE
from infra import template
from infra.local.config import without_aws_account
from infra.local.provision import provision
from tests.fakes.all_ports import one_by_one
from tests.fakes.clock import FixedClock, SequentialKeys, SequentialTokens
from tests.fakes.prices import FakePrices
from tests.fakes.providers import FakeProviders
from tests.fakes.queue import Message
from tests.fakes.webhooks import FakeCourier, never_later

INLINE_BYTES = 16 * 1024
MOST_MESSAGES = 10
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Clients:
    """The product's own clients of one engine."""

    dynamodb: Client
    s3: Client
    sqs: Client


def clients_of(endpoint: str | None) -> Clients:
    """Clients made as the product makes them: None is AWS's own address, where moto answers.

    Calls to moto are let in one by one: in-process it copies its tables while others write them, as no engine would.
    """
    with environment(endpoint):
        made = Clients(*(client.__wrapped__(service) for service in ("dynamodb", "s3", "sqs")))
    if endpoint is None:
        _let_in_one_by_one(made)
    return made


@contextmanager
def environment(endpoint: str | None) -> Iterator[None]:
    """Nobody's account, and a session that knows nothing of another test's."""
    address = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    with (
        patch.dict(os.environ, {**without_aws_account(os.environ), **address}, clear=True),
        patch.object(boto3, "DEFAULT_SESSION", None),
    ):
        yield


def provisioned(endpoint: str | None) -> dict[str, str]:
    """What `infra/resources.yaml` describes, made on the engine."""
    with environment(endpoint):
        return provision(cast("str", endpoint), template.load())


def _let_in_one_by_one(clients: Clients) -> None:
    lock = threading.RLock()
    for each in (clients.dynamodb, clients.s3, clients.sqs):
        each._make_api_call = _locked(each._make_api_call, lock)


def _locked(call: Any, lock: threading.RLock) -> Any:
    def locked(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    return locked


class AwsGround:
    """Table, bucket and queue of `infra/resources.yaml`; `references` are what `provisioned` gave."""

    def __init__(
        self, name: str, clients: Clients, references: dict[str, str], inline_bytes: int = INLINE_BYTES
    ) -> None:
        self.name = name
        self.clients = clients
        self.bucket = references["PayloadBucket"]
        self.queues = {
            PROCESS_QUEUE: references["ProcessQueue"],
            FLAG_QUEUE: references["FlagQueue"],
            PURGE_QUEUE: references["PurgeQueue"],
            RUN_QUEUE: references["RunQueue"],
            EVALUATE_QUEUE: references["EvaluateQueue"],
        }
        self.table = Table(clients.dynamodb, references["Table"], sleep=lambda _: None)
        self.ports = self._ports(Objects(clients.s3, self.bucket), inline_bytes)

    def _ports(self, objects: Objects, inline_bytes: int) -> Ports:
        return Ports(
            store=DynamoGenerations(self.table, objects, inline_bytes),
            purge=DynamoPurge(self.table, objects),
            index=DynamoIndex(self.table),
            lineage=DynamoLineage(self.table),
            scores=DynamoScores(self.table),
            walks=S3Walks(objects, SequentialKeys()),
            at_once=one_by_one,
            catalog=DynamoCatalog(self.table),
            outbox=DynamoOutbox(self.table),
            queue=SqsQueues(self.clients.sqs, self.queues),
            prices=FakePrices("gpt-4o-mini"),
            clock=FixedClock(),
            new_key=SequentialKeys(),
            health=AwsHealth(self.table, self.clients.sqs, self.queues[PROCESS_QUEUE]),
            webhooks=DynamoWebhooks(self.table),
            courier=FakeCourier(),
            postpone=never_later,
            new_secret=lambda: "secret",
            api_keys=DynamoApiKeys(self.table),
            rate_limits=DynamoRateLimits(self.table),
            new_token=SequentialTokens(),
            people=DynamoPeople(self.table),
            fingerprints=DynamoFingerprints(self.table),
            traces=DynamoTraces(self.table),
            courses=DynamoCourses(self.table, objects, inline_bytes, SequentialKeys()),
            providers=FakeProviders(),
            steps=DynamoSteps(self.table, objects),
            ratings=DynamoRatings(self.table),
            conversations=DynamoConversations(self.table),
            run_configs=DynamoRunConfigs(self.table),
            agent_sessions=DynamoAgentSessions(self.table),
            sleep=lambda _: None,
            evaluators=DynamoEvaluators(self.table),
            judgements=DynamoJudgements(self.table),
            backfills=DynamoBackfills(self.table),
        )

    def empty_table(self) -> None:
        """Make the table anew."""
        [described] = template.local_resources(template.load(), "AWS::DynamoDB::Table")
        wanted = ("KeySchema", "AttributeDefinitions", "BillingMode")
        self.clients.dynamodb.delete_table(TableName=self.table.name)
        arguments = {name: described.properties[name] for name in wanted}
        self.clients.dynamodb.create_table(TableName=self.table.name, **arguments)

    def payloads(self, tenant: str) -> set[tuple[str, str]]:
        return {
            (row["pk"].removeprefix(f"{tenant}#G#"), row["sk"][2:])
            for row in self._rows(f"{tenant}#G#")
            if row["sk"].startswith("P#")
        }

    def objects(self, tenant: str) -> set[str]:
        pages = self.clients.s3.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket, Prefix=f"payloads/{tenant}/")
        return {each["Key"] for page in found for each in page.get("Contents", [])}

    def named_objects(self, tenant: str) -> set[str]:
        return {row["s3"] for row in self._rows(f"{tenant}#G#") if "s3" in row}

    def edges(self, tenant: str) -> set[tuple[str, str]]:
        return {
            (row["pk"].removeprefix(f"{tenant}#G#"), row["sk"][2:])
            for row in self._rows(f"{tenant}#G#")
            if row["sk"].startswith("C#")
        }

    def take(self, queue: str = PROCESS_QUEUE) -> list[Message]:
        taken: list[Message] = []
        while found := self._receive(self.queues[queue]):
            taken += [_message(each) for each in found]
        return taken

    def everything(self, tenant: str) -> str:
        rows = [*self._rows(f"{tenant}#"), *self._rows("OUTBOX#")]
        texts = [readable(value) for row in rows for value in row.values()]
        read = self.clients.s3.get_object
        bodies = [read(Bucket=self.bucket, Key=name)["Body"].read() for name in self.objects(tenant)]
        return "\n".join([*texts, *map(readable, bodies)])

    def _receive(self, queue_url: str) -> list[dict[str, Any]]:
        answer = self.clients.sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=MOST_MESSAGES,
            MessageSystemAttributeNames=["All"],
            WaitTimeSeconds=0,
        )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        for each in found:
            self.clients.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=each["ReceiptHandle"])
        return found

    def _rows(self, prefix: str) -> list[Record]:
        pages = self.clients.dynamodb.get_paginator("scan").paginate(
            TableName=self.table.name,
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": prefix}},
            ConsistentRead=True,
        )
        return [plain(item) for page in pages for item in page["Items"]]


def readable(value: object) -> str:
    """What is stored, as a text: a plain value, a compressed one, the body of an object, the bits of a marker."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return (gzip.decompress if value.startswith(GZIP) else decompress)(value).decode()
    except (ValueError, zlib.error):
        return repr(value)


def _message(received: dict[str, Any]) -> Message:
    return Message(received["Body"], received.get("Attributes", {}).get("AWSTraceHeader"))
