"""Walk from roots to everything they reach, and mark it.

For each generation: first put the missing reach rows on it, then read its children, then go on to each child this walk
has not seen. An edge is therefore found either by a walk that reads it, or, when it is written after that read, by the
one who wrote it, who reads the parent's rows afterwards (`Flagging.linked`). A row that exists is no reason to stop: it
may be that of a walk which died before it read the children.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from chalicelib.domain.times import format_time
from chalicelib.services.ports import AtOnce, Clock, Edge, Lineage

MOST_STORED_ROOTS = 1024
CHILDREN_PAGE = 1000
AT_ONCE = 16
DIGEST_BYTES = 16

Slice = Callable[[], bool]
"""Whether there is room for another step in this slice of work."""


@dataclass(frozen=True, slots=True)
class Expand:
    """A marked generation whose children are still to be read, from a position on."""

    generation_id: str
    after: str | None = None


Step = Edge | Expand
"""An edge is a step too: mark the child, then expand it."""


@dataclass
class Walk:
    """One walk, or the rest of it: the roots that travel together, the stack, and digests of the generations seen.

    `fresh` are the digests added since the walk was taken up: what the next slice does not know yet.
    """

    tenant: str
    roots: tuple[str, ...]
    overflow: bool = False
    stack: list[Step] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    fresh: list[bytes] = field(default_factory=list)

    def push(self, steps: Iterable[Step]) -> None:
        """Put steps on the stack, leaving out edges to generations that this walk has met before."""
        self.stack.extend(step for step in steps if isinstance(step, Expand) or self._meets(step.child))

    def _meets(self, generation_id: str) -> bool:
        digest = blake2b(generation_id.encode(), digest_size=DIGEST_BYTES).digest()
        if digest in self.seen:
            return False
        self.seen.add(digest)
        self.fresh.append(digest)
        return True


class Walker:
    """Takes walks forward, several steps at once."""

    def __init__(self, lineage: Lineage, clock: Clock, at_once: AtOnce) -> None:
        self._lineage = lineage
        self._clock = clock
        self._at_once = at_once

    def go(self, walk: Walk, room: Slice) -> bool:
        """Work until the walk ends (True) or the slice does (False; the walk then holds the rest)."""
        while walk.stack:
            if not room():
                return False
            steps = [walk.stack.pop() for _ in range(min(AT_ONCE, len(walk.stack)))]
            for found in self._at_once(lambda step: self._take(walk, step), steps):
                walk.push(found)
        return True

    def _take(self, walk: Walk, step: Step) -> list[Step]:
        if isinstance(step, Edge):
            self.mark(walk.tenant, step, dict.fromkeys(walk.roots, step.parent), overflow=walk.overflow)
            step = Expand(step.child)
        page = self._lineage.children(walk.tenant, step.generation_id, step.after, CHILDREN_PAGE)
        rest: list[Step] = [Expand(step.generation_id, page.after)] if page.after is not None else []
        return [*rest, *page.edges]

    def mark(self, tenant: str, edge: Edge, via: Mapping[str, str], *, overflow: bool) -> None:
        """Put what is missing on a generation: at most 1,024 roots, then a marker that there are more."""
        present = self._lineage.reach(tenant, edge.child)
        missing = {root: over for root, over in via.items() if root not in present.roots and root != edge.child}
        room = max(0, MOST_STORED_ROOTS - len(present.roots))
        stored = dict(list(missing.items())[:room])
        overflows = (overflow or len(missing) > room) and not present.overflow
        if stored or overflows:
            self._lineage.put_reach(tenant, edge, stored, format_time(self._clock.now()), overflow=overflows)
