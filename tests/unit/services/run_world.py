"""One run, and all that is done with it."""

from chalicelib.domain.content import from_stored_json
from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.domain.lineage import HEALTHY, reasons
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.domain.run import DEFAULT_PATIENCE, Course, whole
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.abandoning import Abandoning
from chalicelib.services.ingest import NOBODY, Ingest, IngestPorts
from chalicelib.services.lineage.flag_messages import RunEnded, decode
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Ports, Window
from chalicelib.services.runs import RunPorts, Runs, begun
from tests.unit.services.watched import Dying, Hook, Killed, watched
from tests.unit.services.world import EVERYTHING, World, quiet

RUN = "run"
LATEST_MS = 10**13 - 1
OPENED = Generation(id=RUN, source="lifecycle", status="in_progress", agent_name="agent", depends_on=("p",))


class RunWorld(World):
    """One run, and all that is done with it."""

    def ports(self, hook: Hook | None) -> Ports:
        return watched(self.ground.ports, hook or Dying())

    def runs(self, hook: Hook | None) -> Runs:
        ports = self.ports(hook)
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        redactor = Redactor(Rules())
        ingest = Ingest(IngestPorts(ports.store, ports.clock, ports.new_key), outgoing, redactor, quiet())
        return Runs(RunPorts(ports.store, ports.courses, ports.clock, ports.new_key), ingest, outgoing, redactor)

    def open(self, hook: Hook | None = None) -> bool:
        try:
            self.runs(hook).open(self.tenant, OPENED, NOBODY)
        except (Killed, Unavailable):
            return False
        return True

    def move(self, move: Generation, hook: Hook | None = None) -> bool | None:
        """Whether the move was taken; None when its process has died."""
        try:
            self.runs(hook).move(self.tenant, move)
        except Killed:
            return None
        except Conflict:
            return False
        return True

    def abandon(self, hook: Hook | None = None) -> int | None:
        ports = self.ports(hook)
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        narrowed = RunPorts(ports.store, ports.courses, ports.clock, ports.new_key)
        try:
            return Abandoning(narrowed, outgoing, DEFAULT_PATIENCE, quiet(), EVERYTHING)()
        except (Killed, Unavailable):
            return None

    @property
    def course(self) -> Course:
        ports = self.ground.ports
        return ports.courses.read(self.tenant, [RUN]).get(RUN) or begun(ports.store.heads(self.tenant, [RUN])[RUN])

    def is_listed_as_it_is(self) -> bool:
        """Raises AssertionError where entry, lists, edges, failure or watch do not follow from the course."""
        ports, course = self.ground.ports, self.course
        head = ports.store.heads(self.tenant, [RUN])[RUN]
        run = whole(from_stored_json(ports.store.contents(self.tenant, [head.ref])[RUN]), course)
        entry = ports.index.entries(self.tenant, [(head.listed_at, RUN)])[RUN]
        shown = {name: entry.get(name) for name in ("status", "tags", "completed_at", "depends_on")}
        assert shown == {
            "status": course.status,
            "tags": run.tags or None,
            "completed_at": run.completed_at,
            "depends_on": list(run.depends_on),
        }
        self._stands_in_its_list(course)
        assert self.ground.edges(self.tenant) == {(parent, RUN) for parent in run.depends_on}
        assert self.fails() == (course.status == "failed")
        assert course.ended or self.is_watched()
        return True

    def _stands_in_its_list(self, course: Course) -> None:
        for status in ("in_progress", "requires_action", "failed"):
            found = self.ground.ports.index.newest(self.tenant, ("status", status), Window(), 9)
            assert found or status != course.status
            assert not found or status == course.status or not course.ended

    def is_watched(self) -> bool:
        return any(watch.generation_id == RUN for watch in self.ground.ports.courses.due(LATEST_MS, EVERYTHING))

    def fails(self) -> bool:
        """What the flag queue's messages come to, the last first."""
        lineage = self.ground.ports.lineage
        for message in reversed(self.ground.take(FLAG_QUEUE)):
            told = decode(message.body)
            if isinstance(told, RunEnded):
                lineage.apply_course(self.tenant, told.generation_id, told.failed_at, told.version)
        return reasons(lineage.states(self.tenant, [RUN]).get(RUN, HEALTHY)) != []


def opened() -> RunWorld:
    """A run that is under way and processed."""
    world = RunWorld()
    assert world.open()
    world.work()
    return world
