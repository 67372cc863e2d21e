"""Counts the request units of lineage on the real use cases: `python -m benchmarks.lineage_units OUTPUT`.

Writes a JSON object: by situation, what each step took and what each kind of row did, and per how many.
"""

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.lineage_rig import LISTED_AT, Rig
from benchmarks.meter import Ledger
from benchmarks.workload import Workload
from chalicelib.services.filters import Filters
from chalicelib.services.ports import Edge, Window

BATCHES, SIZE = 10, 100
CHAIN = 200
ROOTS = 3
PAGE = 50
EDGE_STEPS = ("edges", "fan-out sample", "read touched marks")
"""What processing does for dependencies."""

Counted = dict[str, Any]


def main(target: Path) -> None:
    """Count everything."""
    rig = Rig()
    found = {
        "edge": _edges(rig),
        "one root": _one_root(rig),
        "three roots": _three_roots(rig),
        **_turns(rig),
        **_reads(rig),
    }
    target.write_text(json.dumps(found), encoding="utf-8")


def counted(ledger: Ledger, per: int, title: str) -> Counted:
    """A ledger as JSON, divided later by `per`."""
    return {
        "title": title,
        "per": per,
        "steps": [
            [phase, step, tally.calls, tally.writes, tally.reads, tally.reported]
            for (phase, step), tally in ledger.steps.items()
        ],
        "writes": dict(ledger.writes_by_kind),
        "reads": dict(ledger.reads_by_kind),
    }


def _measured(rig: Rig, per: int, title: str, *work: Callable[[], object]) -> Counted:
    rig.meter.reset()
    for each in work:
        each()
    return counted(rig.meter.ledger, per, title)


def _edges(rig: Rig) -> Counted:
    """Batches of a hundred generations with one dependency each."""
    workload = Workload("lineage-edges")
    batches = [workload.batch(SIZE) for _ in range(BATCHES)]
    rig.meter.reset()
    for batch in batches:
        rig.ingest("edges", batch)
    rig.process()
    steps = {key: tally for key, tally in rig.meter.ledger.steps.items() if key[1] in EDGE_STEPS}
    return counted(Ledger(steps), BATCHES * SIZE, "An edge without failures, in batches of 100")


def _one_root(rig: Rig) -> Counted:
    rig.link("one", _chain("root", CHAIN))
    rig.score("one", "root", passed=False)
    title = f"A generation flagged by one root (first failure, {CHAIN} below it)"
    return _measured(rig, CHAIN, title, rig.flag)


def _three_roots(rig: Rig) -> Counted:
    """A generation that three failed roots reach is found to be the parent of a chain that is there already."""
    roots = [f"root-{number}" for number in range(ROOTS)]
    rig.link("three", [Edge(root, "parent", LISTED_AT) for root in roots])
    for root in roots:
        rig.score("three", root, passed=False)
    rig.flag()
    top = Workload("lineage-late").generation() | {"depends_on": ["parent"]}
    rig.link("three", _chain(str(top["id"]), CHAIN - 1))
    rig.ingest("three", [top])
    rig.process()
    title = f"A generation flagged by three roots in one walk (a late edge, {CHAIN} below it)"
    return _measured(rig, CHAIN, title, rig.flag)


def _turns(rig: Rig) -> dict[str, Counted]:
    """What becomes of the root of `_one_root` afterwards."""

    def score(*, passed: bool) -> Callable[[], object]:
        return lambda: rig.score("one", "root", passed=passed)

    def waive(*, waived: bool) -> Callable[[], object]:
        return lambda: rig.waive("one", "root", waived=waived)

    return {
        "pass": _measured(rig, 1, "A pass", score(passed=True), rig.flag),
        "fail again": _measured(rig, 1, "A second failure", score(passed=False), rig.flag),
        "waiver": _measured(rig, 1, "A waiver", waive(waived=True), rig.flag),
        "waiver lifted": _measured(rig, 1, "A waiver lifted", waive(waived=False), rig.flag),
    }


def _reads(rig: Rig) -> dict[str, Counted]:
    """Reading one generation and a page, in a tenant where nothing failed and in one where the first of a chain did."""
    found: dict[str, Counted] = {}
    for tenant, flags in (("healthy", 0), ("failing", 1)):
        batch = Workload(f"lineage-{tenant}").batch(PAGE + 1)
        rig.ingest(tenant, batch)
        rig.process()
        if flags:
            rig.score(tenant, str(batch[0]["id"]), passed=False)
            rig.flag()
        rig.meter.begin("")
        found[f"one, {flags}"] = _measured(
            rig, 1, f"GET of a generation, {flags} flags", _check_one(rig, tenant, str(batch[-1]["id"]), flags)
        )
        found[f"page, {flags}"] = _measured(
            rig, 1, f"A page of {PAGE}, {flags} flags each", _check_page(rig, tenant, flags)
        )
    return found


def _check_one(rig: Rig, tenant: str, generation_id: str, flags: int) -> Callable[[], None]:
    def read() -> None:
        _expect([rig.made.reading.one(tenant, generation_id)], 1, flags)

    return read


def _check_page(rig: Rig, tenant: str, flags: int) -> Callable[[], None]:
    def read() -> None:
        _expect(rig.made.reading.page(tenant, Filters(), Window(), None, PAGE).items, PAGE, flags)

    return read


def _expect(items: list[dict[str, Any]], number: int, flags: int) -> None:
    if len(items) != number or any(len(item["flags"]) != flags for item in items):
        raise RuntimeError("that is not what was to be read")


def _chain(top: str, size: int) -> list[Edge]:
    ids = [top, *(f"gen_{number:016x}" for number in range(size))]
    return [Edge(parent, child, LISTED_AT) for parent, child in pairwise(ids)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
