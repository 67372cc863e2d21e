"""Entries and lists in memory."""

import json
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.services.ports import Entry, Position, Rewrite, Window, left_behind

ListKey = tuple[str, str] | None


class FakeIndex:
    """The `GenerationIndex` port. Summaries are kept as JSON, so that nothing but JSON can come back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, Position], str] = {}
        self._versions: dict[tuple[str, Position], int] = {}
        self._lists: dict[tuple[str, ListKey], set[Position]] = {}

    def put(self, tenant: str, entries: Sequence[Entry]) -> None:
        with self._lock:
            for entry in entries:
                position = (entry.listed_at, entry.id)
                for key in (None, *entry.keys):
                    self._lists.setdefault((tenant, key), set()).add(position)
                place = tenant, position
                if entry.version is None or entry.version >= self._versions.get(place, 0):
                    self._entries[place] = json.dumps(entry.summary)
                    self._versions[place] = entry.version or 0
                if entry.version is not None:
                    for status in left_behind(json.loads(self._entries[place])):
                        self._lists.get((tenant, ("status", status)), set()).discard(position)

    def rewrite(self, tenant: str, position: Position, change: Rewrite) -> None:
        with self._lock:
            if (tenant, position) in self._entries:
                self._entries[tenant, position] = json.dumps(change(json.loads(self._entries[tenant, position])))

    def add_row(self, tenant: str, key: ListKey, position: Position) -> None:
        """Put a generation into a list: for the other fakes."""
        with self._lock:
            self._lists.setdefault((tenant, key), set()).add(position)

    def drop_row(self, tenant: str, key: ListKey, position: Position) -> None:
        """Take a generation out of a list: for the other fakes."""
        with self._lock:
            self._lists.get((tenant, key), set()).discard(position)

    def entries(
        self,
        tenant: str,
        positions: Iterable[Position],
        *,
        consistent: bool = False,  # noqa: ARG002 - memory is always
    ) -> dict[str, dict[str, Any]]:
        with self._lock:
            return {
                one[1]: json.loads(self._entries[tenant, one]) for one in positions if (tenant, one) in self._entries
            }

    def oldest(self, tenant: str, key: tuple[str, str]) -> Position | None:
        with self._lock:
            return min(self._lists.get((tenant, key), ()), default=None)

    def newest(self, tenant: str, key: ListKey, window: Window, limit: int) -> list[Position]:
        with self._lock:
            positions = sorted(self._lists.get((tenant, key), ()), reverse=True)
        return [position for position in positions if _inside(position, window)][:limit]


def _inside(position: Position, window: Window) -> bool:
    return (
        (window.before is None or position < window.before)
        and (window.since is None or position[0] >= window.since)
        and (window.until is None or position[0] <= window.until)
    )
