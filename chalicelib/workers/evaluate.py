"""The worker behind the evaluate queue."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.observability.logs import log
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE, EvaluateMessage, decode
from chalicelib.workers.batch import LAST_RECEIVE, Failures, Record, Worker, receives

SEGMENT = "catchment-evaluate"
FIRST_DELAY_SECONDS, GROWTH = 30, 4
"""A hook is asked again after 30 s, 2 min, 8 min and 32 min."""


def handle(event: Mapping[str, Any]) -> Failures:
    """Have the generations that each message names judged, or let a backfill go on."""
    made = container()
    last = any(receives(record) >= LAST_RECEIVE for record in event["Records"])

    def back_off(record: Record) -> None:
        made.ports.postpone(EVALUATE_QUEUE, record["receiptHandle"], delay(receives(record)))

    work = partial(made.evaluate, last=last)
    worker = Worker(SEGMENT, made.evaluate_telemetry, decode, work, _give_up, back_off)
    return worker.each_message(event)


def delay(received: int) -> int:
    """Seconds until the next try of a message that was received so often."""
    return int(FIRST_DELAY_SECONDS * GROWTH ** (received - 1))


def _give_up(message: EvaluateMessage, reason: str) -> None:
    """Storage or queue was down all the time: generations stay unjudged until the message is redriven."""
    log("evaluation_given_up", level="ERROR", tenant=message.tenant, kind=message.kind, reason=reason)
