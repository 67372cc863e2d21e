"""Put resources together, in answers of bounded size."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.domain.content import from_stored_json
from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.resource import LINEAGE_DEFAULTS, PAYLOAD_KEYS, Findings, payload_of, summarise
from chalicelib.domain.run import Course, whole
from chalicelib.services.entries import completed, findings_of, is_cut, purged_entry, receipt_of, shortened, summary_of
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.ports import Courses, GenerationStore, Head
from chalicelib.services.runs import courses_of

RESPONSE_BYTES = 5 * 1024 * 1024 - 64 * 1024
"""What the items of a response may take; the rest is for the envelope around them."""

Resource = dict[str, Any]
Stored = Mapping[str, Any]
Cursor = tuple[str, ...]
"""Where a row stands in what is being listed."""
Matching = list[tuple[Cursor, Stored]]


@dataclass(frozen=True, slots=True)
class Page:
    """Resources, and the position to go on from: None when the list has ended."""

    items: list[Resource]
    last: Cursor | None


@dataclass(frozen=True, slots=True)
class Read:
    """The content of a generation, where it was read, and the course of a run."""

    content: bytes | None
    course: Course | None


class Showing:
    """Resources out of what is stored and what the roots decide now."""

    def __init__(self, store: GenerationStore, flags: Flags, courses: Courses) -> None:
        self._store = store
        self._courses = courses
        self._flags = flags

    def one(self, tenant: str, head: Head, stored: Stored | None, *, full: bool) -> Resource:
        """One resource."""
        needed = head.is_run or stored is None or _needs_content(head, stored, full=full)
        content = self._contents(tenant, [head] if needed else []).get(head.id)
        course = courses_of(self._courses, tenant, [head]).get(head.id)
        resource = self._resource(tenant, head, stored, Read(content, course), full=full)
        return {**resource, **self._flags.of(tenant, [head.id])[head.id]}

    def plain(self, tenant: str, heads: Sequence[Head], entries: Mapping[str, Stored]) -> dict[str, Resource]:
        """Full resources as they are, however large, without verdicts and flags, by id.

        They are those of the first head, and of as many after it as fit into one response beside it: `fitting` tells
        which. One whose content is nowhere is absent.
        """
        shown = fitting(heads)
        contents = self._store.contents(tenant, [head.ref for head in shown])
        courses = courses_of(self._courses, tenant, shown)
        return {
            head.id: _whole(
                tenant, head, _as_purged(entries.get(head.id), head), content, courses.get(head.id), full=True
            )[1]
            for head in shown
            if (content := contents.get(head.id)) is not None
        }

    def _lineage(self, tenant: str, rows: Sequence[Stored]) -> dict[str, dict[str, Any]]:
        """Verdicts and flags of the rows that do not have theirs yet."""
        return self._flags.of(tenant, [str(stored["id"]) for stored in rows if "flagged" not in stored])

    def page(self, tenant: str, matching: Matching, last: Cursor | None, *, full: bool) -> Page:
        """The page as resources; it ends early, with a position, before the response grows too large."""
        heavy = [str(stored["id"]) for _, stored in matching if full or is_cut(stored)]
        heads = self._store.heads(tenant, heavy) if heavy else {}
        needed = {
            head.id: head
            for _, stored in matching
            if (head := heads.get(str(stored["id"]))) and _needs_content(head, stored, full=full)
        }
        contents = self._contents(tenant, list(needed.values()))
        courses = courses_of(self._courses, tenant, list(needed.values()))
        lineage = self._lineage(tenant, [stored for _, stored in matching])
        items: list[Resource] = []
        room = RESPONSE_BYTES
        for number, (_, stored) in enumerate(matching):
            own_id = str(stored["id"])
            item = self._listed(
                tenant,
                heads.get(own_id),
                {**stored, **lineage.get(own_id, {})},
                Read(contents.get(own_id), courses.get(own_id)),
                full=full,
            )
            room -= size_of(item)
            unread = own_id in needed and own_id not in contents
            if items and (room < 0 or unread):
                return Page(items, matching[number - 1][0])
            items.append(item)
        return Page(items, last)

    def _listed(self, tenant: str, head: Head | None, stored: Stored, read: Read, *, full: bool) -> Resource:
        return self._resource(tenant, head, stored, read, full=full) if head else summary_of(stored)

    def _contents(self, tenant: str, heads: Sequence[Head]) -> dict[str, bytes]:
        return self._store.contents(tenant, [head.ref for head in fitting(heads)])

    def _resource(self, tenant: str, head: Head, stored: Stored | None, read: Read, *, full: bool) -> Resource:
        """What an answer can hold of a resource; what is beyond is linked to."""
        stored = _as_purged(stored, head)
        if read.content is None:
            return self._linked(tenant, head, summary_of(stored or {}), full=full)
        summary, resource = _whole(tenant, head, stored, read.content, read.course, full=full)
        if size_of(resource) <= RESPONSE_BYTES:
            return resource
        lighter = {**resource, "exchange": None}
        if resource.get("exchange") is None or size_of(lighter) > RESPONSE_BYTES:
            return self._linked(tenant, head, summary, full=full)
        return {**lighter, "payload_url": self._store.link(tenant, head)}

    def _linked(self, tenant: str, head: Head, summary: Resource, *, full: bool) -> Resource:
        """A resource whose payload is too large to be in a response: null, with a link to read it."""
        if size_of(summary) > RESPONSE_BYTES:
            summary, _ = shortened(summary)
        if not full:
            return summary
        return {**summary, **dict.fromkeys(PAYLOAD_KEYS), "payload_url": self._store.link(tenant, head)}


def fitting(heads: Sequence[Head]) -> list[Head]:
    """The first head, whatever its size, and as many more as fit into one response with their contents."""
    total = 0
    first: list[Head] = []
    for head in heads:
        total += head.size
        if first and total > RESPONSE_BYTES:
            break
        first.append(head)
    return first


def _whole(
    tenant: str, head: Head, stored: Stored | None, content: bytes, course: Course | None, *, full: bool
) -> tuple[Resource, Resource]:
    """A resource of any size: its summary, and all of it.

    What the worker has written wins; before it has, the resource is described from the content alone. A run is
    described by its course, and the worker is asked only for what it has found.
    """
    reading = read_exchange(from_stored_json(content))
    generation = whole(reading.generation, course) if course else reading.generation
    if stored is None or course:
        findings = findings_of(stored) if stored else Findings(extraction=reading.outcome, error=reading.reason)
        summary = {**summarise(generation, receipt_of(tenant, head), findings), **_lineage_of(stored or {})}
    else:
        summary = completed(stored, generation)
    if full and course:
        summary = {**summary, "attempts": [asdict(attempt) for attempt in course.attempts]}
    return summary, {**summary, **payload_of(generation)} if full else summary


def _as_purged(stored: Stored | None, head: Head) -> Stored | None:
    return purged_entry(stored, head) if head.purged_at and stored is not None else stored


def _needs_content(head: Head, stored: Stored, *, full: bool) -> bool:
    """Whether an answer shows more than the entry holds; a payload that no response can hold is only linked to."""
    return is_cut(stored) or (full and head.size <= RESPONSE_BYTES)


def _lineage_of(stored: Stored) -> Resource:
    return {name: stored[name] for name in LINEAGE_DEFAULTS if name in stored}


def size_of(resource: Resource | str) -> int:
    """Bytes that a resource, or a text of it, takes in a response."""
    return len(json.dumps(resource, ensure_ascii=False).encode())
