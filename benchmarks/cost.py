"""Measures what a generation costs: request units, CPU of each function, bytes logged and kept."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import unit_run
from benchmarks.bill import Invocation, Usage, rounds
from benchmarks.engine import engine
from infra.local.config import ROOT

STAGE = "api"
INVOCATIONS = {100: 20, 10: 60, 1: 200}  # batch size: invocations measured
RESULT_BYTES = 70
RECEIVE_AND_DELETE = 2
SECONDS = 300

Invoked = Mapping[str, Any]


@dataclass(frozen=True)
class Cost:
    """Units, and invocations by batch size."""

    units: unit_run.UnitRun
    invoked: dict[int, Invoked]

    def usage(self, size: int) -> Usage:
        """What one batch of this size takes."""
        measured = self.units.by_size[size]
        ledger = measured.ledger
        return Usage(
            size=size,
            writes=ledger.writes / measured.batches,
            reads=ledger.reads / measured.batches,
            queue_requests=ledger.queue_requests / measured.batches + RECEIVE_AND_DELETE,
            response_bytes=size * RESULT_BYTES,
            api=self._invocation("api", "api_handler", size, rounds(ledger, unit_run.API, measured.batches) + 1),
            worker=self._invocation("worker", "process", size, rounds(ledger, unit_run.WORKER, measured.batches)),
        )

    def resend(self) -> Invocation:
        """A run of the schedule that finds nothing; its sixteen queries go out at once."""
        return self._invocation("resend", "resend", 1, 1)

    def _invocation(self, name: str, function: str, size: int, waits: int) -> Invocation:
        later = self.invoked[size][f"{name}_later"]
        return Invocation(later["cpu"], later["log_bytes"], waits, memory_mb(function))


def measure() -> Cost:
    """Units on ministack, which reports sizes right; CPU against roto, which answers fastest."""
    with engine("ministack") as environment:
        units = unit_run.run(environment)
    return Cost(units, {size: invoke(size, batches) for size, batches in INVOCATIONS.items()})


def invoke(size: int, batches: int) -> Invoked:
    """Call both functions in a process of their own."""
    with engine("roto") as environment, TemporaryDirectory(prefix="catchment-bench-") as directory:
        target = Path(directory) / "measured.json"
        command = [sys.executable, "-m", "benchmarks.invoke", str(size), str(batches), str(target)]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=SECONDS)
        measured: Invoked = json.loads(target.read_text(encoding="utf-8"))
        return measured


def memory_mb(function: str) -> int:
    """The memory size that a function is deployed with."""
    config = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))
    size: int = config["stages"][STAGE]["lambda_functions"][function]["lambda_memory_size"]
    return size
