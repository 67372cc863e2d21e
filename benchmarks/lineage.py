"""Measures what lineage costs: units, walks of large graphs, the time it adds to processing, the flip of a root."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.engine import engine
from infra.local.config import ROOT

SECONDS = 900
SHORT = {"chain": 5_000, "fan-out": 12_500}
"""Sizes that `make bench` measures every time."""
FULL = {"chain": 20_000, "fan-out": 50_000}

Found = Mapping[str, Any]


def walks(sizes: Mapping[str, int]) -> dict[str, Found]:
    """A walk of each shape, each on an engine and in a process of its own."""
    return {shape: in_process("roto", "lineage_walk", shape, str(size)) for shape, size in sizes.items()}


def units() -> Found:
    """Counted on ministack, which reports sizes right."""
    return in_process("ministack", "lineage_units")


def latency() -> Found:
    """Processing times by the number of dependencies."""
    return in_process("roto", "lineage_latency")


def judging() -> Any:  # noqa: ANN401 - a list of what was measured
    """What evaluators add to each generation."""
    return in_process("roto", "judging_units")


def in_process(kind: str, module: str, *arguments: str) -> Found:
    """Run one measurement in a process of its own; its log lines are left out."""
    with engine(kind) as environment, TemporaryDirectory(prefix="catchment-bench-") as directory:
        target = Path(directory) / "measured.json"
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments, str(target)]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)
        found: Found = json.loads(target.read_text(encoding="utf-8"))
        return found
