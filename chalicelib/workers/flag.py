"""The worker behind the flag queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.observability.logs import log
from chalicelib.services.lineage.flag_messages import FlagMessage, decode
from chalicelib.workers.batch import Failures, Worker

SEGMENT = "catchment-flag"


def handle(event: Mapping[str, Any]) -> Failures:
    """Keep flags right after what each message tells."""
    made = container()
    worker = Worker(SEGMENT, made.flag_telemetry, decode, made.flagging, _give_up)
    return worker.each_message(event)


def _give_up(message: FlagMessage, reason: str) -> None:
    """The flags of this message are not complete; the alarm on the dead-letter queue calls a person."""
    log("flagging_given_up", level="ERROR", tenant=message.tenant, kind=message.kind, reason=reason)
