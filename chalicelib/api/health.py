"""Whether the process lives, and whether it can work."""

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation

DEGRADED = 503


def healthz(_call: Call) -> Reply:
    """The process answers."""
    return Reply({"status": "ok"})


def readyz(call: Call) -> Reply:
    """Storage and queue answer."""
    missing = call.use.ports.health.check()
    if missing:
        return Reply({"status": "degraded", "errors": missing}, DEGRADED, {"Retry-After": "1"})
    return Reply({"status": "ok"})


OPERATIONS = [
    Operation("GET", "/healthz", "health:Live", healthz, role=None),
    Operation("GET", "/readyz", "health:Ready", readyz, role=None),
]
