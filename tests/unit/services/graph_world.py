"""A small world of generations in memory, behind the reading half of the ports, that counts what is asked of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chalicelib.domain.content import canonical_json
from chalicelib.domain.generation import Generation
from chalicelib.domain.lineage import Latest, Reach, Reached, State
from chalicelib.services.lineage.ancestry import Ancestry
from chalicelib.services.lineage.dependents import Dependents
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.lineage.graph import Graph
from chalicelib.services.ports import ChildPage, Edge, Head, Position, Window
from chalicelib.services.showing import Showing

TENANT = "t"


def one_by_one(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """`AtOnce` without threads."""
    return [work(item) for item in items]


class World:
    """Generations by id with what each depends on, in the order in which they were received."""

    def __init__(self, **depends_on: Sequence[str]) -> None:
        self.depends_on: dict[str, Sequence[str]] = {}
        self.pending: set[str] = set()
        self.roots: dict[str, State] = {}
        self.reached: dict[str, list[str]] = {}
        self.listed: dict[str, list[str]] = {}
        self.calls: Counter[str] = Counter()
        for generation_id, parents in depends_on.items():
            self.add(generation_id, parents)

    def add(self, generation_id: str, parents: Sequence[str] = ()) -> None:
        """One more generation, newer than all before."""
        self.depends_on[generation_id] = parents

    def fail(self, root: str, *reached: str) -> None:
        """Let a generation fail, with what it reaches already marked and listed."""
        failed = Latest("2026-01-01T00:00:00.000000Z", "s-1", passed=False)
        self.roots[root] = State({("e", "k"): failed}, activated=True, walked=True)
        self.listed[root] = list(reached)
        for one in reached:
            self.reached.setdefault(one, []).append(root)

    def position(self, generation_id: str) -> Position:
        """Where lists have it."""
        return f"2026-01-01T00:00:00.{list(self.depends_on).index(generation_id):06}Z", generation_id

    def heads(self, _tenant: str, ids: Iterable[str]) -> dict[str, Head]:
        self.calls["heads"] += 1
        wanted = [one for one in ids if one in self.depends_on]
        return {one: Head(one, "h", "o", 0, self.position(one)[0], self.position(one)[0], 1) for one in wanted}

    def contents(self, _tenant: str, refs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        self.calls["contents"] += 1
        return {one: self._content(one) for one, _ in refs}

    def _content(self, generation_id: str) -> bytes:
        parents = tuple(self.depends_on[generation_id])
        return canonical_json(Generation(id=generation_id, source="sigil", agent_name="pending", depends_on=parents))

    def entries(
        self, _tenant: str, positions: Iterable[Position], *, consistent: bool = False
    ) -> dict[str, dict[str, Any]]:
        self.calls["entries"] += 1
        assert consistent in {True, False}
        ids = [one for _, one in positions if one not in self.pending]
        return {one: self._entry(one) for one in ids}

    def _entry(self, generation_id: str) -> dict[str, Any]:
        parents = list(self.depends_on[generation_id])
        return {"id": generation_id, "status": "completed", "agent_name": "a", "depends_on": parents}

    def newest(self, _tenant: str, key: tuple[str, str], window: Window, limit: int) -> list[Position]:
        self.calls["newest"] += 1
        rows = sorted((self.position(one) for one in self.listed[key[1]]), reverse=True)
        return [row for row in rows if window.before is None or row < window.before][:limit]

    def children(self, _tenant: str, parent: str, after: str | None, limit: int) -> ChildPage:
        self.calls["children"] += 1
        below = sorted(one for one, parents in self.depends_on.items() if parent in parents)
        rest = [one for one in below if after is None or one > after]
        edges = [Edge(parent, one, self.position(one)[0]) for one in rest[:limit]]
        return ChildPage(edges, edges[-1].child if edges and len(rest) >= limit else None)

    def states(self, _tenant: str, ids: Iterable[str]) -> dict[str, State]:
        self.calls["states"] += 1
        return {one: self.roots[one] for one in ids if one in self.roots}

    def touched(self, _tenant: str, ids: Iterable[str]) -> set[str]:
        return {one for one in ids if one in self.reached}

    def reach(self, _tenant: str, generation_id: str) -> Reach:
        roots = self.reached[generation_id]
        return Reach({root: Reached(root, root, self.position(generation_id)[0]) for root in roots})

    def graph(self) -> Graph:
        """The use case over this world."""
        world: Any = self
        return Graph(Ancestry(world, world), world, Flags(world, world, world, one_by_one), one_by_one)

    def dependents(self) -> Dependents:
        """The use case over this world."""
        world: Any = self
        return Dependents(
            world, world, world, one_by_one, Showing(world, Flags(world, world, world, one_by_one), world)
        )
