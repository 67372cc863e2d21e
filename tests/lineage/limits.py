"""The product's limits, made small enough for graphs of eight generations."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from chalicelib.adapters.dynamodb import edges, keys, lineage
from chalicelib.services.lineage import flagged, walk

Limits = dict[tuple[ModuleType, str], Any]


def draw(rng: random.Random) -> tuple[Limits, bool]:
    """Limits, and whether roots may be too many to be stored."""
    crowded = rng.random() < 0.25
    stored = rng.choice((1, 2)) if crowded else 1024
    busy = rng.random() < 0.3
    partitions = (1, 2, 3)
    return {
        (walk, "MOST_STORED_ROOTS"): stored,
        (lineage, "REACH_ROWS"): stored + 1 if crowded else 2000,
        (walk, "CHILDREN_PAGE"): rng.choice((1, 2, 1000)),
        (walk, "AT_ONCE"): rng.choice((1, 2, 16)),
        (edges, "SAMPLE"): 1 if busy else 64,
        (edges, "THRESHOLDS"): (2, 4) if busy else edges.THRESHOLDS,
        (edges, "EDGE_PARTITIONS"): partitions,
        (keys, "EDGE_PARTITIONS"): partitions,
        (keys, "LIST_SHARDS"): 2,
        (keys, "OUTBOX_SHARDS"): 2,
        (flagged, "ROOTS_AT_ONCE"): 2,
        (flagged, "ROWS_AT_ONCE"): 2,
    }, crowded


@contextmanager
def in_force(limits: Limits) -> Iterator[None]:
    """The limits hold inside, and the old ones again after."""
    before = {place: getattr(*place) for place in limits}
    try:
        for (module, name), value in limits.items():
            setattr(module, name, value)
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)
