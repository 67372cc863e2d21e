"""Generations per second and CPU of the two fronts, HTTP and gRPC, on one stack and with the same generations."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import grpc_load, load, proc
from benchmarks.load import Batch
from benchmarks.throughput import CONNECTIONS, local_run, wait_until_processed
from benchmarks.workload import Workload, body
from tests.e2e.stack import Stack

RUNS = 3
SIZES = {1: 500, 25: 1500, 100: 3000}  # batch size: generations in a run


@dataclass(frozen=True)
class Run:
    """One run; times in seconds."""

    generations: int
    acknowledged: float
    processed: float
    cpu: float
    latencies: list[float]


@dataclass(frozen=True)
class Front:
    """The runs of one front with one batch size. `name` is also its process's."""

    name: str
    size: int
    runs: list[Run]

    @property
    def acknowledged(self) -> float:
        """Durable generations per second, of the median run."""
        return median(run.generations / run.acknowledged for run in self.runs)

    @property
    def processed(self) -> float:
        """Durable and processed generations per second, of the median run."""
        return median(run.generations / run.processed for run in self.runs)

    @property
    def cpu_per_1000(self) -> float:
        """CPU seconds of the front's process for a thousand generations, of the median run."""
        return median(run.cpu / run.generations * 1000 for run in self.runs)

    @property
    def latencies(self) -> list[float]:
        """Seconds of every call."""
        return [latency for run in self.runs for latency in run.latencies]


def measure() -> list[Front]:
    """Both fronts with each batch size, their runs by turns."""
    found: list[Front] = []
    with local_run() as stack:
        for size, generations in SIZES.items():
            made: dict[str, list[Run]] = {"api": [], "grpc": []}
            for number in range(RUNS + 1):
                for name, runs in made.items():
                    runs.append(_run(stack, name, f"{size}-{number}-{name}", size, generations))
            # The first one warms up.
            found += [Front(name, size, runs[1:]) for name, runs in made.items()]
    return found


def _run(stack: Stack, name: str, label: str, size: int, generations: int) -> Run:
    workload = Workload(f"fronts-{label}")
    encode, send = _front(stack, name)
    given = (workload.batch(size) for _ in range(generations // size))
    batches = [Batch([str(item["id"]) for item in items], encode(items)) for items in given]
    pids = stack.pids()
    before = proc.cpu_seconds(pids[name])
    begin = time.perf_counter()
    latencies = send(batches)
    acknowledged = time.perf_counter() - begin
    cpu = proc.cpu_seconds(pids[name]) - before
    wait_until_processed(pids["api"])
    return Run(generations, acknowledged, time.perf_counter() - begin, cpu, latencies)


def _front(
    stack: Stack, name: str
) -> tuple[Callable[[Sequence[dict[str, object]]], bytes], Callable[[Sequence[Batch]], list[float]]]:
    """How generations are written for a front, and how they are sent to it."""
    if name == "grpc":
        return grpc_load.request, lambda batches: grpc_load.send_all(stack.grpc, batches, CONNECTIONS)
    return body, lambda batches: load.send_all(stack.url, batches, CONNECTIONS)
