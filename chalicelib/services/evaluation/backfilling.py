"""Have an evaluator judge what is there already: page by page, newest first, at a bounded rate.

Each message does one page: hands out what the evaluator wants of it, saves the position, and sends the next message. A
backfill that has gone silent, because a message was lost or died half way, is woken by the schedule; a page done twice
judges nothing twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from math import ceil

from chalicelib.domain.errors import Conflict, NotFound, Unavailable
from chalicelib.domain.evaluator import Evaluator, Filter
from chalicelib.domain.resource import expand
from chalicelib.domain.times import format_time, to_datetime
from chalicelib.observability.logs import current_correlation_id, log
from chalicelib.services.evaluation.due import wanted_by
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE, BackfillGoesOn, judge_messages
from chalicelib.services.evaluation.evaluator_sets import KNOWN_FOR
from chalicelib.services.filters import Filters
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import (
    Backfill,
    Backfills,
    BackfillState,
    Clock,
    Evaluators,
    GenerationIndex,
    Keys,
    Queue,
    Window,
)

PAGE = 200
SECONDS_OF_A_PAGE = 10
SKEW = timedelta(seconds=5)
"""By which clocks of processes may differ."""
MOST_WAIT_SECONDS = 60
WAKE = timedelta(minutes=2)
MOST_WOKEN = 1_000
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class BackfillWanted:
    """What a client asks for; `rate` is how many generations are handed out per second."""

    since: str | None
    until: str | None
    filter: Filter
    rate: int


@dataclass(frozen=True, slots=True)
class BackfillingPorts:
    """What backfilling reads and writes."""

    evaluators: Evaluators
    backfills: Backfills
    index: GenerationIndex
    queue: Queue
    clock: Clock
    new_key: Keys


class Backfilling:
    """The use cases behind `/evaluators/{evaluator_id}/backfill`, its messages and its schedule."""

    def __init__(self, ports: BackfillingPorts, outgoing: Outgoing, indexed_tags: tuple[str, ...]) -> None:
        self._ports = ports
        self._outgoing = outgoing
        self._indexed_tags = indexed_tags

    def start(self, tenant: str, evaluator_id: str, wanted: BackfillWanted) -> Backfill:
        """Begin one, once every process knows the evaluator as it is now: what was processed until then is listed, and
        what is processed later is judged anyway. Unless asked otherwise, it covers all of what is there by then.

        Raises NotFound, and Conflict while the evaluator is disabled or another one is running.
        """
        evaluator = self._ports.evaluators.get(tenant, evaluator_id)
        if evaluator is None:
            raise NotFound("evaluator not found")
        if not evaluator.enabled:
            raise Conflict("the evaluator is disabled")
        now, wait = self._ports.clock.now(), self._until_known(evaluator)
        started_at = format_time(now)
        backfill = Backfill(
            id=self._ports.new_key(),
            evaluator_id=evaluator_id,
            since=wanted.since,
            until=wanted.until or format_time(now + timedelta(seconds=wait)),
            filter=wanted.filter,
            rate=wanted.rate,
            started_at=started_at,
            updated_at=started_at,
            due_ms=self._due_ms(wait),
        )
        if not self._ports.backfills.start(tenant, backfill):
            raise Conflict("a backfill of this evaluator is running", code="BACKFILL_RUNNING")
        log("backfill_started", tenant=tenant, evaluator_id=evaluator_id, backfill_id=backfill.id)
        self._ports.queue.send(EVALUATE_QUEUE, [self._message(tenant, backfill)], delay_s=wait, group=tenant)
        return backfill

    def get(self, tenant: str, evaluator_id: str) -> Backfill:
        """The latest one. Raises NotFound."""
        backfill = self._ports.backfills.get(tenant, evaluator_id)
        if backfill is None:
            raise NotFound("the evaluator has no backfill")
        return backfill

    def stop(self, tenant: str, evaluator_id: str) -> Backfill:
        """End it after the page in hand at the latest; one that has ended stays as it is. Raises NotFound."""
        for _ in range(ROUNDS):
            backfill = self.get(tenant, evaluator_id)
            if backfill.state != "running":
                return backfill
            stopped = self._moved(backfill, "stopped")
            if self._ports.backfills.save(tenant, stopped):
                return self._ended(tenant, stopped)
        raise Unavailable("storage is busy")

    def go_on(self, message: BackfillGoesOn) -> None:
        """Do one page. Raises Unavailable to be called again."""
        tenant = message.tenant
        backfill = self._ports.backfills.get(tenant, message.evaluator_id)
        if backfill is None or (backfill.id, backfill.step) != (message.backfill_id, message.step):
            return
        evaluator = self._ports.evaluators.get(tenant, message.evaluator_id)
        if backfill.state != "running":
            return
        if evaluator is None or not evaluator.enabled:
            stopped = self._moved(backfill, "stopped")
            if self._ports.backfills.save(tenant, stopped):
                self._ended(tenant, stopped)
            return
        moved, handed_out = self._page(message, backfill, evaluator)
        delay = ceil(handed_out / backfill.rate)
        moved = replace(moved, due_ms=self._due_ms(delay))
        if not self._ports.backfills.save(tenant, moved):
            return
        if moved.state == "running":
            self._ports.queue.send(EVALUATE_QUEUE, [self._message(tenant, moved)], delay_s=delay, group=tenant)
        else:
            self._ended(tenant, moved)

    def wake(self) -> int:
        """Send on what has been silent for too long; gives how many. Raises Unavailable."""
        now_ms = int(self._ports.clock.now().timestamp() * 1000)
        due = self._ports.backfills.due(now_ms, MOST_WOKEN)
        for tenant, one in due:
            self._outgoing.send(EVALUATE_QUEUE, [self._message(tenant, one)], group=tenant)
        return len(due)

    def _until_known(self, evaluator: Evaluator) -> int:
        """Seconds until no process goes by an earlier version."""
        known = to_datetime(evaluator.created_at) + KNOWN_FOR + SKEW
        seconds = ceil((known - self._ports.clock.now()).total_seconds())
        return min(max(0, seconds), MOST_WAIT_SECONDS)

    def _page(self, cause: BackfillGoesOn, backfill: Backfill, evaluator: Evaluator) -> tuple[Backfill, int]:
        """Hand out what is wanted of the next page; gives the backfill behind it, and how many were handed out."""
        tenant, size = cause.tenant, _page_size(backfill.rate)
        asked = _fields(backfill.filter)
        filters = Filters(asked, backfill.filter.tags, self._indexed_tags)
        # Whatever both filters let through stands in the narrowest list of either.
        of_both = Filters(
            {**_fields(evaluator.filter), **asked},
            {**evaluator.filter.tags, **backfill.filter.tags},
            self._indexed_tags,
        )
        window = Window(backfill.after, backfill.since, backfill.until)
        positions = self._ports.index.newest(tenant, of_both.best_list(), window, size)
        summaries = [expand(one) for one in self._ports.index.entries(tenant, positions).values()]
        wanted = [str(one["id"]) for one in summaries if filters.match(one) and wanted_by([evaluator], one)]
        bodies = judge_messages(tenant, cause.correlation_id, wanted, [evaluator.id])
        self._outgoing.send(EVALUATE_QUEUE, bodies, group=tenant)
        moved = replace(
            self._moved(backfill, "running" if len(positions) == size else "done"),
            after=positions[-1] if positions else backfill.after,
            examined=backfill.examined + len(positions),
            queued=backfill.queued + len(wanted),
        )
        return moved, len(wanted)

    def _moved(self, backfill: Backfill, state: BackfillState) -> Backfill:
        return replace(backfill, step=backfill.step + 1, state=state, updated_at=self._now())

    def _ended(self, tenant: str, backfill: Backfill) -> Backfill:
        log("backfill_ended", tenant=tenant, evaluator_id=backfill.evaluator_id, state=backfill.state)
        return backfill

    def _message(self, tenant: str, backfill: Backfill) -> str:
        return BackfillGoesOn(
            tenant=tenant,
            correlation_id=current_correlation_id() or backfill.id,
            evaluator_id=backfill.evaluator_id,
            backfill_id=backfill.id,
            step=backfill.step,
        ).encode()

    def _due_ms(self, delay: int = 0) -> int:
        return int((self._ports.clock.now() + timedelta(seconds=delay) + WAKE).timestamp() * 1000)

    def _now(self) -> str:
        return format_time(self._ports.clock.now())


def _page_size(rate: int) -> int:
    """Rows that are read at once: what takes some seconds to hand out, and never less than what one second takes."""
    return min(max(PAGE, rate), rate * SECONDS_OF_A_PAGE)


def _fields(wanted: Filter) -> Mapping[str, str]:
    """A filter's plain fields that say something."""
    names = (each.name for each in fields(wanted) if each.name != "tags")
    return {name: value for name in names if (value := getattr(wanted, name)) is not None}
