"""Log lines of the local run's own processes: one JSON object per line, as the application writes them."""

import json
import sys
import threading
from datetime import UTC, datetime

_WRITING = threading.Lock()


def log(event: str, *, level: str = "INFO", **fields: object) -> None:
    """Writes one line. `event` is a constant name; what varies goes into the fields."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps({"timestamp": moment, "level": level, "event": event, **fields}, default=str)
    with _WRITING:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
