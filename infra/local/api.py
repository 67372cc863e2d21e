"""The API process: `python -m infra.local.api FD` serves app.py's routes on an inherited listening socket."""

import logging
import os
import signal
import socket
import sys

from infra.local.front import Front
from infra.local.gateway import Gateway
from infra.local.lifeline import follow_supervisor
from infra.local.logs import log

# The application answers 413 itself and says its limit; the front only has to stop what is far beyond it.
SLACK_BYTES = 1024 * 1024
DRAIN_SECONDS = 10.0


def main(descriptor: int) -> int:
    """Serves until SIGTERM, then finishes what has begun. 0 when every request that had begun was answered."""
    follow_supervisor()
    # It counts requests that wait for a thread for a moment; nobody needs to act on that.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    from app import app

    limit = int(os.environ["MAX_BODY_BYTES"])
    front = Front(Gateway(app, log), socket.socket(fileno=descriptor), limit, SLACK_BYTES)
    signal.signal(signal.SIGTERM, lambda *_: front.stop())
    drained = front.run(DRAIN_SECONDS)
    if not drained:
        log("api.requests_cut_off", level="WARNING", after_seconds=DRAIN_SECONDS)
    return 0 if drained else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
