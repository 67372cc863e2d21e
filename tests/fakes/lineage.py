"""The depends_on graph, states and reach in memory."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.lineage import HEALTHY, Latest, Reach, Reached, State, failing_since
from chalicelib.services.ports import Change, ChildPage, Edge, Score
from tests.fakes.index import FakeIndex

MOST_PAIRS = 100
FAILING = ("failing", "")
Place = tuple[str, str]


class FakeLineage:
    """The `Lineage` port. Its lists are rows of the index."""

    def __init__(self, index: FakeIndex) -> None:
        self._lock = threading.RLock()
        self._index = index
        self._edges: dict[Place, dict[str, Edge]] = {}
        self._touched: set[Place] = set()
        self._states: dict[Place, State] = {}
        self._waivers: dict[Place, str] = {}
        self._versions: dict[Place, int] = {}
        self._reach: dict[Place, Reach] = {}

    def put_edges(self, tenant: str, edges: Sequence[Edge]) -> None:
        with self._lock:
            for edge in edges:
                self._edges.setdefault((tenant, edge.parent), {})[edge.child] = edge

    def children(self, tenant: str, parent: str, after: str | None, limit: int) -> ChildPage:
        with self._lock:
            rest = sorted(child for child in self._edges.get((tenant, parent), {}) if after is None or child > after)
            edges = [self._edges[tenant, parent][child] for child in rest[:limit]]
        return ChildPage(edges, edges[-1].child if len(rest) > limit else None)

    def touched(self, tenant: str, generation_ids: Iterable[str]) -> set[str]:
        with self._lock:
            return {each for each in generation_ids if (tenant, each) in self._touched}

    def touch(self, tenant: str, generation_ids: Iterable[str]) -> None:
        with self._lock:
            self._touched.update((tenant, each) for each in generation_ids)

    def states(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, State]:
        with self._lock:
            return {each: self._states[tenant, each] for each in generation_ids if (tenant, each) in self._states}

    def apply_score(self, tenant: str, score: Score) -> None:
        with self._lock:
            state = self._states.get((tenant, score.generation_id), HEALTHY)
            latest = Latest(score.created_at, score.score_id, score.passed)
            standing = state.latest.get(score.pair)
            if (standing is None and len(state.latest) >= MOST_PAIRS) or (standing is not None and standing >= latest):
                return
            activated = state.activated or score.passed is False
            changed = replace(state, latest={**state.latest, score.pair: latest}, activated=activated)
            self._states[tenant, score.generation_id] = changed

    def apply_failure(self, tenant: str, generation_id: str, failed_at: str) -> None:
        with self._lock:
            state = self._states.get((tenant, generation_id), HEALTHY)
            if state.failed_at is None:
                self._states[tenant, generation_id] = replace(state, failed_at=failed_at, activated=True)

    def apply_course(self, tenant: str, generation_id: str, failed_at: str | None, version: int) -> None:
        with self._lock:
            place = tenant, generation_id
            if self._versions.get(place, 0) < version:
                self._versions[place] = version
                state = self._states.get(place, HEALTHY)
                activated = state.activated or failed_at is not None
                self._states[place] = replace(state, failed_at=failed_at, activated=activated)

    def apply_waiver(self, tenant: str, generation_id: str, *, waived: bool, reason: str, at: str) -> None:  # noqa: ARG002 - kept for people only
        with self._lock:
            place = tenant, generation_id
            if self._waivers.get(place, "") < at:
                self._waivers[place] = at
                self._states[place] = replace(self._states.get(place, HEALTHY), waived=waived)

    def mark_walked(self, tenant: str, generation_id: str) -> None:
        with self._lock:
            place = tenant, generation_id
            self._states[place] = replace(self._states.get(place, HEALTHY), walked=True)

    def relist(self, tenant: str, generation_id: str) -> Change | None:
        with self._lock:
            state = self._states.get((tenant, generation_id), HEALTHY)
            wanted, listed = failing_since(state), state.listed_as
            if wanted == listed:
                return None
            if listed is not None:
                self._index.drop_row(tenant, FAILING, (listed, generation_id))
            if wanted is not None:
                self._index.add_row(tenant, FAILING, (wanted, generation_id))
            self._states[tenant, generation_id] = replace(state, listed_as=wanted)
        if listed is None:
            return "started"
        return "stopped" if wanted is None else None

    def reach(self, tenant: str, generation_id: str) -> Reach:
        with self._lock:
            return self._reach.get((tenant, generation_id), Reach())

    def put_reach(self, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, *, overflow: bool) -> None:
        with self._lock:
            place = tenant, edge.child
            present = self._reach.get(place, Reach())
            reached = {root: Reached(root, via, at) for root, via in roots.items()}
            for root in roots:
                self._index.add_row(tenant, ("root", root), (edge.listed_at, edge.child))
            self._touched.add(place)
            self._reach[place] = Reach({**present.roots, **reached}, overflow or present.overflow)

    def kept(self, tenant: str) -> set[tuple[str, str]]:
        """Every edge there is, as (parent, child): for tests."""
        with self._lock:
            return {(parent, child) for (of, parent), edges in self._edges.items() if of == tenant for child in edges}
