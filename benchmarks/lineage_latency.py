"""Times ingest and processing with 0, 1 and 10 dependencies: `python -m benchmarks.lineage_latency OUTPUT`.

The three kinds take turns, so that whatever else the machine does falls on all of them alike. Writes a JSON object.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lineage_rig import Rig
from benchmarks.workload import Wire, Workload

TENANT = "fake"
SIZE, ROUNDS, WARM_UPS = 100, 24, 3
DEPENDENCIES = (0, 1, 10)


def main(target: Path) -> None:
    """Medians are for those who read it: every time is written."""
    rig = Rig()
    workload = Workload("lineage-latency")
    times: dict[int, dict[str, list[float]]] = {
        number: {"ingest": [], "process": [], "process cpu": []} for number in DEPENDENCIES
    }
    for turn in range(WARM_UPS + ROUNDS):
        shift = turn % len(DEPENDENCIES)
        for number in (*DEPENDENCIES[shift:], *DEPENDENCIES[:shift]):
            took = _once(rig, depending(workload.batch(SIZE), number))
            if turn >= WARM_UPS:
                for name, seconds in took.items():
                    times[number][name].append(seconds)
    target.write_text(json.dumps(times), encoding="utf-8")


def depending(batch: Sequence[Wire], number: int) -> list[Wire]:
    """The same generations with so many dependencies each, all of them different and healthy."""
    return [
        {**item, "depends_on": [f"gen_{index:02x}{str(item['id'])[6:]}" for index in range(number)]} for item in batch
    ]


def _once(rig: Rig, batch: list[Wire]) -> dict[str, float]:
    begin = time.perf_counter()
    rig.ingest(TENANT, batch)
    ingested = time.perf_counter() - begin
    cpu = time.process_time()
    [seconds] = rig.process().seconds
    return {"ingest": ingested, "process": seconds, "process cpu": time.process_time() - cpu}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
