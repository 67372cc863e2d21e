"""Which generation has called which: the generations of a trace as trees."""

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

Node = dict[str, Any]
"""A generation as a tree shows it: `id`, `initiator_generation_id` and whatever else."""

MOST_LEVELS = 64
"""Levels that are nested; what lies deeper stands on the last of them. Many parsers of JSON bear some hundreds."""


def forest(nodes: Sequence[Node], most_levels: int = MOST_LEVELS) -> list[Node]:
    """Nest each node, once, in the `children` of the one that initiated it; siblings keep the order of `nodes`.

    One whose initiator is not there is a root. Of those that initiated each other in a circle, the first is.
    """
    called: dict[str | None, list[Node]] = defaultdict(list)
    callers = _callers(nodes)
    for node in nodes:
        called[callers[node["id"]]].append(node)
    roots: list[Node] = []
    waiting = deque((node, roots, 1) for node in called[None])
    while waiting:
        node, siblings, level = waiting.popleft()
        shown: Node = {**node, "children": []}
        siblings.append(shown)
        below = (shown["children"], level + 1) if level < most_levels else (siblings, level)
        waiting.extend((child, *below) for child in called[node["id"]])
    return roots


def _callers(nodes: Sequence[Node]) -> dict[str, str | None]:
    """Of each node the one it is nested under, so that every way up ends at a root."""
    places = {node["id"]: place for place, node in enumerate(nodes)}
    callers = {node["id"]: _if_there(node["initiator_generation_id"], places) for node in nodes}
    settled: set[str | None] = {None}
    for start in places:
        way: list[str] = []
        passed: set[str] = set()
        at: str | None = start
        while at is not None and at not in settled and at not in passed:
            way.append(at)
            passed.add(at)
            at = callers[at]
        if at in passed:
            circle = way[way.index(at) :]
            callers[min(circle, key=places.__getitem__)] = None
        settled |= passed
    return callers


def _if_there(node_id: str | None, places: dict[str, int]) -> str | None:
    return node_id if node_id in places else None
