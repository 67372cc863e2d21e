"""Durable and processed generations per second through the whole local run, and the CPU that takes."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks import proc
from benchmarks.engine import data_bytes
from benchmarks.load import Batch, send_all
from benchmarks.workload import AGENT, Workload, body
from infra.local.provision import client
from tests.e2e.stack import Stack

CONNECTIONS = 4
RUNS = 3
SIZES = {100: 3000, 10: 1000, 1: 500}  # batch size: generations in a run
PROCESSED_SECONDS = 120
LOOK_SECONDS = 0.01
MOST_PAGES = 200
NAMES = ("api", "worker", "engine")


@dataclass(frozen=True)
class Run:
    """One run; times in seconds since its first request, CPU in seconds by process."""

    generations: int
    acknowledged: float
    processed: float
    cpu: dict[str, float]
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Durable and processed generations per second."""
        return self.generations / self.processed

    @property
    def own_cpu_per_1000(self) -> float:
        """CPU seconds of API and worker for a thousand generations."""
        return (self.cpu["api"] + self.cpu["worker"]) / self.generations * 1000


@dataclass(frozen=True)
class Series:
    """The runs with one batch size on one stack, and what they left: peaks of memory, growth of the engine's files."""

    size: int
    runs: list[Run]
    peaks: dict[str, int]
    stored_bytes: float

    @property
    def typical(self) -> Run:
        """The run with the median rate."""
        middle = median(run.rate for run in self.runs)
        return min(self.runs, key=lambda run: abs(run.rate - middle))


def measure(size: int, generations: int, runs: int = RUNS) -> Series:
    """Start a stack, warm it up with ten batches, and send `generations` in batches of `size`, `runs` times."""
    with local_run() as stack:
        pids = stack.pids()
        warm_up = _batches(0, size, 10 * size)
        _run(stack, warm_up)
        before = data_bytes(stack.data_dir)
        sent = [_batches(day, size, generations) for day in range(1, runs + 1)]
        made = [_run(stack, batches) for batches in sent]
        grown = data_bytes(stack.data_dir) - before
        _verify(stack.url, [*warm_up, *(batch for batches in sent for batch in batches)])
        peaks = {name: proc.peak_bytes(pids[name]) for name in NAMES}
        return Series(size, made, peaks, grown / (generations * runs))


@contextmanager
def local_run() -> Iterator[Stack]:
    """One that begins empty and is gone afterwards."""
    with TemporaryDirectory(prefix="catchment-bench-") as directory:
        stack = Stack(Path(directory) / "data")
        try:
            yield stack
        finally:
            stack.stop()


def _batches(day: int, size: int, generations: int) -> list[Batch]:
    workload = Workload(f"throughput-{day}", day)
    given = (workload.batch(size) for _ in range(generations // size))
    return [Batch([str(item["id"]) for item in items], body(items)) for items in given]


def _run(stack: Stack, batches: list[Batch]) -> Run:
    pids = stack.pids()
    before = {name: proc.cpu_seconds(pids[name]) for name in NAMES}
    begin = time.perf_counter()
    latencies = send_all(stack.url, batches, CONNECTIONS)
    acknowledged = time.perf_counter() - begin
    wait_until_processed(pids["api"])
    processed = time.perf_counter() - begin
    cpu = {name: proc.cpu_seconds(pids[name]) - before[name] for name in NAMES}
    return Run(sum(len(batch.ids) for batch in batches), acknowledged, processed, cpu, latencies)


def wait_until_processed(api_pid: int) -> None:
    """Until the queue is empty and nothing is in hand: a message is deleted once its last entry is written."""
    wired = proc.environment(api_pid)
    sqs = client("sqs", wired["AWS_ENDPOINT_URL"])
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + PROCESSED_SECONDS
    while time.monotonic() < deadline:
        answer = sqs.get_queue_attributes(QueueUrl=wired["PROCESS_QUEUE_URL"], AttributeNames=names)
        if not any(int(answer["Attributes"][name]) for name in names):
            return
        time.sleep(LOOK_SECONDS)
    raise RuntimeError("the queue did not run dry")


def _verify(url: str, batches: list[Batch]) -> None:
    """Outside every timer: each generation is listed as processed and counted once. Raises RuntimeError."""
    sent = {each for batch in batches for each in batch.ids}
    listed = set(_processed(url))
    if listed != sent:
        raise RuntimeError(f"{len(sent)} were sent, {len(listed & sent)} of them are processed")
    with urlopen(f"{url}/api/v1/agents/{AGENT}", timeout=30) as answer:  # noqa: S310 - loopback
        counted = json.load(answer)["generation_count"]
    if counted != len(sent):
        raise RuntimeError(f"{len(sent)} were sent, {counted} counted")


def _processed(url: str) -> Iterator[str]:
    cursor = ""
    for _ in range(MOST_PAGES):
        with urlopen(f"{url}/api/v1/generations?limit=200{cursor}", timeout=30) as answer:  # noqa: S310 - loopback
            page = json.load(answer)
        yield from (item["id"] for item in page["items"] if item["processing"]["state"] == "processed")
        if not page["next_cursor"]:
            return
        cursor = f"&cursor={page['next_cursor']}"
