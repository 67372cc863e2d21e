"""The section of the page about evaluators."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.page import number, table

HEAD = ["evaluators", "worker", "messages", "write units", "read units", "queue requests", "CPU, ms", "time, ms"]
COLUMNS = ("messages", "writes", "reads", "queue_requests", "cpu_ms", "wall_ms")

Found = Mapping[str, Any]


def units(found: Sequence[Found]) -> str:
    """A table for each size of batches."""
    sizes = dict.fromkeys(each["size"] for each in found)
    return "\n\n".join(_sized(size, [each for each in found if each["size"] == size]) for size in sizes)


def _sized(size: int, found: Sequence[Found]) -> str:
    rows = [
        [str(each["evaluators"]), name, *(number(stage[column], 3) for column in COLUMNS)]
        for each in found
        for name, stage in each["stages"].items()
    ]
    title = f"Requests of {size} generations" if size > 1 else "Requests of one generation"
    return f"**{title}**, of each generation:\n\n{table(HEAD, rows)}"
