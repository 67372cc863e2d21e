"""Recorded exchanges with providers, one JSON object a line.

They are not part of the repository: `CATCHMENT_EXCHANGES` names the file, or it lies in `shared/fixtures` beside the
checkout. A suite that needs them is skipped where they are absent.
"""

import functools
import gzip
import json
import os
from pathlib import Path
from typing import Any

_BESIDE = Path(__file__).parents[3] / "shared" / "fixtures" / "exchanges.jsonl.gz"
FILE = Path(os.environ.get("CATCHMENT_EXCHANGES") or _BESIDE)


@functools.cache
def exchanges() -> tuple[dict[str, Any], ...]:
    """All of them; each has path, method, status_code, request_body, response_body, and what they were recorded as."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)
