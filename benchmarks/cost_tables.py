"""The sections of the page about units, money and bytes."""

from benchmarks import bill, prices
from benchmarks.compression import VOCABULARIES, Compressed, measure
from benchmarks.cost import Cost
from benchmarks.meter import Ledger, Tally
from benchmarks.page import number, table
from benchmarks.unit_run import Measured
from infra import template as templates

PAID_SIZES = (100, 10, 1)
AIM_UNITS, AIM_DOLLARS = 10, 7.50


def units(cost: Cost) -> str:
    """Units by step for each batch size, and for a retry."""
    parts = [_steps(measured) for _, measured in sorted(cost.units.by_size.items(), reverse=True)]
    return "\n\n".join([*parts, _steps(cost.units.repeated, "A request of 100 sent a second time")])


def _steps(measured: Measured, title: str = "") -> str:
    count = measured.generations
    head = ["step", "calls", "write units", "read units", "the engine says"]
    rows = [[f"{phase}: {step}", *_cells(tally, count)] for (phase, step), tally in measured.ledger.steps.items()]
    rows.append(["**together**", *_cells(_sum(measured.ledger), count)[:-1], ""])
    name = title or f"Batches of {measured.size}"
    return f"**{name}**, per generation ({measured.batches} of them):\n\n{table(head, rows)}"


def _cells(tally: Tally, count: int) -> list[str]:
    said = "nothing" if tally.reported is None else number(tally.reported / count, 3)
    return [number(value / count, 3) for value in (tally.calls, tally.writes, tally.reads)] + [said]


def _sum(ledger: Ledger) -> Tally:
    return Tally(sum(tally.calls for tally in ledger.steps.values()), ledger.writes, ledger.reads)


def money(cost: Cost) -> str:
    """The bill, and what stands there every month."""
    bills = [bill.lines(cost.usage(size)) for size in PAID_SIZES]
    rows = [[name, *(number(each[name], 3) for each in bills)] for name in bills[0]]
    rows.append(["**together**", *(f"**{number(bill.total(each))}**" for each in bills)])
    head = ["US dollars per million generations", *(f"batches of {size}" for size in PAID_SIZES)]
    template = templates.load()
    alarms = sum(body.get("Type") == "AWS::CloudWatch::Alarm" for body in template["Resources"].values())
    standing = bill.standing(cost.resend(), metrics=8, alarms=alarms)
    rows_standing = [[name, number(dollars)] for name, dollars in standing.items()]
    rows_standing.append(["**together**", f"**{number(bill.total(standing))}**"])
    by_month = table(["US dollars per month, with nothing sent", ""], rows_standing)
    return f"{table(head, rows)}\n\n{_functions(cost)}\n\n{by_month}\n\n{_sources()}"


def _functions(cost: Cost) -> str:
    rows = []
    for size in PAID_SIZES:
        usage = cost.usage(size)
        for name, invocation in (("API", usage.api), ("worker", usage.worker)):
            cells = [invocation.cpu * 1000, invocation.rounds, invocation.seconds * 1000, invocation.log_bytes]
            rows.append([f"{name}, batches of {size}", *(number(cell, 1) for cell in cells)])
    head = ["invocation", "CPU here, ms", "rounds of calls", "billed duration, ms", "bytes logged"]
    return table(head, rows)


def _sources() -> str:
    return "\n".join(["Prices:", "", *(f"- {what}: <{where}>" for what, where in prices.SOURCES)])


def stored(cost: Cost) -> str:
    """Rows that a generation leaves, and what keeping them costs."""
    kinds = cost.units.stored
    count = cost.units.repeated.generations
    rows = [
        [name, number(kind.rows / count), number(kind.size / kind.rows, 0), number(kind.size / count, 0)]
        for name, kind in sorted(kinds.items(), key=lambda pair: -pair[1].size)
    ]
    size, number_of_rows = (sum(getattr(kind, name) for kind in kinds.values()) / count for name in ("size", "rows"))
    rows.append(["**together**", number(number_of_rows), "", number(size, 0)])
    monthly = bill.storage(size, number_of_rows)
    costs = [[name, number(dollars)] for name, dollars in monthly.items()]
    return "\n\n".join(
        [
            table(["row", "rows per generation", "bytes each", "bytes per generation"], rows),
            table(
                ["US dollars per month, per million stored", ""],
                [*costs, ["**together**", number(bill.total(monthly))]],
            ),
            compression(),
        ]
    )


def compression() -> str:
    """Payload sizes for texts of several vocabularies."""
    head = [
        "words to choose from",
        "text shrinks to",
        "content",
        "DEFLATE",
        "with dictionary",
        "write units",
        "without it",
    ]
    return table(head, [_compressed(measure(words)) for words in VOCABULARIES])


def _compressed(found: Compressed) -> list[str]:
    sizes = [number(size, 0) for size in (found.content, found.plain, found.with_dictionary)]
    return [str(found.words), f"{found.text_ratio:.0%}", *sizes, number(found.units), number(found.units_without)]
