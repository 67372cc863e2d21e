"""The real code with one thing wrong about runs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.lineage import DynamoLineage
from chalicelib.adapters.dynamodb.runs import DynamoCourses
from chalicelib.domain.run import Course
from chalicelib.services.messages import ProcessMessage
from chalicelib.services.ports import Entry
from chalicelib.services.process import Process
from chalicelib.services.stored import Stored
from tests.lineage.world import Variant


class TakesFailuresAsTheyCome(DynamoLineage):
    """Lets the last message say whether a run has failed."""

    def apply_course(self, tenant: str, generation_id: str, failed_at: str | None, version: int) -> None:
        failed: dict[str, Any] = {":at": failed_at, ":true": True} if failed_at else {}
        change = "SET u = :u, f = :at, a = :true" if failed_at else "SET u = :u REMOVE f"
        self._table.update(keys.state(tenant, generation_id), change, "", {}, {**failed, ":u": version})


class NeverTakesBack(Process):
    """Tells of runs that failed, and not of those that had been taken to have."""

    def _link(self, message: ProcessMessage, known: Sequence[Stored]) -> None:
        failed = [one for one in known if one.course is None or one.course.failed_at]
        super()._link(message, failed)
        bare = [Stored(one.head, one.reading, None) for one in known if one not in failed]
        super()._link(message, bare)


class LinksOpeningsOnly(Process):
    """Does not link what a move depends on."""

    def _link(self, message: ProcessMessage, known: Sequence[Stored]) -> None:
        opened = [Stored(one.head, one.reading, None) for one in known if one.course]
        super()._link(message, [one for one in known if one.course is None])
        super()._link(message, opened)
        edgeless = [Stored(one.head, _edgeless(one), one.course and _without_edges(one.course)) for one in known]
        super()._link(message, [one for one in edgeless if one.course])


def _edgeless(stored: Stored) -> Any:
    reading = stored.reading
    return type(reading)(reading.generation.model_copy(update={"depends_on": ()}), reading.outcome)


def _without_edges(course: Course) -> Course:
    return replace(course, overlay=course.overlay.model_copy(update={"depends_on": ()}))


class MovesBlindly(DynamoCourses):
    """Writes a course whatever it was decided on."""

    def save(self, tenant: str, generation_id: str, course: Course) -> bool:
        stands = self.read(tenant, [generation_id]).get(generation_id)
        return super().save(tenant, generation_id, replace(course, version=stands.version + 1 if stands else 1))


class ListsAsTheyCome(DynamoIndex):
    """Lets an older entry take the place of a newer one."""

    def put(self, tenant: str, entries: Sequence[Entry]) -> None:
        super().put(tenant, [Entry(one.id, one.listed_at, one.summary, one.keys) for one in entries])


RUN_MUTANTS: dict[str, Variant] = {
    "the last message says whether a run has failed": Variant(lineage=TakesFailuresAsTheyCome),
    "a run that was abandoned is not taken back": Variant(process=NeverTakesBack),
    "what a move depends on is not linked": Variant(process=LinksOpeningsOnly),
    "a course is written whatever it was decided on": Variant(courses=MovesBlindly),
    "an older entry takes the place of a newer one": Variant(index=ListsAsTheyCome),
}
