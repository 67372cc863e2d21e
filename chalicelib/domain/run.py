"""The course of a run: a generation whose record is opened before its model is called, and moves until it has ended.

What moves have said is one `Generation` beside the content that the run was opened with, the *overlay*. In an overlay
and in a move, `input` holds what tools were asked and have answered, in order; it reads back as the first messages of
the output.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain.attempt import INTERRUPTED, UNKNOWN_OUTCOME, Attempts, end, unfinished, wordless
from chalicelib.domain.content import canonical_json, content_hash
from chalicelib.domain.errors import Conflict
from chalicelib.domain.generation import Generation, Status
from chalicelib.domain.redaction.skeleton import skeleton
from chalicelib.domain.times import to_datetime

ABANDONED = "RUN_ABANDONED"
STEPS: Mapping[Status, frozenset[Status]] = {
    "in_progress": frozenset({"requires_action", "completed", "failed"}),
    "requires_action": frozenset({"in_progress", "completed", "failed"}),
    "completed": frozenset(),
    "failed": frozenset(),
}
ENDS: frozenset[Status] = frozenset({"completed", "failed"})
NO_ERROR: Mapping[str, Any] = {"call_error": None, "error_code": None, "error_meta": {}, "completed_at": None}


def _nothing() -> Generation:
    return Generation(id="", source="lifecycle")


def blank(generation_id: str, **fields: Any) -> Generation:  # noqa: ANN401 - fields of a generation
    """A move that says nothing but `fields`."""
    return Generation(id=generation_id, source="lifecycle", **fields)


def digest(move: Generation) -> str:
    """What makes a move the same as another: 64 hex digits."""
    return content_hash(canonical_json(move.model_copy(update={"id": ""})))


OPENED = content_hash(b'{"id":"","source":"lifecycle","status":"in_progress"}')
"""The digest of a move that says no more than what opening has said."""


@dataclass(frozen=True, slots=True)
class Course:
    """How far a run has come; of one that has never moved, version 0.

    `moved` is the digest of the move that led to `status`, `last` that of the last move that said anything. `abandoned`
    says that the failure is nobody's word, `recovered` that somebody's word has come after all. `attempts` are the
    requests to a provider of a run that this service makes itself.
    """

    last_activity_at: str
    version: int = 0
    status: Status = "in_progress"
    moved: str = OPENED
    last: str = OPENED
    abandoned: bool = False
    recovered: bool = False
    overlay: Generation = field(default_factory=_nothing)
    attempts: Attempts = ()

    @property
    def ended(self) -> bool:
        """Whether the run moves no more, unless it was abandoned."""
        return self.status in ENDS

    @property
    def failed_at(self) -> str | None:
        """When the run failed, if that is how it has ended."""
        return (self.overlay.completed_at or self.last_activity_at) if self.status == "failed" else None


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many seconds without activity a run counts as abandoned: one in progress, one that waits for action.

    Without `retries`, a run whose attempt has no outcome is given up when nobody can be at it any more.
    """

    run: int
    action: int
    retries: bool = False

    def of(self, course: Course) -> int:
        """The seconds that hold for a course."""
        return self.action if course.status == "requires_action" else self.run

    def ends_ms(self, course: Course) -> int:
        """Until when a run may be silent, in milliseconds since the epoch."""
        ends_ms = _ms(course.last_activity_at) + self.of(course) * 1000
        attempt = None if course.ended or self.retries else unfinished(course.attempts)
        return min(ends_ms, _ms(attempt.until)) if attempt else ends_ms

    def interrupts(self, course: Course, now_ms: int) -> bool:
        """Whether a run is given up because of its attempt, and not because it is silent."""
        attempt = None if self.retries else unfinished(course.attempts)
        return attempt is not None and _ms(attempt.until) <= now_ms


def _ms(at: str) -> int:
    return int(to_datetime(at).timestamp() * 1000)


DEFAULT_PATIENCE = Patience(run=3600, action=7 * 24 * 3600)


def advance(course: Course, move: Generation, kept: Generation, at: str) -> Course:
    """The course after a move; the same object when nothing changes.

    `kept` is the move as it may be stored. Raises Conflict for a move that the present state does not allow.
    """
    if move == blank(move.id):
        return course if course.ended else replace(course, version=course.version + 1, last_activity_at=at)
    name = digest(move)
    if (move.status == course.status and name == course.moved) or name == course.last:
        return course
    target = move.status or course.status
    if course.ended and not (course.abandoned and move.status in ENDS):
        raise Conflict(f"the generation is {course.status}, which is final", meta={"status": course.status})
    if move.status is not None and not course.ended and target not in STEPS[course.status]:
        what = "with other content" if target == course.status else "and cannot become that"
        raise Conflict(f"{target}: the generation is {course.status} {what}", meta={"status": course.status})
    overlay = course.overlay.model_copy(update=NO_ERROR) if course.abandoned else course.overlay
    overlay = merged(overlay, kept)
    if target in ENDS and overlay.completed_at is None:
        overlay = overlay.model_copy(update={"completed_at": at})
    return Course(
        last_activity_at=at,
        version=course.version + 1,
        status=target,
        moved=name if move.status else course.moved,
        last=name,
        recovered=course.recovered or course.abandoned,
        overlay=overlay,
        attempts=course.attempts,
    )


def abandon(course: Course, at: str, seconds: int) -> Course:
    """The course of a run that nobody has heard of for `seconds`. Not for one that has ended."""
    return replace(_lost(course, f"no activity for {seconds} seconds", ABANDONED, at), abandoned=True)


def interrupt(course: Course, at: str) -> Course:
    """The course of a run whose last attempt nobody can be making any more. Not for one that has ended."""
    lost = _lost(course, f"attempt {len(course.attempts)} has no outcome: it may have been billed", INTERRUPTED, at)
    return replace(lost, attempts=end(course.attempts, len(course.attempts), at, error=UNKNOWN_OUTCOME))


def _lost(course: Course, message: str, code: str, at: str) -> Course:
    move = blank("", status="failed", call_error=message, error_code=code, completed_at=at)
    return replace(
        course,
        version=course.version + 1,
        status="failed",
        moved=digest(move),
        last=digest(move),
        overlay=merged(course.overlay, move),
    )


def bare(said: Generation) -> Generation:
    """What may stay of a move or an overlay once the run's content is purged."""
    return skeleton(said, "PURGED").model_copy(update={"tags": said.tags})


def emptied(course: Course) -> Course:
    """The course without content, one version on, so that no move which was decided before can follow."""
    return replace(muted(course), version=course.version + 1)


def muted(course: Course) -> Course:
    """The course without content."""
    return replace(course, overlay=bare(course.overlay), attempts=wordless(course.attempts))


def merged(base: Generation, move: Generation) -> Generation:
    """What stands after a move: tags and metadata shallowly merged, dependencies and tools' messages added."""
    said = {name: getattr(move, name) for name in Generation.model_fields if getattr(move, name)}
    said |= {name: getattr(move, name) for name in ("latency_ms", "token_count") if getattr(move, name) is not None}
    added: dict[str, Any] = {
        "id": base.id,
        "source": base.source,
        "tags": {**base.tags, **move.tags},
        "metadata": {**base.metadata, **move.metadata},
        "depends_on": tuple(dict.fromkeys((*base.depends_on, *move.depends_on))),
        "input": (*base.input, *move.input),
    }
    return base.model_copy(update={**said, **added})


def whole(opened: Generation, course: Course) -> Generation:
    """A run as it is now."""
    overlay = course.overlay
    output = (*overlay.input, *(overlay.output or opened.output))
    now = {"input": opened.input, "output": output, "status": course.status}
    return merged(opened, overlay).model_copy(update={**now, "last_activity_at": course.last_activity_at})
