"""List what a generation reaches, and count it: exactly up to a thousand."""

from dataclasses import dataclass

from chalicelib.domain.errors import NotFound
from chalicelib.domain.lineage import HEALTHY
from chalicelib.services.lineage.descent import Descent
from chalicelib.services.ports import AtOnce, GenerationIndex, GenerationStore, Lineage, Position, Window
from chalicelib.services.showing import Matching, Page, Showing

COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Count:
    """How many generations one reaches; when not `exact`, at least as many."""

    number: int
    exact: bool


class Dependents:
    """The use case behind `GET /generations/{id}/dependents`."""

    def __init__(
        self, store: GenerationStore, index: GenerationIndex, lineage: Lineage, at_once: AtOnce, showing: Showing
    ) -> None:
        self._store = store
        self._index = index
        self._lineage = lineage
        self._at_once = at_once
        self._showing = showing

    def page(self, tenant: str, generation_id: str, before: Position | None, limit: int) -> tuple[Page, Count]:
        """Summaries of what it reaches, newest first. Raises NotFound.

        What has failed and was walked from has a list of its own, of any length. Anything else is walked from here,
        over at most a thousand generations.
        """
        if not self._store.heads(tenant, [generation_id]):
            raise NotFound("generation not found")
        if self._has_list(tenant, generation_id):
            count = listed_count(self._index, tenant, generation_id)
            return self._show(tenant, self._listed(tenant, generation_id, before, limit + 1), limit), count
        reached, whole = self._reached(tenant, generation_id)
        behind = [position for position in reached if before is None or position < before]
        return self._show(tenant, behind[: limit + 1], limit), Count(len(reached), whole)

    def _has_list(self, tenant: str, generation_id: str) -> bool:
        return self._lineage.states(tenant, [generation_id]).get(generation_id, HEALTHY).walked

    def _listed(self, tenant: str, root: str, before: Position | None, limit: int) -> list[Position]:
        return self._index.newest(tenant, ("root", root), Window(before), limit)

    def _reached(self, tenant: str, generation_id: str) -> tuple[list[Position], bool]:
        """Positions of what it reaches, newest first, and whether these are all."""
        descent = Descent(self._lineage, self._at_once, tenant)
        seen = {generation_id}
        positions: list[Position] = []
        frontier, whole = [generation_id], True
        while frontier and whole:
            edges, whole = descent.below(frontier, seen, COUNTED - len(positions))
            positions += [(edge.listed_at, edge.child) for edge in edges]
            frontier = [edge.child for edge in edges]
            seen.update(frontier)
        return sorted(positions, reverse=True), whole

    def _show(self, tenant: str, positions: list[Position], limit: int) -> Page:
        """One page; what is not listed yet because it is still being processed is left out."""
        shown = positions[:limit]
        stored = self._index.entries(tenant, shown)
        matching: Matching = [(position, stored[position[1]]) for position in shown if position[1] in stored]
        return self._showing.page(tenant, matching, shown[-1] if len(positions) > limit else None, full=False)


def listed_count(index: GenerationIndex, tenant: str, root: str) -> Count:
    """How many generations the list of a root holds."""
    number = len(index.newest(tenant, ("root", root), Window(), COUNTED + 1))
    return Count(min(number, COUNTED), number <= COUNTED)
