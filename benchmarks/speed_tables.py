"""The sections of the page about throughput and cold starts."""

from statistics import median

from benchmarks import fronts as both
from benchmarks.cost import Invoked
from benchmarks.load import quantile
from benchmarks.page import number, table
from benchmarks.startup import Start
from benchmarks.throughput import CONNECTIONS, NAMES, Run, Series

MIB = 1024 * 1024


def throughput(series: list[Series]) -> str:
    """Rates, latencies and CPU by batch size: the median run, and all rates."""
    head = [
        "batches of",
        "durable and processed/s",
        "all runs",
        "acknowledged/s",
        "p50, ms",
        "p99, ms",
        "until processed, ms",
    ]
    rates = table(head, [_rate(one) for one in series])
    cpu_head = ["batches of", "API and worker", "API", "worker", "engine"]
    cpu = table(cpu_head, [_cpu(one) for one in series])
    peak_head = ["batches of", *(f"{name}, MB" for name in NAMES), "engine's files, bytes per generation"]
    peaks = table(peak_head, [_peaks(one) for one in series])
    return (
        f"{CONNECTIONS} keep-alive connections, median of {len(series[0].runs)} runs; latencies over all runs:"
        f"\n\n{rates}\n\n"
        f"CPU seconds per 1,000 generations (median of the runs):\n\n{cpu}\n\nPeak memory and disk:\n\n{peaks}"
    )


def _rate(series: Series) -> list[str]:
    typical = series.typical
    every = [latency * 1000 for run in series.runs for latency in run.latencies]
    return [
        str(series.size),
        f"**{number(typical.rate, 0)}**",
        ", ".join(number(run.rate, 0) for run in series.runs),
        number(typical.generations / typical.acknowledged, 0),
        number(quantile(every, 0.5), 0),
        number(quantile(every, 0.99), 0),
        number((typical.processed - typical.acknowledged) * 1000, 0),
    ]


def _cpu(series: Series) -> list[str]:
    own = median(run.own_cpu_per_1000 for run in series.runs)
    return [str(series.size), f"**{number(own)}**", *(number(_per_1000(series.runs, name)) for name in NAMES)]


def _per_1000(runs: list[Run], name: str) -> float:
    return median(run.cpu[name] / run.generations * 1000 for run in runs)


def _peaks(series: Series) -> list[str]:
    return [str(series.size), *(number(series.peaks[name] / MIB, 0) for name in NAMES), number(series.stored_bytes, 0)]


def fronts(measured: list[both.Front]) -> str:
    """The two fronts beside each other."""
    names = {"api": "HTTP", "grpc": "gRPC"}
    head = ["batches of", "front", "acknowledged/s", "and processed/s", "CPU s per 1,000", "p50, ms", "p99, ms"]
    rows = [
        [
            str(front.size),
            names[front.name],
            number(front.acknowledged, 0),
            number(front.processed, 0),
            f"**{number(front.cpu_per_1000)}**",
            number(quantile(front.latencies, 0.5) * 1000, 0),
            number(quantile(front.latencies, 0.99) * 1000, 0),
        ]
        for front in measured
    ]
    return f"{CONNECTIONS} connections, median of {both.RUNS} runs by turns:\n\n{table(head, rows)}"


def startup(starts: dict[str, Start], invoked: Invoked) -> str:
    """Imports in fresh interpreters, and first invocations beside later ones."""
    bare = starts["bare Python"].cpu
    rows = [
        [name, number(start.cpu * 1000, 0), number((start.cpu - bare) * 1000, 0), number(start.peak_bytes / MIB, 0)]
        for name, start in starts.items()
    ]
    imports = table(["fresh interpreter", "CPU, ms", "net of bare Python", "peak memory, MB"], rows)
    firsts = [
        [name, *(number(invoked[f"{key}_{which}"]["cpu"] * 1000, 0) for which in ("first", "later"))]
        for name, key in (("API, one generation", "api"), ("worker, one generation", "worker"))
    ]
    return f"{imports}\n\n{table(['after `import app`', 'first call, CPU ms', 'later calls, CPU ms'], firsts)}"
