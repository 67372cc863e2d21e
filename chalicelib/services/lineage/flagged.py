"""List what is flagged: root by root, the newest failure first, each with the generations it reaches, none twice.

The list of failing roots holds only roots that fail now, so that no page is spent on the leftovers of those that pass.
"""

from collections.abc import Iterator
from typing import Any

from chalicelib.services.lineage.flags import Flags
from chalicelib.services.ports import GenerationIndex, Position, Window

ROOTS_AT_ONCE = 20
ROWS_AT_ONCE = 100
FAILING = ("failing", "")
Cursor = tuple[str, ...]
"""(failing since, root, listed_at, id)."""


class Flagged:
    """Rows of all flagged generations."""

    def __init__(self, index: GenerationIndex, flags: Flags) -> None:
        self._index = index
        self._flags = flags

    def rows(
        self, tenant: str, after: Cursor | None, window: Window, budget: int
    ) -> Iterator[tuple[Cursor, dict[str, Any] | None]]:
        """At most `budget` rows behind `after`; None for one that belongs to another root's part or is not readable."""
        left = budget
        for root in self._roots(tenant, after):
            start = (after[2], after[3]) if after is not None and root == after[:2] else None
            for position, stored in self._reached(tenant, root, Window(start, window.since, window.until)):
                if left == 0:
                    return
                left -= 1
                yield (*root, *position), stored

    def _roots(self, tenant: str, after: Cursor | None) -> Iterator[Position]:
        """Failing roots from the one that `after` is in, under the time they are failing since now."""
        before: Position | None = None
        if after is not None:
            before = (after[0], after[1])
            yield before
        while True:
            roots = self._index.newest(tenant, FAILING, Window(before), ROOTS_AT_ONCE)
            since = self._flags.failing_since(tenant, [root for _, root in roots])
            yield from (position for position in roots if since.get(position[1]) == position[0])
            if len(roots) < ROOTS_AT_ONCE:
                return
            before = roots[-1]

    def _reached(self, tenant: str, root: Position, window: Window) -> Iterator[tuple[Position, dict[str, Any] | None]]:
        while True:
            positions = self._index.newest(tenant, ("root", root[1]), window, ROWS_AT_ONCE)
            stored = self._index.entries(tenant, positions)
            newest = self._flags.newest_roots(tenant, [generation_id for _, generation_id in positions])
            for position in positions:
                yield position, stored.get(position[1]) if newest.get(position[1]) == root else None
            if len(positions) < ROWS_AT_ONCE:
                return
            window = Window(positions[-1], window.since, window.until)
