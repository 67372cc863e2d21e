"""Sends prepared bodies over a few keep-alive connections."""

import http.client
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

PATH = "/api/v1/generations:export"
HEADERS = {"Content-Type": "application/json"}
ACCEPTED = 202
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Batch:
    """A request's body and the ids in it."""

    ids: list[str]
    body: bytes


def send_all(url: str, batches: Sequence[Batch], connections: int) -> list[float]:
    """Seconds that each request took. Raises RuntimeError when anything is not accepted."""
    return in_parallel(lambda shared: _send(url, shared), batches, connections)


def in_parallel(
    send: Callable[[Iterable[Batch]], list[float]], batches: Sequence[Batch], connections: int
) -> list[float]:
    """What `send` gives in so many threads, each of which takes the next batch when it is through with one."""
    shared = _Shared(batches)
    with ThreadPoolExecutor(connections) as pool:
        parts = list(pool.map(lambda _: send(shared), range(connections)))
    return [seconds for part in parts for seconds in part]


class _Shared:
    """An iterator that threads may share."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches = iter(batches)
        self._lock = Lock()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        with self._lock:
            return next(self._batches)


def _send(url: str, batches: Iterable[Batch]) -> list[float]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
    taken: list[float] = []
    for batch in batches:
        begin = time.perf_counter()
        connection.request("POST", PATH, batch.body, HEADERS)
        answer = connection.getresponse()
        text = answer.read()
        taken.append(time.perf_counter() - begin)
        if answer.status != ACCEPTED or not all(result["accepted"] for result in json.loads(text)["results"]):
            raise RuntimeError(f"{answer.status}: {text[:300]!r}")
    connection.close()
    return taken


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
