"""The real use cases over simulated ports: workers that take messages, die, and take them again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from chalicelib.adapters.dynamodb.generations import DynamoGenerations
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.lineage import DynamoLineage
from chalicelib.adapters.dynamodb.outbox import DynamoOutbox
from chalicelib.adapters.dynamodb.runs import DynamoCourses
from chalicelib.adapters.dynamodb.scores import DynamoScores
from chalicelib.domain.extraction import Reading
from chalicelib.domain.generation import Generation
from chalicelib.observability.metrics import Metrics
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.ingest import PROCESS_QUEUE
from chalicelib.services.lineage.flag_messages import decode
from chalicelib.services.lineage.flagging import FLAG_QUEUE, Flagging, FlaggingPorts
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.lineage.scoring import Scoring
from chalicelib.services.lineage.waiving import Waiving
from chalicelib.services.lineage.walk import Walker
from chalicelib.services.messages import GenerationsStored, ProcessMessage, RunMoved
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Change, Entry, Head
from chalicelib.services.process import Process, ProcessingPorts
from chalicelib.services.resend import Resend
from chalicelib.services.runs import courses_of
from chalicelib.services.stored import Stored
from chalicelib.services.telemetry import Telemetry
from tests.lineage.plans import Made, Move, Plan, Waiver
from tests.lineage.runs import LONG, Contents, Names, RunSide
from tests.lineage.scheduler import Scheduler
from tests.lineage.table import MemoryTable

TENANT = "t"
BEGINNING = datetime(2026, 2, 1, tzinfo=UTC)
SLICE = timedelta(seconds=61)
RESEND_LIMIT = 1000


@dataclass(frozen=True)
class Variant:
    """Which code runs: the real one, or a mutant of one part of it."""

    walker: type[Walker] = Walker
    flagging: type[Flagging] = Flagging
    process: type[Process] = Process
    lineage: type[DynamoLineage] = DynamoLineage
    table: type[MemoryTable] = MemoryTable
    index: type[DynamoIndex] = DynamoIndex
    courses: type[DynamoCourses] = DynamoCourses
    deletes_first: bool = False


class Clock:
    """Stands still but for jumps past the end of a slice, after a task has had time for at least one step of a walk."""

    def __init__(self, scheduler: Scheduler, hurry: float) -> None:
        self._scheduler = scheduler
        self._hurry = hurry
        self.base = BEGINNING

    def now(self) -> datetime:
        """A task's own time."""
        task = self._scheduler.current
        task.calls += 1
        late = task.calls > 3 and self._scheduler.rng.random() < self._hurry
        return self.base + SLICE if late else self.base


@dataclass(frozen=True)
class FixedClock:
    """The time of one decision, however often its request is sent."""

    at: str

    def now(self) -> datetime:
        """That time."""
        return datetime.fromisoformat(self.at)


class Message:
    """One message of a queue. It goes when it is done with, and may be handed out again all the same."""

    def __init__(self, work: Callable[["Side"], object]) -> None:
        self.work = work


@dataclass(frozen=True)
class Request:
    """One request of a client, who may insist on an answer or go away when there is none."""

    work: Callable[["Side"], object]
    insists: bool


class MemoryQueue:
    """The `Queue` and `WalkStore` ports."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._parts: dict[str, bytes] = {}
        self.waiting: list[Message] = []
        self.readers: dict[str, Callable[[str, Side], object]] = {FLAG_QUEUE: _flagged}

    def send(
        self,
        queue: str,
        bodies: Sequence[str],
        trace_header: str | None = None,  # noqa: ARG002 - nobody traces
        *,
        delay_s: int = 0,  # noqa: ARG002 - the schedule decides when
        group: str | None = None,  # noqa: ARG002 - one tenant
    ) -> list[bool]:
        """Body by body."""
        for body in bodies:
            self._scheduler.point()
            self.waiting.append(Message(partial(self.readers[queue], body)))
        self._scheduler.point()
        return [True] * len(bodies)

    def save(self, tenant: str, part: bytes) -> str:  # noqa: ARG002 - one tenant
        """Named by number."""
        self._scheduler.point()
        name = str(len(self._parts))
        self._parts[name] = part
        return name

    def load(self, name: str) -> bytes:
        """The part."""
        self._scheduler.point()
        return self._parts[name]


class Side:
    """The use cases of one process: what it remembers, others do not."""

    def __init__(self, world: "World", variant: Variant) -> None:
        tracer = NullTracer()
        telemetry = Telemetry(tracer, Metrics("flag", write=lambda _: None))
        table, queue, clock = world.table, world.queue, world.clock
        self.index = variant.index(table)
        self.lineage = variant.lineage(table)
        self.scores = DynamoScores(table)
        self.outgoing = Outgoing(DynamoOutbox(table), queue, clock, tracer)
        self.scoring = Scoring(self.scores, self.lineage, self.outgoing, world.new_key, _as_it_is)
        self.new_key = world.new_key
        store = DynamoGenerations(table, cast("Any", None), 0)
        ports = FlaggingPorts(store, self.lineage, self.scores, queue, queue, clock)
        walker = variant.walker(self.lineage, clock, table.in_parallel)
        self.flagging = variant.flagging(ports, walker, world.announce, tracer, flag_failed_runs=True)
        nothing = cast("Any", None)
        processing = ProcessingPorts(
            store, self.index, self.lineage, queue, nothing, nothing, clock, nothing, nothing, nothing, courses=nothing
        )
        self.process = variant.process(processing, telemetry)
        self.resend = Resend(DynamoOutbox(table), queue, clock, telemetry, RESEND_LIMIT)
        self.flags = Flags(self.lineage, store, self.index)
        self.store = store
        contents = Contents(store, world.opened)
        courses = variant.courses(table, cast("Any", Names()), LONG, world.new_key)
        self.runs = RunSide(courses, contents, clock, world.new_key, self.outgoing, telemetry)


class World:
    """Everything that a schedule runs on."""

    def __init__(self, scheduler: Scheduler, plan: Plan, variant: Variant, hurry: float) -> None:
        self.scheduler = scheduler
        self.table = variant.table(scheduler)
        self.clock = Clock(scheduler, hurry)
        self.queue = MemoryQueue(scheduler)
        self.announced: list[tuple[str, Change]] = []
        self._keys = 0
        self._made = {made.generation_id: made for chunk in plan.chunks for made in chunk}
        self.opened = {one: generation_of(made) for one, made in self._made.items()}
        self.sides = [Side(self, variant), Side(self, variant)]
        self.requests = [
            *(Request(self._scoring(request), insists=scheduler.rng.random() < 0.7) for request in plan.requests),
            *(Request(self._waiving(waiver), insists=True) for waiver in plan.waivers),
            *(Request(self._moving(move), insists=scheduler.rng.random() < 0.7) for move in plan.moves),
        ]
        self.queue.readers[PROCESS_QUEUE] = self._moved
        self.queue.waiting += [self._generations(chunk) for chunk in plan.chunks]
        scheduler.rng.shuffle(self.requests)

    def new_key(self) -> str:
        """The next key."""
        self._keys += 1
        return f"{self._keys:026d}"

    def announce(self, tenant: str, root: str, change: Change) -> None:  # noqa: ARG002 - one tenant
        """Remember what was told."""
        self.scheduler.point()
        self.announced.append((root, change))

    def _generations(self, chunk: Sequence[Made]) -> Message:
        """A message of the process queue. The heads are there, since they are what the message tells of."""
        self.sides[0].store.commit(TENANT, [head_of(made) for made in chunk])
        return Message(lambda side: self._processed(side, GenerationsStored(TENANT, "owner", (), 0, "cause"), chunk))

    def _moved(self, body: str, side: Side) -> None:
        """A message that a run has moved."""
        message = RunMoved.decode(body)
        self._processed(side, message, [self._made[message.generation_id]])

    def _processed(self, side: Side, message: ProcessMessage, chunk: Sequence[Made]) -> None:
        """What processing does about lineage and lists."""
        heads = [head_of(made) for made in chunk]
        courses = courses_of(side.runs.courses, TENANT, heads)
        known = [Stored(head, Reading(self.opened[head.id], "not_applicable"), courses.get(head.id)) for head in heads]
        side.process._link(message, known)
        side.index.put(TENANT, [entry_of(one) for one in known])

    def _moving(self, move: Move) -> Callable[[Side], object]:
        return lambda side: side.runs.move(TENANT, move)

    def _scoring(self, request: Sequence[Any]) -> Callable[[Side], object]:
        return lambda side: side.scoring(TENANT, request)

    def _waiving(self, waiver: Waiver) -> Callable[[Side], object]:
        """Its time is that of the decision, however often the request is sent."""
        return lambda side: Waiving(side.outgoing, FixedClock(waiver.at), side.new_key)(
            TENANT, waiver.generation_id, waived=waiver.waived, reason="known"
        )


def _flagged(body: str, side: Side) -> None:
    side.flagging(decode(body))


def _as_it_is(value: object) -> object:
    """No redaction."""
    return value


def listed_at(generation_id: str) -> str:
    """Where a generation stands in lists: not in the order of the graph, and twice the same."""
    return f"2026-01-02T00:00:00.00000{ord(generation_id) * 7 % 9}Z"


def head_of(made: Made) -> Head:
    """Its commit."""
    at = listed_at(made.generation_id)
    return Head(made.generation_id, "hash", "owner", 0, at, at, 1, is_run=made.is_run)


def generation_of(made: Made) -> Generation:
    """Its content."""
    error = "no answer" if made.failed_at else None
    return Generation(
        id=made.generation_id,
        source="lifecycle" if made.is_run else "sigil",
        status="in_progress" if made.is_run else None,
        depends_on=made.depends_on,
        call_error=error,
        completed_at=made.failed_at,
    )


def entry_of(stored: Stored) -> Entry:
    """As it is listed."""
    generation = stored.generation
    summary = {"id": generation.id, "depends_on": list(generation.depends_on), "status": generation.status}
    return Entry(generation.id, listed_at(generation.id), summary, version=stored.version)
