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
# An answer of 200 that is none of its shape: a service that describes its caller's request.
NO_ANSWER = {"test_invalid_response.yaml#0"}
FILE = Path(os.environ.get("CATCHMENT_EXCHANGES") or _BESIDE)


@functools.cache
def exchanges() -> tuple[dict[str, Any], ...]:
    """All of them; each has path, method, status_code, request_body, response_body, and what they were recorded as."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)


def name_of(exchange: dict[str, Any]) -> str:
    """A short name for a list of differences."""
    return str(exchange["source"]).rpartition("/")[2]


def kind_of(exchange: dict[str, Any]) -> str:
    """The shape, and how it was answered."""
    return f"{exchange['shape']} {'streamed' if isinstance(exchange['response_body'], str) else 'JSON'}"
