"""Counts what evaluators add to each generation, on the real use cases: `python -m benchmarks.judging_units OUTPUT`.

Writes a JSON list: for each number of evaluators and size of batches, what each worker took.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.lineage_rig import Drained, Rig
from benchmarks.workload import Workload

EVALUATORS = (0, 1, 10)
SIZES = {100: 5, 1: 40}
"""Batch size: batches measured."""

Counted = dict[str, Any]


def main(target: Path) -> None:
    """Each number of evaluators with a tenant of its own."""
    rig = Rig()
    found = [_measured(rig, number, size, batches) for number in EVALUATORS for size, batches in SIZES.items()]
    target.write_text(json.dumps(found), encoding="utf-8")


def configured(number: int) -> dict[str, Any]:
    """An evaluator that passes every generation: patterns and thresholds by turns."""
    if number % 2:
        return {"kind": "threshold", "config": {"field": "completion.length", "op": "gte", "value": -number}}
    return {"kind": "regex", "config": {"pattern": f"never-{number}", "expect": "no_match"}}


def _measured(rig: Rig, number: int, size: int, batches: int) -> Counted:
    tenant = f"judged-{number}-{size}"
    for each in range(number):
        rig.made.evaluators.put(tenant, f"evaluator-{each}", configured(each))
    workload = Workload(tenant)
    stages: dict[str, Callable[[], Drained]] = {"process": rig.process, "evaluate": rig.evaluate, "flag": rig.flag}
    rig.ingest(tenant, workload.batch(size))
    for work in stages.values():
        work()
    for _ in range(batches):
        rig.ingest(tenant, workload.batch(size))
    per = size * batches
    return {
        "evaluators": number,
        "size": size,
        "stages": {name: _stage(rig, work, per) for name, work in stages.items()},
    }


def _stage(rig: Rig, work: Callable[[], Drained], per: int) -> Counted:
    """What one worker took of each generation: units, queue requests, milliseconds."""
    rig.meter.reset()
    cpu = time.process_time()
    drained = work()
    cpu = time.process_time() - cpu
    ledger = rig.meter.ledger
    return {
        "messages": len(drained.seconds) / per,
        "writes": ledger.writes / per,
        "reads": ledger.reads / per,
        "queue_requests": ledger.queue_requests / per,
        "cpu_ms": cpu * 1000 / per,
        "wall_ms": sum(drained.seconds) * 1000 / per,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
