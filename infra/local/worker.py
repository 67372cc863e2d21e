"""The worker process: `python -m infra.local.worker` runs every queue and schedule handler that app.py declares."""

import json
import os
import signal
import sys
import threading

from chalice.app import Chalice

from infra.local.lifeline import follow_supervisor
from infra.local.logs import log
from infra.local.provision import client
from infra.local.pump import QueuePump
from infra.local.schedules import start_schedule

POLLERS = 4
STARTED = "worker.started"
# Where the supervisor says which queue of app.py is which on the engine: {"process": "http://…"}.
QUEUES_VARIABLE = "CATCHMENT_LOCAL_QUEUES"


def main() -> int:
    """Works until SIGTERM, then finishes the batches in hand."""
    follow_supervisor()
    from app import app

    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threads = start(app, json.loads(os.environ[QUEUES_VARIABLE]), os.environ["AWS_ENDPOINT_URL"], stopping)
    log(STARTED)
    for thread in threads:
        thread.join()
    return 0


def batch_size(source: object) -> int:
    """How many messages a queue handler takes at once; Chalice types its event sources by their base class."""
    return int(getattr(source, "batch_size", 1))


def rate(expression: object) -> str:
    """The text of a schedule: Chalice keeps what the decorator was given, a string or an object."""
    return expression if isinstance(expression, str) else str(expression.to_string())  # type: ignore[attr-defined]


def start(app: Chalice, queues: dict[str, str], endpoint: str, stopping: threading.Event) -> list[threading.Thread]:
    """Starts what carries messages and schedules to the app's handlers."""
    threads = []
    for source in app.event_sources:
        handler = app.handler_map[source.name]
        if hasattr(source, "schedule_expression"):
            threads.append(start_schedule(source.name, rate(source.schedule_expression), handler, stopping))
        elif hasattr(source, "queue"):
            name = source.queue
            pump = QueuePump(client("sqs", endpoint), queues[name], name, batch_size(source), handler, stopping)
            threads += pump.start(POLLERS)
    return threads


if __name__ == "__main__":
    sys.exit(main())
