"""Courses of runs in memory."""

import threading
from collections.abc import Iterable, Sequence

from chalicelib.domain.run import Course
from chalicelib.services.ports import Watch


class FakeCourses:
    """The `Courses` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._courses: dict[tuple[str, str], Course] = {}
        self._watches: set[Watch] = set()

    def read(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, Course]:
        with self._lock:
            return {each: self._courses[tenant, each] for each in generation_ids if (tenant, each) in self._courses}

    def save(self, tenant: str, generation_id: str, course: Course) -> bool:
        with self._lock:
            standing = self._courses.get((tenant, generation_id))
            if (standing.version if standing else 0) != course.version - 1:
                return False
            self._courses[tenant, generation_id] = course
            return True

    def watch(self, watches: Sequence[Watch]) -> None:
        with self._lock:
            self._watches.update(watches)

    def due(self, now_ms: int, limit: int) -> list[Watch]:
        with self._lock:
            found = sorted((watch for watch in self._watches if watch.due_ms <= now_ms), key=lambda one: one.due_ms)
        return found[:limit]

    def unwatch(self, watches: Sequence[Watch]) -> None:
        with self._lock:
            self._watches.difference_update(watches)
