"""Stores a graph, fails its root, and flips it: `python -m benchmarks.lineage_walk SHAPE SIZE OUTPUT`.

A process of its own. Writes a JSON object. Units are counted while the walk is timed, which is part of its CPU time.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import proc
from benchmarks.lineage_rig import LISTED_AT, Rig
from benchmarks.shadow import Forgetful
from chalicelib.services.ports import Edge

TENANT, ROOT = "fake", "root"
CLEAR_PEAK = "5"
FLIPS = 5
SMALL = 10


def main(shape: str, size: int, target: Path) -> None:
    """Measure one shape."""
    rig = Rig(Forgetful())
    found: dict[str, Any] = {"small_flip": _small(rig)}
    begin = time.perf_counter()
    rig.link(TENANT, graph(shape, size))
    found["stored_seconds"] = time.perf_counter() - begin
    found |= _walk(rig)
    found["flip"] = _flip(rig, TENANT)
    if _flagged(rig, size) != size:
        raise RuntimeError("the walk has ended, and not everything is flagged")
    target.write_text(json.dumps(found), encoding="utf-8")


def graph(shape: str, size: int) -> list[Edge]:
    """A chain of `size` generations below the root, or as many children of it."""
    parents = [ROOT, *map(name, range(size - 1))] if shape == "chain" else [ROOT] * size
    return [Edge(parent, name(number), LISTED_AT) for number, parent in enumerate(parents)]


def name(number: int) -> str:
    """An id like those of SDKs."""
    return f"gen_{number:016x}"


def _walk(rig: Rig) -> dict[str, Any]:
    Path("/proc/self/clear_refs").write_text(CLEAR_PEAK, encoding="ascii")
    before = proc.peak_bytes(os.getpid())
    rig.score(TENANT, ROOT, passed=False)
    rig.meter.reset()
    cpu, begin = time.process_time(), time.perf_counter()
    drained = rig.flag()
    ledger = rig.meter.ledger
    return {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "handed_on": drained.handed_on,
        "calls": ledger.calls,
        "writes": ledger.writes,
        "reads": ledger.reads,
        "before_bytes": before,
        "peak_bytes": proc.peak_bytes(os.getpid()),
    }


def _small(rig: Rig) -> dict[str, Any]:
    """The same flips on a root with ten dependents, for comparison."""
    rig.link("small", [Edge(ROOT, name(number), LISTED_AT) for number in range(SMALL)])
    rig.score("small", ROOT, passed=False)
    rig.flag()
    return _flip(rig, "small")


def _flip(rig: Rig, tenant: str) -> dict[str, Any]:
    """Pass and fail again, several times; per flip, API and worker together."""
    rig.meter.reset()
    begin = time.perf_counter()
    for _ in range(FLIPS):
        for passed in (True, False):
            rig.score(tenant, ROOT, passed=passed)
            rig.flag()
    ledger, flips = rig.meter.ledger, 2 * FLIPS
    return {
        "seconds": (time.perf_counter() - begin) / flips,
        "calls": ledger.calls / flips,
        "writes": ledger.writes / flips,
        "reads": ledger.reads / flips,
        "counted": ledger.reads_by_kind.get("list row", 0) / flips,
    }


def _flagged(rig: Rig, size: int) -> int:
    """How many carry the root's row, by a look at each one's touched mark."""
    lineage = rig.made.ports.lineage
    numbers = range(0, size, 1000)
    return sum(len(lineage.touched(TENANT, map(name, range(start, min(size, start + 1000))))) for start in numbers)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
