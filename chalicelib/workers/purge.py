"""The worker behind the purge queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.observability.logs import log
from chalicelib.services.purge_messages import PurgeMessage, decode
from chalicelib.workers.batch import Failures, Worker

SEGMENT = "catchment-purge"


def handle(event: Mapping[str, Any]) -> Failures:
    """Take away what each message names."""
    made = container()
    worker = Worker(SEGMENT, made.purge_telemetry, decode, made.purging, _give_up)
    return worker.each_message(event)


def _give_up(message: PurgeMessage, reason: str) -> None:
    """Content that was to go is still there; the alarm on the dead-letter queue calls a person."""
    log("purge_given_up", level="ERROR", tenant=message.tenant, kind=message.kind, reason=reason)
