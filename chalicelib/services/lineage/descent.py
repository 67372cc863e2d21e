"""Read what lies below a generation, level by level, several generations at once and never more than asked for."""

from collections import deque
from collections.abc import Collection, Sequence

from chalicelib.services.ports import AtOnce, ChildPage, Edge, Lineage

AT_ONCE = 16
PAGE = 1000
MOST_EDGES = 20_000
"""Edges that one descent reads: among a thousand generations there may be a million."""

Step = tuple[str, str | None]
"""A generation whose children are to be read, from a position on."""


class Descent:
    """One descent, with its budget."""

    def __init__(self, lineage: Lineage, at_once: AtOnce, tenant: str) -> None:
        self._lineage = lineage
        self._at_once = at_once
        self._tenant = tenant
        self._left = MOST_EDGES

    def below(self, parents: Sequence[str], seen: Collection[str], room: int) -> tuple[list[Edge], bool]:
        """An edge to each of up to `room` children that are not in `seen`, and whether these are all."""
        steps: deque[Step] = deque((parent, None) for parent in parents)
        found: dict[str, Edge] = {}
        while steps:
            if self._left <= 0:
                return list(found.values()), False
            for edge in self._read(steps, room):
                if edge.child in seen or edge.child in found:
                    continue
                if len(found) == room:
                    return list(found.values()), False
                found[edge.child] = edge
        return list(found.values()), True

    def _read(self, steps: deque[Step], room: int) -> list[Edge]:
        """Take steps from the left, put back on the right what is left of them."""
        batch = [steps.popleft() for _ in range(min(AT_ONCE, len(steps)))]
        pages: list[ChildPage] = self._at_once(lambda step: self._page(step, min(PAGE, room + 1)), batch)
        steps.extend((step[0], page.after) for step, page in zip(batch, pages, strict=True) if page.after is not None)
        self._left -= sum(len(page.edges) for page in pages)
        return [edge for page in pages for edge in page.edges]

    def _page(self, step: Step, limit: int) -> ChildPage:
        return self._lineage.children(self._tenant, *step, limit)
