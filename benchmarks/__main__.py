"""`python -m benchmarks [cost] [throughput] [startup]`: measure, print and rewrite those parts of the page, or all."""

import sys

from benchmarks import cost, cost_tables, speed_tables, startup, throughput
from benchmarks.engine import engine
from benchmarks.machine import about
from benchmarks.page import PAGE, replaced

PARTS = ("cost", "throughput", "startup")


def main(asked: list[str]) -> int:
    """0 when every part asked for was measured and written."""
    unknown = set(asked) - set(PARTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for part in PARTS:
        if part in asked or not asked:
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


def _startup() -> dict[str, str]:
    with engine("roto") as environment:
        starts = startup.measure(environment)
    return {"startup": f"{speed_tables.startup(starts, cost.invoke(1, 10))}\n\n{about()}"}


MEASURES = {"cost": _cost, "throughput": _throughput, "startup": _startup}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
