"""Generations as evaluators see them: the resource that users read in full, without verdict and flags.

An answer that is too large for a response has a link in the place of its payload; what is judged never has. What cannot
be judged for its size is said to be so: nobody judges the nulls in its place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.errors import NotFound
from chalicelib.domain.resource import PAYLOAD_KEYS
from chalicelib.services.entries import summary_of
from chalicelib.services.evaluation.due import can_be_judged
from chalicelib.services.ports import Courses, GenerationIndex, GenerationStore, Head
from chalicelib.services.runs import courses_of
from chalicelib.services.showing import Resource, Showing, Stored, fitting

MOST_BYTES = 32 * 1024 * 1024
"""Of a content that is judged: what a worker has the memory to read, and to write again for a hook."""
TOO_LARGE = "the generation is too large to be judged"
UNREADABLE = "the content of the generation cannot be read"


@dataclass(frozen=True, slots=True)
class Subject:
    """A generation to be judged. With a `fault` it cannot be, and its resource lacks the payload."""

    resource: Resource
    fault: str = ""


class Subjects:
    """Reads what is to be judged, each generation once."""

    def __init__(self, store: GenerationStore, index: GenerationIndex, courses: Courses, showing: Showing) -> None:
        self._store = store
        self._index = index
        self._courses = courses
        self._showing = showing

    def of(self, tenant: str, generation_ids: Sequence[str]) -> Iterator[list[Subject]]:
        """Those that can be judged, as many at a time as a response may hold. Raises Unavailable."""
        heads = self._store.heads(tenant, generation_ids)
        entries = self._index.entries(tenant, [(one.listed_at, one.id) for one in heads.values()], consistent=True)
        courses = courses_of(self._courses, tenant, list(heads.values()))
        judged = [
            head
            for head in heads.values()
            if head.id in entries and can_be_judged(head, entries[head.id], courses.get(head.id))
        ]
        left = [head for head in judged if head.size <= MOST_BYTES]
        if len(left) < len(judged):
            yield [_without_payload(entries[head.id], TOO_LARGE) for head in judged if head.size > MOST_BYTES]
        while left:
            shown = fitting(left)
            yield self._read(tenant, shown, entries)
            left = left[len(shown) :]

    def one(self, tenant: str, generation_id: str) -> Subject:
        """One generation, whether it would be judged or not. Raises NotFound."""
        head = self._store.heads(tenant, [generation_id]).get(generation_id)
        if head is None:
            raise NotFound("generation not found")
        entries = self._index.entries(tenant, [(head.listed_at, head.id)], consistent=True)
        if head.size > MOST_BYTES:
            return _without_payload(entries.get(head.id, {"id": head.id, "created_at": head.created_at}), TOO_LARGE)
        return self._read(tenant, [head], entries)[0]

    def _read(self, tenant: str, heads: Sequence[Head], entries: Mapping[str, Stored]) -> list[Subject]:
        found = self._showing.plain(tenant, heads, entries)
        return [
            Subject(found[head.id])
            if head.id in found
            else _without_payload(entries.get(head.id, {"id": head.id}), UNREADABLE)
            for head in heads
        ]


def _without_payload(stored: Stored, fault: str) -> Subject:
    return Subject({**summary_of(stored), **dict.fromkeys(PAYLOAD_KEYS)}, fault)
