"""Write what an attempt has come to. The answer is paid for: it is written as long as there is anybody to write it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.attempt import end
from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.domain.run import Course
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import log, log_exception
from chalicelib.services.ports import Clock, Courses
from chalicelib.services.running.answer import UNREADABLE, Answer, failed
from chalicelib.services.running.standing import Turn
from chalicelib.services.runs import ROUNDS, Runs

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 4.0
"""Between two tries to write an outcome while storage is away."""

Adjust = Callable[[Course, Generation], Course]
"""What else changes with the end of an attempt, given the course and the outcome as it may be stored."""
Write = Callable[[str, str, Course], bool]


class Landing:
    """Ends attempts."""

    def __init__(self, runs: Runs, courses: Courses, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._runs = runs
        self._courses = courses
        self._clock = clock
        self._sleep = sleep

    def __call__(self, turn: Turn, number: int, answer: Answer) -> None:
        """The outcome as a move; one that cannot be written because of what is in it fails the run instead."""
        try:
            self._insist(turn, lambda: self._moved(turn, number, answer))
        except Unavailable:
            raise
        except Exception as fault:  # noqa: BLE001 - the answer is there: its attempt has to end, whatever is in it
            unwritable = broken(turn, fault, answer.status_code)
            billed = unwritable.move.model_copy(update={"usage": answer.move.usage})
            self._insist(turn, lambda: self._moved(turn, number, replace(unwritable, move=billed)))

    def _moved(self, turn: Turn, number: int, answer: Answer) -> None:
        at = format_time(self._clock.now())

        def with_outcome(course: Course) -> Course:
            error = course.overlay.call_error
            return replace(course, attempts=end(course.attempts, number, at, answer.status_code, error))

        try:
            self._runs.move(turn.tenant, answer.move, with_outcome)
        except Conflict:
            log("run_outcome_late", level="WARNING", tenant=turn.tenant, generation_id=turn.standing.head.id)
            self._note(turn, number, answer)

    def close(self, turn: Turn, number: int, answer: Answer) -> None:
        """The outcome of an attempt that another one follows."""
        at = format_time(self._clock.now())
        ended = self._ended(turn, number, answer, lambda course, _: replace(course, last_activity_at=at))
        self._insist(turn, lambda: ended(self._courses.save))

    def _note(self, turn: Turn, number: int, answer: Answer) -> None:
        """The outcome of an attempt during which a client has moved the run: its word stands, but it has cost."""

        def noted(course: Course, kept: Generation) -> Course:
            untouched = course.overlay.usage in (None, turn.before.usage)
            usage = kept.usage if untouched else course.overlay.usage
            return replace(course, overlay=course.overlay.model_copy(update={"usage": usage}))

        self._ended(turn, number, answer, noted)(self._runs.write)

    def _ended(self, turn: Turn, number: int, answer: Answer, adjust: Adjust) -> Callable[[Write], None]:
        """What writes how an attempt has ended, and of the run only what `adjust` changes."""
        own_id, at = turn.standing.head.id, format_time(self._clock.now())

        def with_write(write: Write) -> None:
            for _ in range(ROUNDS):
                head, course = self._runs.read(turn.tenant, own_id)
                kept = self._runs.kept(head, answer.move)
                attempts = end(course.attempts, number, at, answer.status_code, kept.call_error)
                after = replace(adjust(course, kept), version=course.version + 1, attempts=attempts)
                if write(turn.tenant, own_id, after):
                    return
            raise Unavailable("storage is busy")

        return with_write

    def _insist(self, turn: Turn, write: Callable[[], None]) -> None:
        """Write, again and again while storage is away, as long as this process can be alive: an answer costs money."""
        left = (turn.until - self._clock.now()).total_seconds()
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return write()
            except Unavailable:
                left -= pause
                if left <= 0 or self._clock.now() + timedelta(seconds=pause) >= turn.until:
                    raise
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def broken(turn: Turn, fault: Exception, status_code: int | None = None) -> Answer:
    """What a fault of ours comes to that nobody thought of."""
    own_id = turn.standing.head.id
    log_exception("run_answer_unreadable", fault, tenant=turn.tenant, generation_id=own_id)
    meta = {} if status_code is None else {"provider_status_code": status_code}
    return Answer(failed(own_id, UNREADABLE, meta=meta), status_code)
