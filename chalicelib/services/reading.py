"""Read one generation, and page through lists of them, in answers of bounded size."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.content import from_canonical_json
from chalicelib.domain.errors import NotFound
from chalicelib.domain.resource import PAYLOAD_KEYS, Findings, Receipt, expand, payload_of, summarise
from chalicelib.services.entries import completed, is_cut, shortened, summary_of
from chalicelib.services.filters import Filters
from chalicelib.services.ports import GenerationIndex, GenerationStore, Head, Position, Window

PAGE_BUDGET = 1000
"""Index entries that one page may read, whatever its filters."""
RESPONSE_BYTES = 5 * 1024 * 1024 - 64 * 1024
"""What the items of a response may take; the rest is for the envelope around them."""
FILTERED_BATCH = 200

Resource = dict[str, Any]
Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Resources, and the position to go on from: None when the list has ended."""

    items: list[Resource]
    last: Position | None


class Reading:
    """The use cases behind `GET /generations` and `GET /generations/{id}`."""

    def __init__(self, store: GenerationStore, index: GenerationIndex) -> None:
        self._store = store
        self._index = index

    def one(self, tenant: str, generation_id: str, *, full: bool = True) -> Resource:
        """One resource, strongly consistent. Raises NotFound."""
        head = self._store.heads(tenant, [generation_id]).get(generation_id)
        if head is None:
            raise NotFound("generation not found")
        stored = self._index.entries(tenant, [(head.listed_at, head.id)], consistent=True).get(head.id)
        contents = self._contents(tenant, [head] if stored is None or _needs_content(head, stored, full=full) else [])
        return self._resource(tenant, head, stored, contents.get(head.id), full=full)

    def page(self, tenant: str, filters: Filters, window: Window, limit: int, *, full: bool = False) -> Page:
        """One page, newest first: up to `limit` generations that match, out of at most a thousand rows examined."""
        matching: list[tuple[Position, Stored]] = []
        last, examined = window.before, 0
        for position, stored in self._rows(tenant, filters, window, limit):
            if stored is not None and filters.match(expand(stored)):
                if len(matching) == limit:
                    return self._shown(tenant, matching, matching[-1][0], full=full)
                matching.append((position, stored))
            last, examined = position, examined + 1
        return self._shown(tenant, matching, last if examined == PAGE_BUDGET else None, full=full)

    def _rows(
        self, tenant: str, filters: Filters, window: Window, limit: int
    ) -> Iterator[tuple[Position, Stored | None]]:
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

    def _shown(
        self, tenant: str, matching: Sequence[tuple[Position, Stored]], last: Position | None, *, full: bool
    ) -> Page:
        """The page as resources; it ends early, with a position, before the response grows too large."""
        heavy = [str(stored["id"]) for _, stored in matching if full or is_cut(stored)]
        heads = self._store.heads(tenant, heavy) if heavy else {}
        needed = {
            head.id: head
            for _, stored in matching
            if (head := heads.get(str(stored["id"]))) and _needs_content(head, stored, full=full)
        }
        contents = self._contents(tenant, list(needed.values()))
        items: list[Resource] = []
        room = RESPONSE_BYTES
        for number, (_, stored) in enumerate(matching):
            own_id = str(stored["id"])
            item = self._listed(tenant, heads.get(own_id), stored, contents.get(own_id), full=full)
            room -= _size(item)
            unread = own_id in needed and own_id not in contents
            if items and (room < 0 or unread):
                return Page(items, matching[number - 1][0])
            items.append(item)
        return Page(items, last)

    def _listed(self, tenant: str, head: Head | None, stored: Stored, content: bytes | None, *, full: bool) -> Resource:
        return self._resource(tenant, head, stored, content, full=full) if head else summary_of(stored)

    def _contents(self, tenant: str, heads: Sequence[Head]) -> dict[str, bytes]:
        """The contents of the first head, whatever its size, and of as many more as fit into one response."""
        total = 0
        fitting: list[Head] = []
        for head in heads:
            total += head.size
            if fitting and total > RESPONSE_BYTES:
                break
            fitting.append(head)
        return self._store.contents(tenant, [(head.id, head.content_hash) for head in fitting])

    def _resource(
        self, tenant: str, head: Head, stored: Stored | None, content: bytes | None, *, full: bool
    ) -> Resource:
        """What the worker has written wins; before it has, the resource is described from the content alone."""
        if content is None:
            return self._linked(tenant, head, summary_of(stored or {}), full=full)
        generation = from_canonical_json(content)
        if stored is None:
            summary = summarise(generation, Receipt(tenant, head.created_at), Findings())
        else:
            summary = completed(stored, generation)
        resource = {**summary, **payload_of(generation)} if full else summary
        if head.size * 2 > RESPONSE_BYTES and _size(resource) > RESPONSE_BYTES:
            return self._linked(tenant, head, summary, full=full)
        return resource

    def _linked(self, tenant: str, head: Head, summary: Resource, *, full: bool) -> Resource:
        """A resource whose payload is too large to be in a response: null, with a link to read it."""
        if _size(summary) > RESPONSE_BYTES:
            summary, _ = shortened(summary)
        if not full:
            return summary
        return {**summary, **dict.fromkeys(PAYLOAD_KEYS), "payload_url": self._store.link(tenant, head)}


def _needs_content(head: Head, stored: Stored, *, full: bool) -> bool:
    """Whether an answer shows more than the entry holds; a payload that no response can hold is only linked to."""
    return is_cut(stored) or (full and head.size <= RESPONSE_BYTES)


def _size(resource: Resource) -> int:
    return len(json.dumps(resource, ensure_ascii=False).encode())
