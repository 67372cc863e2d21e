"""Read one generation, and page through lists of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.resource import expand
from chalicelib.services.filters import Filters
from chalicelib.services.lineage.flagged import Flagged
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.ports import Courses, GenerationIndex, GenerationStore, Window
from chalicelib.services.showing import Cursor, Matching, Page, Resource, Showing

PAGE_BUDGET = 1000
"""Index entries that one page may read, whatever its filters."""
FILTERED_BATCH = 200

Stored = Mapping[str, Any]
Rows = Iterator[tuple[Cursor, Stored | None]]


class Reading:
    """The use cases behind `GET /generations` and `GET /generations/{id}`."""

    def __init__(self, store: GenerationStore, index: GenerationIndex, flags: Flags, courses: Courses) -> None:
        self._store = store
        self._index = index
        self._flags = flags
        self._flagged = Flagged(index, flags)
        self._showing = Showing(store, flags, courses)

    def one(self, tenant: str, generation_id: str, *, full: bool = True) -> Resource:
        """One resource, strongly consistent. Raises NotFound."""
        head = self._store.heads(tenant, [generation_id]).get(generation_id)
        if head is None:
            raise NotFound("generation not found")
        stored = self._index.entries(tenant, [(head.listed_at, head.id)], consistent=True).get(head.id)
        return self._showing.one(tenant, head, stored, full=full)

    def exists(self, tenant: str, generation_id: str) -> None:
        """Raise NotFound unless there is such a generation."""
        if not self._store.heads(tenant, [generation_id]):
            raise NotFound("generation not found")

    def page(
        self, tenant: str, filters: Filters, window: Window, after: Cursor | None, limit: int, *, full: bool = False
    ) -> Page:
        """One page, newest first: up to `limit` generations that match, out of at most a thousand rows examined."""
        matching: Matching = []
        last, examined = after, 0
        for cursor, stored in self._rows(tenant, filters, window, after, limit):
            if stored is not None and filters.match(expand(stored)):
                if len(matching) == limit:
                    return self._showing.page(tenant, matching, matching[-1][0], full=full)
                matching.append((cursor, stored))
            last, examined = cursor, examined + 1
        return self._showing.page(tenant, matching, last if examined == PAGE_BUDGET else None, full=full)

    def _rows(self, tenant: str, filters: Filters, window: Window, after: Cursor | None, limit: int) -> Rows:
        """Rows of what serves the filters best, with all that the filters ask about."""
        if filters.goes_by_root():
            return self._joined(tenant, self._flagged.rows(tenant, after, window, PAGE_BUDGET))
        root = filters.fields.get("root")
        if root is not None and not self._flags.failing_since(tenant, [root]):
            return iter(())
        start = Window((after[0], after[1]) if after else None, window.since, window.until)
        rows = self._listed(tenant, filters, start, limit)
        return self._joined(tenant, rows) if filters.needs_lineage() else rows

    def _listed(self, tenant: str, filters: Filters, window: Window, limit: int) -> Rows:
        """Rows of the best list with their entries, newest first, until the list or the budget ends."""
        batch = limit + 1 if filters.served_by_list() else FILTERED_BATCH
        left = PAGE_BUDGET
        while left:
            wanted = min(batch, left)
            positions = self._index.newest(tenant, filters.best_list(), window, wanted)
            stored = self._index.entries(tenant, positions)
            yield from ((position, stored.get(position[1])) for position in positions)
            if len(positions) < wanted:
                return
            left -= wanted
            window = Window(positions[-1], window.since, window.until)

    def _joined(self, tenant: str, rows: Rows) -> Rows:
        """The same rows with their verdicts and flags, read for a batch at a time."""
        while batch := [row for _, row in zip(range(FILTERED_BATCH), rows, strict=False)]:
            fields = self._flags.of(tenant, [str(stored["id"]) for _, stored in batch if stored is not None])
            for cursor, stored in batch:
                yield cursor, {**stored, **fields[str(stored["id"])]} if stored is not None else None
