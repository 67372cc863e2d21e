"""Runs the app's scheduled functions at their rate: once at the start, then each time the rate has passed."""

import re
import threading
import traceback
from collections.abc import Callable
from typing import Any

from infra.local.context import LambdaContext
from infra.local.logs import log
from infra.local.messages import schedule_event

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
FUNCTION_SECONDS = 60.0

Handler = Callable[[dict[str, Any], LambdaContext], Any]


def rate_in_seconds(expression: str) -> int:
    """`rate(5 minutes)` → 300. Raises ValueError for a cron expression, which nothing here needs."""
    found = RATE.fullmatch(expression)
    if found is None:
        msg = f"only rate(…) schedules run locally, not {expression!r}"
        raise ValueError(msg)
    return int(found[1]) * SECONDS[found[2]]


def start_schedule(name: str, expression: str, handler: Handler, stopping: threading.Event) -> threading.Thread:
    """A thread that calls `handler` until `stopping` is set; a call that has begun is finished."""
    seconds = rate_in_seconds(expression)
    thread = threading.Thread(target=_run, args=(name, seconds, handler, stopping), name=f"schedule-{name}")
    thread.start()
    return thread


def _run(name: str, seconds: int, handler: Handler, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            handler(schedule_event(name), LambdaContext(name, FUNCTION_SECONDS))
        except Exception:  # noqa: BLE001 - the next round tries again, as in Lambda
            log("worker.schedule_failed", level="ERROR", schedule=name, error=traceback.format_exc())
        stopping.wait(seconds)
