"""Draw the lineage of a generation: what it consumed, what consumed it, and the shortest way up to a root.

Edges come from `depends_on` of the generations drawn, which are read anyhow; edges stored with a parent are only
followed downwards. Every picture is bounded in generations and in bytes, and says when something is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from chalicelib.domain.errors import NotFound
from chalicelib.services.lineage.ancestry import Ancestry, Summary
from chalicelib.services.lineage.descent import Descent
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.ports import AtOnce, Lineage

PATH_BUDGET = 5_000
EDGE_BYTES = 2 * 1024 * 1024

Direction = Literal["upstream", "downstream", "both"]
Place = tuple[Literal["generation", "step"], str]
"""A node by its kind and id: a step may have the id of a generation."""
Ways = dict[str, str | None]
"""From each generation met on the way up to the one that consumed it; None for the first."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What to draw: how far, and how many generations at most."""

    direction: Direction
    max_depth: int
    limit: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes in the order they were met, edges between them as (from, to): `to` consumed the output of `from`.

    Edges that begin or end at a workflow step stand apart (`services/lineage/step_picture.py`).
    """

    root: str
    nodes: list[dict[str, Any]]
    edges: list[tuple[str, str]]
    truncated: bool
    step_edges: list[tuple[Place, Place]] = field(default_factory=list)

    def arrows(self) -> Iterator[tuple[Place, Place]]:
        """All edges, with the kinds of their ends."""
        yield from ((("generation", parent), ("generation", child)) for parent, child in self.edges)
        yield from self.step_edges


@dataclass
class _Sketch:
    """A drawing while it grows. `above` and `below` are the generations met in either direction."""

    limit: int
    depths: dict[str, int]
    above: set[str]
    below: set[str]
    summaries: dict[str, Summary] = field(default_factory=dict)
    truncated: bool = False

    def admit(self, found: Iterable[str], met: set[str], depth: int) -> list[str]:
        """Those not met before in one direction, as far as there is room for them."""
        fresh: list[str] = []
        for one in found:
            if one in met:
                continue
            if one not in self.depths:
                if len(self.depths) == self.limit:
                    self.truncated = True
                    break
                self.depths[one] = depth
            met.add(one)
            fresh.append(one)
        return fresh


class Graph:
    """The use cases behind `GET /generations/{id}/lineage`."""

    def __init__(self, ancestry: Ancestry, lineage: Lineage, flags: Flags, at_once: AtOnce) -> None:
        self._ancestry = ancestry
        self._lineage = lineage
        self._flags = flags
        self._at_once = at_once

    def draw(self, tenant: str, generation_id: str, ask: Ask) -> Drawing:
        """The surroundings of one generation, level by level. Raises NotFound."""
        first = self._first(tenant, generation_id)
        sketch = _Sketch(ask.limit, {generation_id: 0}, {generation_id}, {generation_id}, first)
        descent = Descent(self._lineage, self._at_once, tenant)
        up = [generation_id] if ask.direction != "downstream" else []
        down = [generation_id] if ask.direction != "upstream" else []
        for depth in range(1, ask.max_depth + 1):
            up = sketch.admit(_parents(sketch.summaries, up), sketch.above, depth)
            down = self._descend(sketch, descent, down, depth)
            fresh = [one for one in dict.fromkeys([*up, *down]) if one not in sketch.summaries]
            sketch.summaries.update(self._ancestry.of(tenant, fresh))
            if sketch.truncated or not (up or down):
                break
        else:
            self._look_beyond(sketch, descent, up, down)
        return self._finished(tenant, generation_id, sketch)

    def path(self, tenant: str, generation_id: str, root: str) -> Drawing:
        """One shortest way from a generation up to a root. Raises NotFound when there is none.

        When 5,000 generations have been looked at without an answer, the drawing is empty and truncated.
        """
        known: dict[str, Summary] = self._first(tenant, generation_id)
        ways: Ways = {generation_id: None}
        frontier = [generation_id]
        while frontier and root not in ways:
            room = PATH_BUDGET - len(ways)
            frontier, whole = _next_above(known, frontier, ways, room, root)
            if not whole:
                return Drawing(generation_id, [], [], truncated=True)
            if root not in ways:
                known = self._ancestry.of(tenant, frontier)
        if root not in ways:
            raise NotFound("no dependency leads from the generation to that root")
        return self._way(tenant, generation_id, _walked(ways, root))

    def _first(self, tenant: str, generation_id: str) -> dict[str, Summary]:
        known = self._ancestry.of(tenant, [generation_id])
        if not known:
            raise NotFound("generation not found")
        return known

    def _descend(self, sketch: _Sketch, descent: Descent, parents: Sequence[str], depth: int) -> list[str]:
        edges, whole = descent.below(parents, sketch.below, sketch.limit)
        sketch.truncated = sketch.truncated or not whole
        return sketch.admit([edge.child for edge in edges], sketch.below, depth)

    def _look_beyond(self, sketch: _Sketch, descent: Descent, up: Sequence[str], down: Sequence[str]) -> None:
        """Whether anything lies behind the last level."""
        higher = any(one not in sketch.depths for one in _parents(sketch.summaries, up))
        sketch.truncated = higher or not descent.below(down, sketch.depths.keys(), 0)[1]

    def _finished(self, tenant: str, generation_id: str, sketch: _Sketch) -> Drawing:
        edges, whole = _edges(sketch.depths.keys(), sketch.summaries)
        nodes = self._nodes(tenant, sketch.depths, sketch.summaries)
        return Drawing(generation_id, nodes, edges, sketch.truncated or not whole)

    def _way(self, tenant: str, generation_id: str, steps: Sequence[str]) -> Drawing:
        nodes = self._nodes(tenant, {one: place for place, one in enumerate(steps)}, self._ancestry.of(tenant, steps))
        return Drawing(generation_id, nodes, list(zip(steps[1:], steps, strict=False)), truncated=False)

    def _nodes(self, tenant: str, depths: Mapping[str, int], summaries: Mapping[str, Summary]) -> list[dict[str, Any]]:
        lineage = self._flags.of(tenant, list(depths))
        return [
            {
                "kind": "generation",
                "id": one,
                "status": summaries.get(one, {}).get("status"),
                "verdict": lineage[one]["verdict"],
                "flagged": lineage[one]["flagged"],
                "agent_name": summaries.get(one, {}).get("agent_name"),
                "depth": depth,
                "missing": one not in summaries,
            }
            for one, depth in depths.items()
        ]


def _parents(summaries: Mapping[str, Summary], generation_ids: Sequence[str]) -> Iterable[str]:
    return (parent for one in generation_ids for parent in summaries.get(one, {}).get("depends_on", ()))


def _edges(drawn: AbstractSet[str], summaries: Mapping[str, Summary]) -> tuple[list[tuple[str, str]], bool]:
    """The edges among what is drawn, and whether all of them fit into an answer."""
    edges: list[tuple[str, str]] = []
    room = EDGE_BYTES
    for child in drawn:
        for parent in summaries.get(child, {}).get("depends_on", ()):
            if parent not in drawn:
                continue
            room -= len(parent.encode()) + len(child.encode())
            if room < 0:
                return edges, False
            edges.append((parent, child))
    return edges, True


def _next_above(
    known: Mapping[str, Summary], frontier: Sequence[str], ways: Ways, room: int, root: str
) -> tuple[list[str], bool]:
    """Note in `ways` how each parent was met, up to the root or `room` parents; whether that were all."""
    met: list[str] = []
    for child in frontier:
        for parent in known.get(child, {}).get("depends_on", ()):
            if parent in ways:
                continue
            if len(met) == room:
                return met, False
            ways[parent] = child
            met.append(parent)
            if parent == root:
                return met, True
    return met, True


def _walked(ways: Ways, root: str) -> list[str]:
    """From the first generation to the root."""
    steps = [root]
    while (child := ways[steps[-1]]) is not None:
        steps.append(child)
    return steps[::-1]
