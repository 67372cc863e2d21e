"""Open runs and move them: each move is one write conditional on what it was decided on, and its processing is certain.

A course is read before its head, and a purge marks the head before it puts the course one version on: a move that has
seen no mark cannot be written after the purge.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.content import from_stored_json, stored_json
from chalicelib.domain.errors import Conflict, Malformed, NotFound, Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.domain.run import Course, advance, bare, blank, muted, whole
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import current_correlation_id, log
from chalicelib.services.ingest import PROCESS_QUEUE, Ingest, Redact, Sender
from chalicelib.services.messages import RunMoved
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Clock, Courses, GenerationStore, Head, Keys

ROUNDS = 8
MOST_TAGS = 64
MOST_DEPENDENCIES = 1_000
Adjust = Callable[[Course], Course]
"""What else changes in the write of a move; the version stays."""


@dataclass(frozen=True, slots=True)
class RunPorts:
    """What moving reads and writes, beside the outbox."""

    store: GenerationStore
    courses: Courses
    clock: Clock
    new_key: Keys


class Runs:
    """The use cases behind `POST /generations` and `PATCH /generations/{id}`."""

    def __init__(self, ports: RunPorts, ingest: Ingest, outgoing: Outgoing, redact: Redact) -> None:
        self._ports = ports
        self._ingest = ingest
        self._outgoing = outgoing
        self._redact = redact

    def open(self, tenant: str, generation: Generation, sender: Sender) -> None:
        """Store the record of a run, once. Raises Conflict when its id has other content, and Unavailable."""
        [outcome] = self._ingest(tenant, [generation], sender)
        if not outcome.accepted:
            raise Conflict(outcome.error, meta={"generation_id": generation.id})

    def move(self, tenant: str, move: Generation, adjust: Adjust = lambda course: course) -> None:
        """Move the run that the move names. Raises NotFound, Conflict, Malformed and Unavailable."""
        for _ in range(ROUNDS):
            head, course = self.read(tenant, move.id)
            if self.move_from(tenant, head, course, move, adjust):
                return
        raise Unavailable("storage is busy")

    def read(self, tenant: str, generation_id: str) -> tuple[Head, Course]:
        """A run's head, and how far it has come. Raises NotFound, and Conflict for what is no run."""
        course = self._ports.courses.read(tenant, [generation_id]).get(generation_id)
        head = self._ports.store.heads(tenant, [generation_id]).get(generation_id)
        if head is None:
            raise NotFound("generation not found")
        if not head.is_run:
            raise Conflict("the generation is not a run: it was sent when it had ended")
        return head, _shown(head, course or begun(head))

    def move_from(
        self, tenant: str, head: Head, course: Course, move: Generation, adjust: Adjust = lambda course: course
    ) -> bool:
        """Whether the move was made on the course that was read, or is no news; if not, another one stands."""
        after = advance(course, move, self.kept(head, move), format_time(self._ports.clock.now()))
        if after is course:
            return True
        if move == blank(move.id):
            return self._ports.courses.save(tenant, move.id, after)
        self._check_limits(tenant, head, after)
        return written(self._ports, self._outgoing, tenant, head.id, adjust(after))

    def write(self, tenant: str, generation_id: str, course: Course) -> bool:
        """Whether a course was written after the one before it; that it has moved is then sure to be processed."""
        return written(self._ports, self._outgoing, tenant, generation_id, course)

    def kept(self, head: Head, move: Generation) -> Generation:
        """A move as it may be stored."""
        if head.purged_at:
            return bare(move)
        kept = self._redact(move, stored_json(move))
        if kept.content_dropped:
            log("redaction_failed", level="ERROR", generation_id=head.id)
        return kept

    def _check_limits(self, tenant: str, head: Head, after: Course) -> None:
        """Raise Malformed when the run would have more tags or dependencies than a generation may."""
        if not (after.overlay.tags or after.overlay.depends_on):
            return
        content = self._ports.store.contents(tenant, [head.ref]).get(head.id)
        if content is None:
            raise Unavailable("storage is busy")
        run = whole(from_stored_json(content), after)
        for name, number, most in (
            ("tags", len(run.tags), MOST_TAGS),
            ("depends_on", len(run.depends_on), MOST_DEPENDENCIES),
        ):
            if number > most:
                raise Malformed(f"{name} would be {number:,}, and may be at most {most:,}", meta={"field": name})


def written(ports: RunPorts, outgoing: Outgoing, tenant: str, generation_id: str, course: Course) -> bool:
    """Promise that a move is processed, make it, and hand the message over; says whether the move is known to be made.

    When others have moved the run more than once meanwhile, the first of these moves may be ours, its answer lost, and
    theirs of a kind that promises nothing. The message is then handed over all the same.
    """
    key = ports.new_key()
    message = RunMoved(
        tenant=tenant,
        generation_id=generation_id,
        received_ms=int(ports.clock.now().timestamp() * 1000),
        correlation_id=current_correlation_id() or key,
    )
    rows = list(outgoing.promise(PROCESS_QUEUE, {key: message.encode()}).values())
    saved = ports.courses.save(tenant, generation_id, course)
    needed = saved or _moved_since(ports.courses, tenant, generation_id, course)
    outgoing.hand_over(rows if needed else [], [] if needed else rows)
    return saved


def _moved_since(courses: Courses, tenant: str, generation_id: str, course: Course) -> bool:
    """Whether a later course than this one stands."""
    standing = courses.read(tenant, [generation_id]).get(generation_id)
    return standing is not None and standing.version > course.version


def begun(head: Head) -> Course:
    """The course of a run that has never moved."""
    return Course(last_activity_at=head.created_at)


def courses_of(courses: Courses, tenant: str, heads: Sequence[Head]) -> Mapping[str, Course]:
    """The course of each of the heads that is a run's; of one that is purged, what may stay of it."""
    runs = [head for head in heads if head.is_run]
    moved = courses.read(tenant, [head.id for head in runs]) if runs else {}
    return {head.id: _shown(head, moved.get(head.id) or begun(head)) for head in runs}


def _shown(head: Head, course: Course) -> Course:
    return muted(course) if head.purged_at else course
