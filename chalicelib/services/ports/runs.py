"""The courses of runs, and when to look after them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.run import Course


@dataclass(frozen=True, slots=True)
class Watch:
    """A run to be looked after at `due_ms`, milliseconds since the epoch."""

    tenant: str
    generation_id: str
    due_ms: int


class Courses(Protocol):
    """How far runs have come."""

    def read(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, Course]:
        """Courses by id, strongly consistent; that of a run which has never moved is absent."""
        ...

    def save(self, tenant: str, generation_id: str, course: Course) -> bool:
        """Write a course, if the one before it stands (or none, before version 1); says whether it was written."""
        ...

    def watch(self, watches: Sequence[Watch]) -> None:
        """Have runs looked after. Repeating it is harmless."""
        ...

    def due(self, now_ms: int, limit: int) -> list[Watch]:
        """What is due at `now_ms`, oldest first per shard, at most `limit`; strongly consistent."""
        ...

    def unwatch(self, watches: Sequence[Watch]) -> None:
        """Forget watches; one that is gone already is no error."""
        ...
