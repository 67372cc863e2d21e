"""Join what roots reach with which of them fail now: the verdict and the flags of generations, at reading time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chalicelib.domain.lineage import HEALTHY, MOST_FLAGS, Reach, State, failing_since, flags, reasons, verdict
from chalicelib.services.lineage.ancestry import Ancestry
from chalicelib.services.ports import AtOnce, GenerationIndex, GenerationStore, Lineage, Position

UPSTREAM_BUDGET = 5_000
Fields = dict[str, Any]


def in_turn(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """`AtOnce` for where there are no threads."""
    return [work(item) for item in items]


class Flags:
    """Reads the lineage fields of generations: `verdict`, `flagged`, `flags`, `flags_more`."""

    def __init__(
        self, lineage: Lineage, store: GenerationStore, index: GenerationIndex, at_once: AtOnce = in_turn
    ) -> None:
        self._lineage = lineage
        self._at_once = at_once
        self._ancestry = Ancestry(store, index)

    def of(self, tenant: str, generation_ids: Sequence[str]) -> dict[str, Fields]:
        """The fields by id. A generation that nothing has touched costs two read units."""
        reaches, states = self._join(tenant, generation_ids)
        return {one: self._fields(tenant, one, reaches.get(one, Reach()), states) for one in generation_ids}

    def newest_roots(self, tenant: str, generation_ids: Sequence[str]) -> dict[str, Position]:
        """For each flagged generation the newest of its failing roots: (failing since, root)."""
        reaches, states = self._join(tenant, generation_ids)
        failing = {
            one: [(since, root) for root in reach.roots if (since := failing_since(states.get(root, HEALTHY)))]
            for one, reach in reaches.items()
        }
        return {one: max(roots) for one, roots in failing.items() if roots}

    def failing_since(self, tenant: str, roots: Iterable[str]) -> dict[str, str]:
        """Since when those of the roots fail that fail now."""
        states = self._lineage.states(tenant, roots)
        return {root: since for root, state in states.items() if (since := failing_since(state))}

    def _join(self, tenant: str, generation_ids: Sequence[str]) -> tuple[dict[str, Reach], dict[str, State]]:
        """What reaches each touched generation, and the states of all concerned."""
        states = self._lineage.states(tenant, generation_ids)
        touched = self._lineage.touched(tenant, generation_ids)
        reached = [one for one in generation_ids if one in touched]
        found = self._at_once(lambda one: self._lineage.reach(tenant, one), reached)
        reaches: dict[str, Reach] = dict(zip(reached, found, strict=True))
        roots = {root for reach in reaches.values() for root in reach.roots}
        return reaches, states | self._lineage.states(tenant, roots - states.keys())

    def _fields(self, tenant: str, generation_id: str, reach: Reach, states: Mapping[str, State]) -> Fields:
        found = flags(reach, states)
        more = reach.overflow or len(found) > MOST_FLAGS
        flagged = bool(found) or (reach.overflow and self._reached_from_upstream(tenant, generation_id))
        return {
            "verdict": verdict(states.get(generation_id, HEALTHY)),
            "flagged": flagged,
            "flags": found[:MOST_FLAGS],
            "flags_more": flagged and more,
        }

    def _reached_from_upstream(self, tenant: str, generation_id: str) -> bool:
        """Whether a failing root lies above, for a generation with more roots than are stored.

        When the budget of 5,000 generations ends first, the answer is yes: never a false all-clear.
        """
        seen, frontier = {generation_id}, [generation_id]
        while frontier:
            known = self._ancestry.of(tenant, frontier)
            parents = {parent for one in known.values() for parent in one.get("depends_on", ())} - seen
            if any(reasons(state) for state in self._lineage.states(tenant, parents).values()):
                return True
            seen |= parents
            if len(seen) > UPSTREAM_BUDGET:
                return True
            frontier = sorted(parents)
        return False
