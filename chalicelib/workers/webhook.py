"""The worker behind the webhook queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.observability.logs import log
from chalicelib.services.lineage.notices import WEBHOOK_QUEUE, Notice, decode
from chalicelib.workers.batch import Failures, Record, Worker, receives

SEGMENT = "catchment-webhook"
FIRST_DELAY_SECONDS, GROWTH = 30, 4
"""Tries follow each other after 30 s, 2 min, 8 min and 32 min."""


def handle(event: Mapping[str, Any]) -> Failures:
    """Tell each message's tenant."""
    made = container()

    def back_off(record: Record) -> None:
        made.ports.postpone(WEBHOOK_QUEUE, record["receiptHandle"], delay(receives(record)))

    worker = Worker(SEGMENT, made.webhook_telemetry, decode, made.delivery, _give_up, back_off)
    return worker.each_message(event)


def delay(received: int) -> int:
    """Seconds until the next try of a message that was received so often."""
    return int(FIRST_DELAY_SECONDS * GROWTH ** (received - 1))


def _give_up(notice: Notice, reason: str) -> None:
    """The message stays in the dead-letter queue, from where it can be redriven."""
    log("webhook_given_up", level="ERROR", tenant=notice.tenant_id, notice_id=notice.id, reason=reason)
