"""Draw workflow steps between the generations of a picture: a step leads to the generations made in it, and what was
made in its parents leads to it.

Steps show structure. Flags follow `depends_on` alone, so that nothing here looks at any.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from chalicelib.services.lineage.graph import EDGE_BYTES, Ask, Drawing, Graph, Place
from chalicelib.services.ports import AtOnce, Position, StepRecord, Steps
from chalicelib.services.step_reading import status_of

MOST_EACH = 10
"""Steps of one generation that are drawn; it is made in one, unless clients nest them."""

Links = tuple[str, ...]
Depths = dict[str, int]
Arrow = tuple[Place, Place]


class StepPicture:
    """The use case behind `GET /generations/{id}/lineage` where no way to a root is asked for."""

    def __init__(self, graph: Graph, steps: Steps, at_once: AtOnce) -> None:
        self._graph = graph
        self._steps = steps
        self._at_once = at_once

    def draw(self, tenant: str, generation_id: str, ask: Ask) -> Drawing:
        """The surroundings of one generation, with steps as far as there is room for them. Raises NotFound."""
        drawing = self._graph.draw(tenant, generation_id, ask)
        generations = {node["id"]: node["depth"] for node in drawing.nodes}
        room = ask.limit - len(generations)
        depths, whole = self._around(tenant, generations, room)
        records = self._steps.some(tenant, depths) if depths else {}
        depths = {one: depth for one, depth in depths.items() if generations.keys() & _links(records.get(one))}
        fresh = _parents(depths, records)
        above = dict(islice(fresh.items(), room - len(depths)))
        records |= self._steps.some(tenant, above) if above else {}
        depths |= above
        edges, fit = _fitting(drawing, _arrows(depths, records, generations))
        return replace(
            drawing,
            nodes=[*drawing.nodes, *(_node(one, depth, records.get(one)) for one, depth in depths.items())],
            step_edges=edges,
            truncated=drawing.truncated or not whole or len(above) < len(fresh) or not fit,
        )

    def _around(self, tenant: str, generations: Mapping[str, int], room: int) -> tuple[Depths, bool]:
        """The steps listed under generations, each as near as the nearest of these; and whether these are all."""
        lists = self._at_once(partial(self._listed, tenant), generations)
        depths: Depths = {}
        whole = True
        for depth, positions in zip(generations.values(), lists, strict=True):
            whole = whole and len(positions) <= MOST_EACH
            for _, step_id in positions[:MOST_EACH]:
                if step_id not in depths and len(depths) == room:
                    return depths, False
                depths[step_id] = min(depth, depths.get(step_id, depth))
        return depths, whole

    def _listed(self, tenant: str, generation_id: str) -> Sequence[Position]:
        return self._steps.newest(tenant, ("generation-steps", generation_id), None, MOST_EACH + 1)


def _parents(depths: Depths, records: Mapping[str, StepRecord]) -> Depths:
    """The steps before those met, which are not among them."""
    found: Depths = {}
    for step_id, depth in depths.items():
        for parent in records[step_id].labels.get("parent_step_ids", ()):
            if parent not in depths:
                found.setdefault(parent, depth)
    return found


def _arrows(
    drawn: Mapping[str, int], records: Mapping[str, StepRecord], generations: Mapping[str, int]
) -> Iterator[Arrow]:
    for step_id in drawn:
        record = records.get(step_id)
        made = [one for one in _links(record) if one in generations]
        yield from ((("step", step_id), ("generation", one)) for one in made)
        for parent in record.labels.get("parent_step_ids", ()) if record else ():
            if parent in drawn:
                before = [one for one in _links(records.get(parent)) if one in generations and one not in made]
                yield from ((("generation", one), ("step", step_id)) for one in before)
                if not before:
                    yield ("step", parent), ("step", step_id)


def _fitting(drawing: Drawing, arrows: Iterator[Arrow]) -> tuple[list[Arrow], bool]:
    """The edges that fit into an answer beside those between generations, and whether these are all."""
    room = EDGE_BYTES - sum(len(one.encode()) for edge in drawing.edges for one in edge)
    fitting: list[Arrow] = []
    for start, end in arrows:
        room -= len(start[1].encode()) + len(end[1].encode())
        if room < 0:
            return fitting, False
        fitting.append((start, end))
    return fitting, True


def _links(record: StepRecord | None) -> Links:
    return tuple(record.labels.get("linked_generation_ids", ())) if record else ()


def _node(step_id: str, depth: int, record: StepRecord | None) -> dict[str, Any]:
    labels = record.labels if record else {}
    return {
        "kind": "step",
        "id": step_id,
        "status": status_of(labels) if labels else None,
        "step_name": labels.get("step_name"),
        "framework": labels.get("framework"),
        "agent_name": labels.get("agent_name"),
        "depth": depth,
        "missing": record is None,
    }
