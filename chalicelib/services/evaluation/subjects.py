"""Generations as evaluators see them: the resource that users read in full, without verdict and flags."""

from collections.abc import Iterator, Sequence

from chalicelib.services.evaluation.due import can_be_judged
from chalicelib.services.ports import Courses, GenerationIndex, GenerationStore
from chalicelib.services.runs import courses_of
from chalicelib.services.showing import Resource, Showing


class Subjects:
    """Reads what is to be judged, each generation once."""

    def __init__(self, store: GenerationStore, index: GenerationIndex, courses: Courses, showing: Showing) -> None:
        self._store = store
        self._index = index
        self._courses = courses
        self._showing = showing

    def of(self, tenant: str, generation_ids: Sequence[str]) -> Iterator[list[Resource]]:
        """Those that can be judged, as many at a time as a response may hold. Raises Unavailable."""
        heads = self._store.heads(tenant, generation_ids)
        entries = self._index.entries(tenant, [(one.listed_at, one.id) for one in heads.values()], consistent=True)
        courses = courses_of(self._courses, tenant, list(heads.values()))
        left = [
            head
            for head in heads.values()
            if head.id in entries and can_be_judged(head, entries[head.id], courses.get(head.id))
        ]
        while left:
            shown = self._showing.plain(tenant, left, entries)
            yield shown
            left = left[len(shown) :]
