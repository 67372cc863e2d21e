"""The worker behind the evaluate queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE, EvaluateMessage, decode
from chalicelib.services.evaluation.evaluating import FIRST_DELAY_SECONDS
from chalicelib.workers.batch import Failures, Record, Worker, receives

SEGMENT = "catchment-evaluate"
GROWTH = 4
LONGEST_DELAY_SECONDS = FIRST_DELAY_SECONDS * GROWTH**3


def handle(event: Mapping[str, Any]) -> Failures:
    """Have the generations that each message names judged, or let a backfill go on."""
    made = container()
    received = max(map(receives, event["Records"]))

    def back_off(record: Record) -> None:
        made.ports.postpone(EVALUATE_QUEUE, record["receiptHandle"], delay(record))

    def work(message: EvaluateMessage) -> None:
        made.evaluate(message, received)

    worker = Worker(SEGMENT, made.evaluate_telemetry, decode, work, made.evaluate.give_up, back_off)
    return worker.each_message(event)


def delay(record: Record) -> int:
    """Seconds until the next try of a message: 2 min, 8 min, 32 min. One to ask a hook again comes first after 30 s."""
    tried = receives(record) + getattr(decode(record["body"]), "tried", 0)
    return int(min(FIRST_DELAY_SECONDS * GROWTH**tried, LONGEST_DELAY_SECONDS))
