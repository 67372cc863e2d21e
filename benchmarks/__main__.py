"""Measure, print, rewrite the page: `python -m benchmarks`, with names of parts (`cost`, `lineage`, …) only those.

Without names all but `walks`, which takes six minutes.
"""

import sys

from benchmarks import (
    cost,
    cost_tables,
    fronts,
    judging_tables,
    lineage,
    lineage_tables,
    speed_tables,
    startup,
    throughput,
)
from benchmarks.engine import engine
from benchmarks.machine import about
from benchmarks.page import PAGE, replaced

PARTS = ("cost", "throughput", "fronts", "startup", "lineage", "judging")
ON_REQUEST = ("walks",)


def main(asked: list[str]) -> int:
    """0 when every part asked for was measured and written."""
    known = (*PARTS, *ON_REQUEST)
    unknown = set(asked) - set(known)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for part in [part for part in known if part in (asked or PARTS)]:
        for section, content in MEASURES[part]().items():
            print(f"\n{content}")
            PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), section, content), encoding="utf-8")
    return 0


def _cost() -> dict[str, str]:
    found = cost.measure()
    return {
        "units": f"{cost_tables.units(found)}\n\n{about()}",
        "bill": f"{cost_tables.money(found)}\n\n{about()}",
        "stored": f"{cost_tables.stored(found)}\n\n{about()}",
    }


def _throughput() -> dict[str, str]:
    series = [throughput.measure(size, generations) for size, generations in throughput.SIZES.items()]
    return {"throughput": f"{speed_tables.throughput(series)}\n\n{about()}"}


def _fronts() -> dict[str, str]:
    return {"fronts": f"{speed_tables.fronts(fronts.measure())}\n\n{about()}"}


def _startup() -> dict[str, str]:
    with engine("roto") as environment:
        starts = startup.measure(environment)
    return {"startup": f"{speed_tables.startup(starts, cost.invoke(1, 10))}\n\n{about()}"}


def _lineage() -> dict[str, str]:
    units, latency = lineage.units(), lineage.latency()
    found = lineage.walks(lineage.SHORT)
    return {
        "lineage units": f"{lineage_tables.units(units)}\n\n{about()}",
        "lineage latency": f"{lineage_tables.latency(latency)}\n\n{about()}",
        "short walks": f"{lineage_tables.walks(found, lineage.SHORT)}\n\n{about()}",
    }


def _judging() -> dict[str, str]:
    return {"judging": f"{judging_tables.units(lineage.judging())}\n\n{about()}"}


def _walks() -> dict[str, str]:
    found = lineage.walks(lineage.FULL)
    return {"walks": f"{lineage_tables.full_walks(found, lineage.FULL)}\n\n{about()}"}


MEASURES = {
    "cost": _cost,
    "throughput": _throughput,
    "fronts": _fronts,
    "startup": _startup,
    "lineage": _lineage,
    "judging": _judging,
    "walks": _walks,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
