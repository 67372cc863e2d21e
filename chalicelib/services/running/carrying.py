"""Carry a run on: one request to its provider, recorded before it is made, and its outcome as a move.

A request that nobody recorded is never made, and one whose outcome is unknown is never made again in silence: whoever
finds it waits until nobody can be at it any more, then fails the run, or lists a further attempt where the operator
wants that. The provider is asked what the record holds, so that any process can carry a run on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.asking import Request, request_of
from chalicelib.domain.attempt import begin, unfinished
from chalicelib.domain.content import from_stored_json
from chalicelib.domain.errors import Conflict, Malformed, NotFound, Unavailable
from chalicelib.domain.generation import Generation, Message, Part
from chalicelib.domain.provider import Provider, ProviderReply, ProviderUnreachable, may_retry, wait_before
from chalicelib.domain.run import blank, interrupt
from chalicelib.domain.times import format_time, to_datetime
from chalicelib.observability.logs import log
from chalicelib.services.ports import Clock, Courses, GenerationStore, Providers, Watch
from chalicelib.services.running.answer import UNREADABLE, Answer, failed, read_answer
from chalicelib.services.running.landing import Landing, broken
from chalicelib.services.running.standing import Budget, Standing, Turn
from chalicelib.services.runs import ROUNDS, Runs

MOST_ATTEMPTS = 200
DEPTH_REACHED = "The run was not started: the maximum call depth is reached."
DEPTH_GUARD = "depth_guard"
TIMED_OUT = "RUN_TIMEOUT"
LEAST_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class CarryingPorts:
    """What carrying a run on uses, beside moving it."""

    store: GenerationStore
    courses: Courses
    providers: Providers
    clock: Clock
    sleep: Callable[[float], None]


class Busy(Conflict):
    """Somebody else is carrying the run on, or may be."""

    code = "GENERATION_ALREADY_IN_PROGRESS"


class Carrying:
    """Carries runs on until they wait for their caller or have ended."""

    def __init__(
        self, runs: Runs, ports: CarryingPorts, configured: Mapping[str, Provider], *, retry_interrupted: bool
    ) -> None:
        self._runs = runs
        self._ports = ports
        self._landing = Landing(runs, ports.courses, ports.clock, ports.sleep)
        self._configured = configured
        self._retry_interrupted = retry_interrupted

    def read(self, tenant: str, generation_id: str) -> Standing:
        """How a run stands. Raises NotFound, also for what is no run of ours, and Unavailable."""
        try:
            return self.taking(tenant, generation_id)
        except Conflict:
            raise NotFound("generation not found") from None

    def taking(self, tenant: str, generation_id: str) -> Standing:
        """The run that has taken an id. Raises NotFound of a free one, Conflict where it is no run of ours."""
        head, course = self._runs.read(tenant, generation_id)
        content = self._ports.store.contents(tenant, [head.ref]).get(head.id)
        if content is None:
            raise Unavailable("storage is busy")
        opened = from_stored_json(content)
        if opened.plan is None:
            raise Conflict("the generation is not made here")
        return Standing(head, opened, opened.plan, course)

    def __call__(self, tenant: str, generation_id: str, budget: Budget, since: datetime | None = None) -> Standing:
        """Carry a run on; its time counts from now, or `since` an earlier moment.

        Raises Busy while somebody else may be at it, NotFound and Unavailable.
        """
        deadline = (since or self._ports.clock.now()) + timedelta(seconds=budget.seconds)
        made = 0
        for _ in range(ROUNDS):
            standing = self.read(tenant, generation_id)
            if standing.course.status != "in_progress":
                return standing
            turn = Turn(tenant, standing, deadline, budget)
            provider = self._configured.get(standing.plan.provider)
            if self._settled(turn, provider) or provider is None:
                continue
            request = self._request(turn, provider)
            if request is not None and self._claimed(turn):
                made += 1
                self._make(turn, provider, request, made)
        raise Unavailable("storage is busy")

    def _settled(self, turn: Turn, provider: Provider | None) -> bool:
        """Whether there is nothing to ask any more; the run is then to be read again."""
        head, course = turn.standing.head, turn.standing.course
        now = self._ports.clock.now()
        attempt = unfinished(course.attempts)
        if attempt and to_datetime(attempt.until) > now:
            raise Busy("the run is being carried on", meta=turn.standing.ids)
        if attempt and not self._retry_interrupted:
            if self._runs.write(turn.tenant, head.id, interrupt(course, format_time(now))):
                log("run_interrupted", level="WARNING", tenant=turn.tenant, generation_id=head.id)
            return True
        move = _end(turn, provider, timed_out=now >= turn.deadline)
        if move is not None:
            self._runs.move_from(turn.tenant, head, course, move)
        return move is not None

    def _claimed(self, turn: Turn) -> bool:
        """Whether this process, and no other, makes the next request. The run is looked after when nobody can be."""
        own_id, course, at = turn.standing.head.id, turn.standing.course, format_time(self._ports.clock.now())
        attempts = begin(course.attempts, at, format_time(turn.until))
        claimed = replace(course, version=course.version + 1, last_activity_at=at, attempts=attempts)
        if not self._retry_interrupted:
            self._ports.courses.watch([Watch(turn.tenant, own_id, int(turn.until.timestamp() * 1000))])
        return self._ports.courses.save(turn.tenant, own_id, claimed)

    def _request(self, turn: Turn, provider: Provider) -> Request | None:
        """What is to be asked; None of a run that has failed because it cannot be."""
        opened, course = turn.standing.opened, turn.standing.course
        model = (opened.model.name if opened.model else None) or ""
        try:
            return request_of(provider.api, model, opened, turn.before.said)
        except Malformed as fault:
            move = failed(turn.standing.head.id, fault.message, "RUN_NOT_ASKABLE")
            self._runs.move_from(turn.tenant, turn.standing.head, course, move)
            return None

    def _make(self, turn: Turn, provider: Provider, request: Request, made: int) -> None:
        """The request that was claimed, and what comes of it."""
        number = len(turn.standing.course.attempts) + 1
        outcome, answer = self._asked(turn, provider, request)
        retry_after = outcome.retry_after if isinstance(outcome, ProviderReply) else None
        wait = wait_before(made + 1, retry_after, self._left(turn)) if answer.error and may_retry(outcome) else None
        if wait is None:
            self._landing(turn, number, answer)
            return
        self._landing.close(turn, number, answer)
        self._ports.sleep(wait)

    def _left(self, turn: Turn) -> float:
        return (turn.deadline - self._ports.clock.now()).total_seconds()

    def _asked(
        self, turn: Turn, provider: Provider, request: Request
    ) -> tuple[ProviderReply | ProviderUnreachable, Answer]:
        """What the provider said or why it did not, and what that comes to."""
        own_id = turn.standing.head.id
        seconds = max(self._left(turn), LEAST_SECONDS)
        try:
            reply = self._ports.providers.ask(provider, request.path, request.content, seconds)
        except ProviderUnreachable as fault:
            if fault.timed_out and self._left(turn) <= 0:
                return fault, Answer(failed(own_id, turn.budget.used_up, TIMED_OUT))
            return fault, Answer(failed(own_id, f"Provider request failed: {fault.message}"))
        except Unavailable as fault:
            message = f"Provider request failed: {fault.message}"
            return ProviderUnreachable(fault.message, asked=False), Answer(failed(own_id, message))
        except Exception as fault:  # noqa: BLE001 - the request may have been made: its attempt has to end
            return ProviderUnreachable(UNREADABLE, asked=True), broken(turn, fault)
        try:
            return reply, read_answer(own_id, provider, request.path, reply, turn.before)
        except Exception as fault:  # noqa: BLE001 - an answer that nobody thought of fails its run, and no other
            return reply, broken(turn, fault, reply.status_code)


def _end(turn: Turn, provider: Provider | None, *, timed_out: bool) -> Generation | None:
    """The move of a run that ends without a further request."""
    standing = turn.standing
    own_id = standing.head.id
    if standing.head.purged_at or standing.opened.content_dropped:
        return failed(own_id, "the content of the run is gone", "CONTENT_GONE")
    if standing.plan.max_call_depth <= 0:
        said = Message(role="assistant", parts=(Part(text=DEPTH_REACHED),))
        return blank(own_id, status="completed", stop_reason=DEPTH_GUARD, output=(said,), completion=DEPTH_REACHED)
    if len(standing.course.attempts) >= MOST_ATTEMPTS:
        return failed(own_id, f"the run has asked its provider {MOST_ATTEMPTS} times", "RUN_TOO_LONG")
    if provider is None:
        return failed(own_id, "Provider request failed: the provider is not configured any more")
    return failed(own_id, turn.budget.used_up, TIMED_OUT) if timed_out else None
