"""A small world around the pipeline: clients that send, workers that die, time that passes; and its promises."""

from collections import Counter
from collections.abc import Sequence

from chalicelib.domain.content import canonical_json, content_hash
from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.generation import Generation, Message, ModelRef, Part
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.observability.metrics import Metrics
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.agents import Agents
from chalicelib.services.ingest import Ingest, IngestPorts, Outcome
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.messages import decode
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import CatalogKey, Head, Ports, Tally, Window
from chalicelib.services.process import Process, ProcessingPorts
from chalicelib.services.reading import Reading
from chalicelib.services.resend import WRITER_GONE_MS, Resend
from chalicelib.services.telemetry import Telemetry
from tests.contract.grounds import HASH_PREFIX, FakeGround, Ground, promised
from tests.fakes.clock import FixedClock
from tests.unit.services.watched import Dying, Hook, Killed, watched

LONGEST_CALM = 20
EVERYTHING = 1000


def quiet() -> Telemetry:
    """Telemetry that nobody reads."""
    return Telemetry(NullTracer(), Metrics("test", write=lambda _: None))


def generation(generation_id: str, text: str = "text", agent: str | None = "agent") -> Generation:
    """A small generation; its text is what makes its content differ."""
    return Generation(
        id=generation_id,
        source="sigil",
        agent_name=agent,
        conversation_id="conversation",
        trace_id="trace",
        model=ModelRef(provider="openai", name="gpt-4o-mini"),
        output=(Message(role="assistant", parts=(Part(text=text),)),),
    )


def processing_ports(ports: Ports) -> ProcessingPorts:
    """What processing uses of all ports."""
    return ProcessingPorts(
        store=ports.store,
        index=ports.index,
        lineage=ports.lineage,
        queue=ports.queue,
        catalog=ports.catalog,
        prices=ports.prices,
        clock=ports.clock,
        purge=ports.purge,
        courses=ports.courses,
        traces=ports.traces,
        conversations=ports.conversations,
    )


def reading_of(ports: Ports) -> Reading:
    """The use case that reads generations."""
    return Reading(ports.store, ports.index, Flags(ports.lineage, ports.store, ports.index), ports.courses)


class World:
    """One tenant's pipeline. Every process in it runs behind a hook of its own."""

    def __init__(self, ground: Ground | None = None, tenant: str = "tenant") -> None:
        self.ground = ground or FakeGround()
        self.tenant = tenant
        self.sent: list[Generation] = []
        self.acknowledged: dict[str, str] = {}
        self.waiting: list[str] = []

    @property
    def clock(self) -> FixedClock:
        clock = self.ground.ports.clock
        assert isinstance(clock, FixedClock)
        return clock

    def send(self, batch: Sequence[Generation], hook: Hook | None = None) -> list[Outcome] | None:
        """What a client is told; None when its request came to no good end."""
        ports = watched(self.ground.ports, hook or Dying())
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        ingest = Ingest(IngestPorts(ports.store, ports.clock, ports.new_key), outgoing, Redactor(Rules()), quiet())
        self.sent += batch
        try:
            outcomes = ingest(self.tenant, batch)
        except (Killed, Unavailable):
            return None
        accepted = zip(batch, outcomes, strict=True)
        self.acknowledged.update({each.id: hash_of(each) for each, outcome in accepted if outcome.accepted})
        return outcomes

    def process(self, body: str, hook: Hook | None = None) -> bool:
        """Whether a worker has come to the end of a message."""
        ports = watched(self.ground.ports, hook or Dying())
        narrowed = processing_ports(ports)
        try:
            Process(narrowed, quiet())(decode(body))
        except (Killed, Unavailable):
            return False
        return True

    def resend(self, hook: Hook | None = None) -> None:
        """One run of the schedule, dead or alive."""
        ports = watched(self.ground.ports, hook or Dying())
        try:
            Resend(ports.outbox, ports.queue, ports.clock, quiet(), EVERYTHING)()
        except (Killed, Unavailable):
            return

    def collect(self) -> list[str]:
        """The messages that are waiting to be processed."""
        self.waiting += [message.body for message in self.ground.take()]
        return self.waiting

    def work(self, hook: Hook | None = None) -> None:
        """Collect what waits, and work it off."""
        self.collect()
        self.work_off(hook)

    def work_off(self, hook: Hook | None = None) -> None:
        """Process each message that was collected once; what fails waits again."""
        bodies, self.waiting = self.waiting, []
        self.waiting += [body for body in bodies if not self.process(body, hook)]

    def calm_down(self, step_ms: int = WRITER_GONE_MS) -> None:
        """Let time pass until there is nothing left to do."""
        for _ in range(LONGEST_CALM):
            self.work()
            if not promised(self.ground) and not self.collect():
                return
            self.clock.advance(step_ms)
            self.resend()
        raise AssertionError("the outbox is never empty")

    def heads(self) -> dict[str, Head]:
        """The generations that exist."""
        return self.ground.ports.store.heads(self.tenant, {each.id for each in self.sent})

    def keeps_its_promises(self) -> bool:
        """Raises AssertionError with the promise that is broken."""
        heads = self.heads()
        standing = {hash_of(each): each for each in self.sent}
        present = [standing[head.content_hash] for head in heads.values()]
        assert self.acknowledged.items() <= {head.id: head.content_hash for head in heads.values()}.items()
        self._nothing_is_left_over(list(heads.values()))
        self._each_is_readable(present)
        self._each_is_listed_once(present)
        self._each_is_counted_once(present)
        self._their_trace_and_conversation_are_listed_once(present)
        return True

    def _nothing_is_left_over(self, heads: list[Head]) -> None:
        assert promised(self.ground) == []
        assert self.ground.payloads(self.tenant) == {(head.id, head.content_hash[:HASH_PREFIX]) for head in heads}
        assert self.ground.objects(self.tenant) == self.ground.named_objects(self.tenant)

    def _each_is_readable(self, present: list[Generation]) -> None:
        reading = reading_of(self.ground.ports)
        for each in present:
            resource = reading.one(self.tenant, each.id)
            assert resource["processing"]["state"] == "processed"
            assert resource["completion"] == each.output[0].parts[0].text

    def _each_is_listed_once(self, present: list[Generation]) -> None:
        everything = sorted(each.id for each in present)
        assert self._listed(None) == self._listed(("conversation", "conversation")) == everything
        for agent in {each.agent_name for each in self.sent if each.agent_name}:
            assert self._listed(("agent", agent)) == sorted(each.id for each in present if each.agent_name == agent)

    def _listed(self, key: tuple[str, str] | None) -> list[str]:
        positions = self.ground.ports.index.newest(self.tenant, key, Window(), EVERYTHING)
        return sorted(generation_id for _, generation_id in positions)

    def _each_is_counted_once(self, present: list[Generation]) -> None:
        version = effective_version("", ())
        wanted = Counter(each.agent_name or "" for each in present)
        counted = {CatalogKey(name, v): n for name, n in wanted.items() for v in (None, version)}
        tallies = self.ground.ports.catalog.tallies(self.tenant, list(counted))
        assert {key: tallies.get(key, Tally(0)).count for key in counted} == counted
        shown = Agents(self.ground.ports.catalog, self.ground.ports.store).page(self.tenant, None, EVERYTHING).items
        assert {each["agent_name"]: each["generation_count"] for each in shown} == wanted

    def _their_trace_and_conversation_are_listed_once(self, present: list[Generation]) -> None:
        listed = self.ground.ports.traces.newest(self.tenant, None, EVERYTHING)
        assert [name for _, name in listed] == (["trace"] if present else [])
        conversations = self.ground.ports.conversations.newest(self.tenant, None, EVERYTHING)
        assert [name for _, name in conversations] == (["conversation"] if present else [])
        assert self._listed(("trace", "trace")) == sorted(each.id for each in present)


def hash_of(each: Generation) -> str:
    """The hash that a generation's head names."""
    return content_hash(canonical_json(each))
