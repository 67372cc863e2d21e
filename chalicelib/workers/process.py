"""The worker behind the process queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.services.messages import decode
from chalicelib.workers.batch import Failures, Worker

SEGMENT = "catchment-process"


def handle(event: Mapping[str, Any]) -> Failures:
    """Process the generations that each message names."""
    made = container()
    worker = Worker(SEGMENT, made.process_telemetry, decode, made.process, made.process.give_up)
    return worker.each_message(event)
