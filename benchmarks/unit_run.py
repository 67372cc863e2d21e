"""Runs the use cases in this process on an engine, and counts what they ask of DynamoDB."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.item_size import item_size
from benchmarks.meter import Ledger, Meter
from benchmarks.rows import kind_of
from benchmarks.shadow import Key
from benchmarks.workload import AGENT, Wire, Workload
from chalicelib import bootstrap
from chalicelib.adapters.aws import client
from chalicelib.adapters.dynamodb.record_keys import CATALOG_SHARDS
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.settings import Settings
from chalicelib.workers.process import handle
from infra.local.messages import sqs_event

TENANT = "fake"
API, WORKER = "API", "worker"
MOST_WARM_UPS = 200
MOST_RECEIVES = 1000
SIZES = {1: 40, 10: 10, 25: 4, 100: 3}  # batch size: batches measured


@dataclass(frozen=True)
class Measured:
    """What `batches` batches of `size` generations took."""

    size: int
    batches: int
    ledger: Ledger

    @property
    def generations(self) -> int:
        """How many generations that was."""
        return self.size * self.batches


@dataclass(frozen=True)
class Kind:
    """Rows of one kind that a generation leaves behind; sizes in bytes."""

    rows: int
    size: int


@dataclass(frozen=True)
class UnitRun:
    """Everything this part found out. `stored` is what the largest batches left behind, by kind of row."""

    by_size: dict[int, Measured]
    repeated: Measured
    stored: dict[str, Kind]


def run(environment: Mapping[str, str]) -> UnitRun:
    """Measure on the engine that `environment` names; this process keeps that engine's environment."""
    os.environ.update(environment)
    rig = _Rig(Settings.from_env())
    rig.warm_up()
    by_size = {
        size: rig.measure(_batches(size, batches, day)) for day, (size, batches) in enumerate(SIZES.items(), start=1)
    }
    before = set(rig.meter.shadow.items)
    again = _batches(100, 1, day=len(SIZES) + 1)
    rig.measure(again)
    stored = _by_kind(rig.meter, set(rig.meter.shadow.items) - before)
    return UnitRun(by_size, rig.measure(again), stored)


class _Rig:
    """The use cases over AWS adapters whose clients are metered."""

    def __init__(self, settings: Settings) -> None:
        self._made = bootstrap.install(bootstrap.over_aws(settings))
        self._queue_url = settings.process_queue_url
        self._sqs = client("sqs")
        self.meter = Meter(client("dynamodb"), self._sqs)

    def warm_up(self) -> None:
        """Until the agent and its version are known and each of their tally shards has been written."""
        workload = Workload("warm-up")
        for _ in range(MOST_WARM_UPS):
            self.take_in([workload.batch(1)])
            shards = {key for key in self.meter.shadow.items if kind_of(key) == "tally" and key[1] == "@"}
            if len(shards) == CATALOG_SHARDS:
                return
        raise RuntimeError(f"the tallies of {AGENT} never reached all shards")

    def measure(self, given: list[list[Wire]]) -> Measured:
        """Take batches in and process them; given a second time, they are a client's retry."""
        self.meter.reset()
        self.take_in(given)
        return Measured(len(given[0]), len(given), self.meter.ledger)

    def take_in(self, given: list[list[Wire]]) -> None:
        """Ingest each batch, then process every message."""
        self.meter.begin(API)
        for batch in given:
            outcomes = self._made.ingest(TENANT, [_read(item) for item in read_export({"generations": batch})])
            if not all(outcome.accepted for outcome in outcomes):
                raise RuntimeError("a generation was refused")
        self.meter.begin(WORKER)
        for _ in range(MOST_RECEIVES):
            messages = self._receive()
            if not messages:
                return
            if handle(sqs_event(messages, "process"))["batchItemFailures"]:
                raise RuntimeError("a message failed")
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _receive(self) -> list[Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0, MessageSystemAttributeNames=["All"]
        )
        messages: list[Mapping[str, Any]] = answer.get("Messages", [])
        return messages


def _batches(size: int, batches: int, day: int) -> list[list[Wire]]:
    workload = Workload(f"units-{day}", day)
    return [workload.batch(size) for _ in range(batches)]


def _read(item: Any) -> Any:  # noqa: ANN401 - narrowing a union that is not worth naming here
    if isinstance(item, ItemRejected):
        raise item
    return item


def _by_kind(meter: Meter, keys: set[Key]) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for key in keys:
        kind = kind_of(key)
        sofar = kinds.get(kind, Kind(0, 0))
        kinds[kind] = Kind(sofar.rows + 1, sofar.size + item_size(meter.shadow.items[key]))
    return kinds
