"""The use cases of lineage over metered AWS adapters, in this process: what the lineage measurements are made with."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.meter import Meter
from benchmarks.shadow import Shadow
from benchmarks.workload import Wire
from chalicelib import bootstrap
from chalicelib.adapters.aws import client
from chalicelib.api.sigil.export import read_export
from chalicelib.api.sigil.scores import read_scores
from chalicelib.services.ports import Edge
from chalicelib.settings import Settings
from chalicelib.workers import evaluate, flag, process
from infra.local.messages import sqs_event

API, WORKER = "API", "worker"
LISTED_AT = "2026-01-01T00:00:00.000000Z"
EDGES_AT_ONCE = 100
VISIBILITY_SECONDS = 600
MOST_RECEIVES = 100_000
HANDED_ON = '"kind":"walk"'

Event = dict[str, Any]


@dataclass
class Drained:
    """Messages of a queue: how many, how many of them were the rest of a walk, and the seconds of each handler call."""

    seconds: list[float]
    handed_on: int = 0


class Rig:
    """Ingests, scores and drains queues, with every request counted."""

    def __init__(self, shadow: Shadow | None = None) -> None:
        self.settings = Settings.from_env()
        self.made = bootstrap.install(bootstrap.over_aws(self.settings))
        self._sqs = client("sqs")
        self.meter = Meter(client("dynamodb"), self._sqs, shadow)
        self._scores = 0

    def link(self, tenant: str, edges: Sequence[Edge]) -> None:
        """Store edges as processing does, a hundred at a time."""
        for start in range(0, len(edges), EDGES_AT_ONCE):
            self.made.ports.lineage.put_edges(tenant, edges[start : start + EDGES_AT_ONCE])

    def ingest(self, tenant: str, batch: Sequence[Wire]) -> None:
        """Take one batch in. Raises RuntimeError when one is refused."""
        self.meter.begin(API)
        items: list[Any] = list(read_export({"generations": list(batch)}))
        if not all(outcome.accepted for outcome in self.made.ingest(tenant, items)):
            raise RuntimeError("a generation was refused")

    def process(self) -> Drained:
        """Process everything taken in."""
        return self._drain(self.settings.process_queue_url, process.handle)

    def score(self, tenant: str, generation_id: str, *, passed: bool) -> None:
        """Take in one score of one evaluator, later than all before."""
        self.meter.begin(API)
        self._scores += 1
        wire = {
            "score_id": f"sc_{tenant}_{self._scores:08d}",
            "generation_id": generation_id,
            "evaluator_id": "judge",
            "evaluator_version": "1",
            "score_key": "faithful",
            "value": {"bool": passed},
            "passed": passed,
            "created_at": f"2026-06-01T00:00:{self._scores % 60:02d}.000000Z",
        }
        scores: list[Any] = list(read_scores({"scores": [wire]}, LISTED_AT))
        if any(outcome.error for outcome in self.made.scoring(tenant, scores)):
            raise RuntimeError("a score was refused")

    def waive(self, tenant: str, generation_id: str, *, waived: bool) -> None:
        """Decide on a waiver."""
        self.meter.begin(API)
        self.made.waiving(tenant, generation_id, waived=waived, reason="measured")

    def flag(self) -> Drained:
        """Work the flag queue off."""
        return self._drain(self.settings.flag_queue_url, flag.handle)

    def evaluate(self) -> Drained:
        """Work the evaluate queue off."""
        return self._drain(self.settings.evaluate_queue_url, evaluate.handle)

    def receive(self, url: str) -> list[Mapping[str, Any]]:
        """One message, or none."""
        answer = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=0,
            VisibilityTimeout=VISIBILITY_SECONDS,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[Mapping[str, Any]] = answer.get("Messages", [])
        return messages

    def _drain(self, url: str, handle: Callable[[Event], Mapping[str, Any]]) -> Drained:
        self.meter.begin(WORKER)
        drained = Drained([])
        for _ in range(MOST_RECEIVES):
            messages = self.receive(url)
            if not messages:
                return drained
            begin = time.perf_counter()
            if handle(sqs_event(messages, "queue"))["batchItemFailures"]:
                raise RuntimeError("a message failed")
            drained.seconds.append(time.perf_counter() - begin)
            drained.handed_on += sum(HANDED_ON in message["Body"] for message in messages)
            for message in messages:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        raise RuntimeError("the queue does not end")
