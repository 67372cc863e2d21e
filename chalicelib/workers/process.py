"""The worker behind the process queue."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import container
from chalicelib.workers.batch import Failures, each_message

SEGMENT = "catchment-process"


def handle(event: Mapping[str, Any]) -> Failures:
    """Process the generations that each message names."""
    made = container()
    return each_message(event, SEGMENT, made.process_telemetry, made.process)
