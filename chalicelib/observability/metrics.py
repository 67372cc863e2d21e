"""Metrics as CloudWatch embedded metric format: JSON lines on stdout that CloudWatch Logs turns into metrics.

Format and limits: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import math
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from chalicelib.observability.catalog import METRICS, MetricName, Unit

NAMESPACE = "Catchment"
MAX_VALUES = 100
MAX_DIMENSION_SETS = 30

_TABLE: Final = {metric.name: metric for metric in METRICS}
_DIMENSION_VALUE = re.compile(r"[A-Za-z0-9._:/-]{1,64}")

Dimensions = tuple[tuple[str, str], ...]
Collected = dict[Dimensions, dict[MetricName, list[float]]]


class Metrics:
    """Collects values and writes them as one line per set of dimensions. Safe to share between threads.

    Memory is bounded: a metric with 100 values, or a 31st set of dimensions, makes everything be written at once.
    `write` takes one line without its end; `clock` gives seconds since the epoch.
    """

    def __init__(
        self, stage: str, write: Callable[[str], None] | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._stage = stage
        self._write = write or _to_stdout
        self._clock = clock
        self._lock = threading.Lock()
        self._collected: Collected = {}

    def count(self, name: MetricName, n: int = 1, **dimensions: str) -> None:
        """Adds `n` to a counter. Raises ValueError when the catalog has no such counter with these dimensions."""
        key = self._key(name, "Count", dimensions)
        with self._lock:
            full = self._room_for(key)
            values = self._collected.setdefault(key, {}).setdefault(name, [0])
            values[0] += n
        self._emit(full)

    def observe(self, name: MetricName, value: float, unit: Unit, **dimensions: str) -> None:
        """Keeps one measured value, if it is finite. Raises ValueError when the catalog has no such metric."""
        key = self._key(name, unit, dimensions)
        if not math.isfinite(value):
            return
        with self._lock:
            full = self._room_for(key, name)
            self._collected.setdefault(key, {}).setdefault(name, []).append(value)
        self._emit(full)

    def flush(self) -> None:
        """Writes what was collected since the last flush; nothing when there is nothing."""
        with self._lock:
            collected, self._collected = self._collected, {}
        self._emit(collected)

    @contextmanager
    def emitting(self) -> Iterator[None]:
        """Flushes at the end of a request or batch, also when that end is an error."""
        try:
            yield
        finally:
            self.flush()

    def _key(self, name: MetricName, unit: Unit, dimensions: dict[str, str]) -> Dimensions:
        metric = _TABLE.get(name)
        if metric is None or metric.unit != unit or set(dimensions) != set(metric.dimensions):
            message = f"not in the catalog: {name} in {unit} by {sorted(dimensions)}"
            raise ValueError(message)
        return (("stage", self._stage), *((each, _dimension(dimensions[each])) for each in metric.dimensions))

    def _room_for(self, key: Dimensions, name: MetricName | None = None) -> Collected:
        """Takes out everything collected when one more value of `name` under `key` would go over a bound."""
        one_set = self._collected.get(key)
        if one_set is None:
            over = len(self._collected) >= MAX_DIMENSION_SETS
        else:
            over = name is not None and len(one_set.get(name, ())) >= MAX_VALUES
        if not over:
            return {}
        full, self._collected = self._collected, {}
        return full

    def _emit(self, collected: Collected) -> None:
        # A closed stdout costs the metrics, never the request.
        with suppress(OSError, ValueError):
            for dimensions, metrics in collected.items():
                self._write(self._line(dimensions, metrics))

    def _line(self, dimensions: Dimensions, metrics: dict[MetricName, list[float]]) -> str:
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [[name for name, _ in dimensions]],
            "Metrics": [{"Name": name, "Unit": _TABLE[name].unit} for name in metrics],
        }
        about = {"Timestamp": int(self._clock() * 1000), "CloudWatchMetrics": [directive]}
        values = {name: kept[0] if len(kept) == 1 else kept for name, kept in metrics.items()}
        return json.dumps({"_aws": about, **dict(dimensions), **values})


def _dimension(value: str) -> str:
    """Free text would make a metric of its own per text, and show it; it counts as `other`."""
    return value if _DIMENSION_VALUE.fullmatch(value) else "other"


def _to_stdout(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
