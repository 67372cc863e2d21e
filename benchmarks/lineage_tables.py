"""The sections of the page about lineage."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks import prices
from benchmarks.page import number, table
from chalicelib.services.lineage.flagging import SLICE_SECONDS

MIB = 1024**2
LARGER = (100_000, 1_000_000)
TOTALS = ("pass", "fail again", "waiver", "waiver lifted")
READS = ("one, 0", "one, 1", "page, 0", "page, 1")
STEPS = ("edge", "one root", "three roots")

Found = Mapping[str, Any]


def units(found: Found) -> str:
    """Units by step, then those of turns and of reading."""
    parts = [_steps(found[name]) for name in STEPS]
    return "\n\n".join([*parts, _turns(found), _reads(found)])


def _steps(part: Found) -> str:
    head = ["step", "calls", "write units", "read units", "the engine says"]
    per = part["per"]
    rows = [
        [f"{phase}: {step}", *(number(value / per, 3) for value in (calls, writes, reads)), _said(reported, per)]
        for phase, step, calls, writes, reads, reported in part["steps"]
    ]
    rows.append(["**together**", *(number(value / per, 3) for value in totals(part)), ""])
    return f"**{part['title']}**, each of {per:,}:\n\n{table(head, rows)}"


def _said(reported: float | None, per: int) -> str:
    return "nothing" if reported is None else number(reported / per, 3)


def totals(part: Found) -> tuple[float, float, float]:
    """Calls, write units, read units."""
    steps = part["steps"]
    return sum(step[2] for step in steps), sum(step[3] for step in steps), sum(step[4] for step in steps)


def _turns(found: Found) -> str:
    """By step, API and worker."""
    head = ["step", *(found[name]["title"] for name in TOTALS)]
    steps = list(dict.fromkeys((step[0], step[1]) for name in TOTALS for step in found[name]["steps"]))
    rows = [[f"{phase}: {step}", *(_cell(found[name], phase, step) for name in TOTALS)] for phase, step in steps]
    rows.append(["**together**", *(_pair(*totals(found[name])[1:]) for name in TOTALS)])
    return f"**A root that turns**, write units + read units of one:\n\n{table(head, rows)}"


def _reads(found: Found) -> str:
    head = ["step", *(found[name]["title"] for name in READS)]
    steps = list(dict.fromkeys((step[0], step[1]) for name in READS for step in found[name]["steps"]))
    rows = [[step, *(_read_cell(found[name], step) for name in READS)] for _, step in steps]
    rows.append(["**together**", *(number(totals(found[name])[2], 1) for name in READS)])
    return f"**Reading**, read units (calls):\n\n{table(head, rows)}"


def _cell(part: Found, phase: str, step: str) -> str:
    return next((_pair(each[3], each[4]) for each in part["steps"] if (each[0], each[1]) == (phase, step)), "")


def _read_cell(part: Found, step: str) -> str:
    return next((f"{number(each[4], 1)} ({each[2]})" for each in part["steps"] if each[1] == step), "")


def _pair(writes: float, reads: float) -> str:
    return f"{writes:g} + {reads:g}"


def latency(found: Found) -> str:
    """Medians side by side; ratios to no dependencies."""
    head = [
        "dependencies per generation",
        "ingest, ms",
        "ratio",
        "processing, ms",
        "ratio",
        "CPU of processing, ms",
        "ratio",
    ]
    rows = []
    for dependencies, times in found.items():
        cells = [dependencies]
        for name in ("ingest", "process", "process cpu"):
            middle, base = median(times[name]), median(found["0"][name])
            cells += [number(middle * 1000, 1), number(middle / base)]
        rows.append(cells)
    rounds = len(found["0"]["process"])
    return f"Medians of {rounds} batches of 100 each:\n\n{table(head, rows)}"


def walks(found: Mapping[str, Found], sizes: Mapping[str, int]) -> str:
    """One column a shape: the walk, then flips of its root."""
    shapes = list(sizes)
    head = ["", *(f"{shape} of {sizes[shape]:,}" for shape in shapes)]
    columns = [_column(found[shape], sizes[shape]) for shape in shapes]
    return f"{table(head, list(zip(LABELS, *columns, strict=True)))}\n\n{_flips(found, sizes)}"


LABELS = (
    "time of the walk, s",
    "**flagged per second**",
    "**CPU seconds per 1,000 flagged**",
    "hand-offs (a slice is 60 s)",
    "calls to DynamoDB per flagged",
    "write units per flagged",
    "read units per flagged",
    "memory before the walk, MB",
    "peak memory, MB",
    "storing the edges, s",
)


def _column(walk: Found, size: int) -> list[str]:
    return [
        number(walk["seconds"], 1),
        f"**{number(size / walk['seconds'], 0)}**",
        f"**{number(walk['cpu'] / size * 1000)}**",
        number(walk["handed_on"], 0),
        *(number(walk[name] / size, 3) for name in ("calls", "writes", "reads")),
        number(walk["before_bytes"] / MIB, 1),
        number(walk["peak_bytes"] / MIB, 1),
        number(walk["stored_seconds"], 1),
    ]


def _flips(found: Mapping[str, Found], sizes: Mapping[str, int]) -> str:
    wide = found["fan-out"]
    head = [
        "a root turns from fail to pass or back",
        "time, ms",
        "calls",
        "write units",
        "read units",
        "of these to count dependents",
    ]
    rows = [
        ["with 10 dependents", *_flip(wide["small_flip"])],
        [f"with {sizes['fan-out']:,} dependents", *_flip(wide["flip"])],
    ]
    return table(head, rows)


def _flip(flip: Found) -> list[str]:
    return [
        number(flip["seconds"] * 1000, 1),
        *(number(flip[name], 1) for name in ("calls", "writes", "reads", "counted")),
    ]


def full_walks(found: Mapping[str, Found], sizes: Mapping[str, int]) -> str:
    """The walks, and what larger ones would take."""
    head = ["", "write units", "read units", "US dollars (DynamoDB)", "minutes here", "slices", "peak memory, MB"]
    rows = [
        [f"{shape} of {larger:,}", *_extrapolated(found[shape], larger / size)]
        for shape, size in sizes.items()
        for larger in LARGER
    ]
    return f"{walks(found, sizes)}\n\n{table(head, rows)}"


def _extrapolated(walk: Found, factor: float) -> list[str]:
    writes, reads, seconds = (walk[name] * factor for name in ("writes", "reads", "seconds"))
    return [
        number(writes, 0),
        number(reads, 0),
        number(dollars(writes, reads)),
        number(seconds / 60, 1),
        number(seconds // SLICE_SECONDS + 1, 0),
        number((walk["before_bytes"] + factor * (walk["peak_bytes"] - walk["before_bytes"])) / MIB, 0),
    ]


def dollars(writes: float, reads: float) -> float:
    """What units cost on demand."""
    return writes * prices.DYNAMODB_WRITE + reads * prices.DYNAMODB_READ
