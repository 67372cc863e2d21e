"""The worker behind the run queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.services.running.messages import RUN_QUEUE, decode
from chalicelib.workers.batch import Failures, Record, Worker, receives

SEGMENT = "catchment-run"
FIRST_DELAY_SECONDS = 60
"""Tries follow each other after 1, 2, 4 and 8 minutes: whoever was at the run is gone before the last."""


def handle(event: Mapping[str, Any]) -> Failures:
    """Carry the run on that each message names."""
    made = container()

    def back_off(record: Record) -> None:
        made.ports.postpone(RUN_QUEUE, record["receiptHandle"], FIRST_DELAY_SECONDS * 2 ** (receives(record) - 1))

    running = made.running
    worker = Worker(SEGMENT, made.run_telemetry, decode, running.carry_on, running.give_up, back_off)
    return worker.each_message(event)
