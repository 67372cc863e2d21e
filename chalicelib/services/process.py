"""Process stored generations: version, cost, edges, catalog, and at last the entry that makes them listed.

Every step may be repeated, by this worker or another one, at the same time or later, and changes nothing more. The
entry comes last: a generation whose entry exists has everything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.content import from_stored_json
from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.extraction import Reading, read_exchange
from chalicelib.domain.generation import Generation
from chalicelib.domain.resource import Findings
from chalicelib.domain.run import DEFAULT_PATIENCE, Patience
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import log_exception
from chalicelib.services import sightings
from chalicelib.services.consequences import ended_messages, failed_messages, linked_messages, purge_messages
from chalicelib.services.entries import entry_of
from chalicelib.services.evaluation.due import Due, nothing_due
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.messages import GenerationsStored, ProcessMessage, RunMoved
from chalicelib.services.ports import (
    Catalog,
    Clock,
    Conversations,
    Courses,
    Edge,
    GenerationIndex,
    GenerationStore,
    Head,
    Lineage,
    Prices,
    Purge,
    Queue,
    Traces,
    Watch,
)
from chalicelib.services.pricing import cost_of
from chalicelib.services.purge_messages import PURGE_QUEUE
from chalicelib.services.runs import courses_of
from chalicelib.services.sightings import Sighting
from chalicelib.services.stored import Stored
from chalicelib.services.telemetry import Telemetry

UNREADABLE = "the stored content cannot be read"


@dataclass(frozen=True, slots=True)
class ProcessingPorts:
    """What processing reads and writes."""

    store: GenerationStore
    index: GenerationIndex
    lineage: Lineage
    queue: Queue
    catalog: Catalog
    prices: Prices
    clock: Clock
    purge: Purge
    traces: Traces
    conversations: Conversations
    courses: Courses


class Process:
    """The use case behind the process queue."""

    def __init__(
        self,
        ports: ProcessingPorts,
        telemetry: Telemetry,
        indexed_tags: tuple[str, ...] = (),
        patience: Patience = DEFAULT_PATIENCE,
        due: Due = nothing_due,
    ) -> None:
        self._due = due
        self._ports = ports
        self._patience = patience
        self._telemetry = telemetry
        self._indexed_tags = indexed_tags

    def __call__(self, message: ProcessMessage) -> int:
        """Process what the message tells of; gives how many. Raises Unavailable to be called again."""
        return self._moved(message) if isinstance(message, RunMoved) else self._stored(message)

    def _stored(self, message: GenerationsStored) -> int:
        """Process what the message's owner has committed."""
        heads = self._ports.store.heads(message.tenant, (generation_id for generation_id, _ in message.refs))
        known, unreadable = self._contents(message, heads)
        with self._telemetry.tracer.subsegment("extract", generations=len(known)):
            self._record(message, known)
        self._fail(message, unreadable, UNREADABLE)
        self._clear_orphans(message, heads)
        self._report(message, len(known))
        return len(known)

    def _moved(self, message: RunMoved) -> int:
        """Bring edges, flags and lists in line with a run; what is counted of it was counted when it was opened."""
        known, unreadable = self._run(message)
        self._link(message, known)
        self._watch(message.tenant, known)
        at = format_time(self._ports.clock.now())
        self._index(message, [(one, self._find(one, _version_of(one.generation), at)) for one in known])
        self._fail(message, unreadable, UNREADABLE)
        return len(known)

    def _run(self, message: RunMoved) -> tuple[list[Stored], list[Stored]]:
        """The run, if it is there, among what can be read or what cannot."""
        heads = self._ports.store.heads(message.tenant, [message.generation_id])
        return self._read(message.tenant, list(heads.values()))

    def _watch(self, tenant: str, known: Sequence[Stored]) -> None:
        """Have runs looked after when they may have been abandoned."""
        active = [(one.head.id, one.course) for one in known if one.course and not one.course.ended]
        if active:
            ends = self._patience.ends_ms
            self._ports.courses.watch([Watch(tenant, own_id, ends(course)) for own_id, course in active])

    def give_up(self, message: ProcessMessage, reason: str) -> None:
        """Say of what the message tells of, and nobody processed, that processing failed.

        A later success overwrites it.
        """
        if isinstance(message, RunMoved):
            known, unreadable = self._run(message)
            self._fail(message, [*known, *unreadable], reason)
            return
        heads = self._ports.store.heads(message.tenant, (generation_id for generation_id, _ in message.refs))
        positions = [(head.listed_at, head.id) for head in heads.values()]
        done = self._ports.index.entries(message.tenant, positions, consistent=True)
        left = {generation_id: head for generation_id, head in heads.items() if generation_id not in done}
        known, unreadable = self._contents(message, left)
        self._fail(message, [*known, *unreadable], reason)

    def _contents(self, message: GenerationsStored, heads: Mapping[str, Head]) -> tuple[list[Stored], list[Stored]]:
        """What the owner has committed, and what of it cannot be read: that costs itself, not its neighbours."""
        return self._read(message.tenant, [head for head in heads.values() if head.owner == message.owner])

    def _read(self, tenant: str, owned: Sequence[Head]) -> tuple[list[Stored], list[Stored]]:
        contents = self._ports.store.contents(tenant, [head.ref for head in owned])
        courses = courses_of(self._ports.courses, tenant, owned)
        known: list[Stored] = []
        unreadable: list[Stored] = []
        for head in owned:
            try:
                reading = read_exchange(from_stored_json(contents[head.id]))
            except (KeyError, ValueError) as error:
                log_exception("generation_unreadable", error, generation_id=head.id)
                reading = Reading(Generation(id=head.id, source="sigil"), "not_applicable")
                unreadable.append(Stored(head, reading, courses.get(head.id)))
            else:
                known.append(Stored(head, reading, courses.get(head.id)))
        return known, unreadable

    def _record(self, message: GenerationsStored, known: Sequence[Stored]) -> None:
        tenant = message.tenant
        self._link(message, known)
        self._watch(tenant, known)
        with self._telemetry.tracer.subsegment("version", generations=len(known)):
            seen = [Sighting(one.head, one.generation, _version_of(one.generation)) for one in known]
        self._catalogue(tenant, message.owner, seen)
        at = format_time(self._ports.clock.now())
        self._index(
            message,
            [
                (stored, self._find(stored, sighting.effective_version, at))
                for stored, sighting in zip(known, seen, strict=True)
            ],
        )

    def _link(self, message: ProcessMessage, known: Sequence[Stored]) -> None:
        """Store the edges, then look whether a root is or reaches a parent: in this order, or neither side sees it."""
        edges = [Edge(parent, one.head.id, one.head.listed_at) for one in known for parent in one.generation.depends_on]
        self._ports.lineage.put_edges(message.tenant, edges)
        touched = self._ports.lineage.touched(message.tenant, {edge.parent for edge in edges})
        bodies = linked_messages(message, [edge for edge in edges if edge.parent in touched])
        bodies += failed_messages(message, [one for one in known if one.course is None])
        bodies += ended_messages(message, known)
        self._send(FLAG_QUEUE, bodies)

    def _send(self, queue: str, bodies: Sequence[str], group: str | None = None) -> None:
        if bodies and not all(self._ports.queue.send(queue, bodies, self._telemetry.tracer.header(), group=group)):
            raise Unavailable("queue is not available")

    def _fail(self, message: ProcessMessage, left: Sequence[Stored], reason: str) -> None:
        self._index(message, [(stored, replace(stored.findings, state="failed", error=reason)) for stored in left])

    def _index(self, message: ProcessMessage, found: Iterable[tuple[Stored, Findings]]) -> None:
        """Write what lists show. Then look whose it is: who forgets a person marks first, then reads the list.

        What is to be judged is sent last, so that whoever judges it finds it listed.
        """
        listed = list(found)
        pairs = [(one.head, one.generation) for one, _ in listed]
        if listed:
            owner = listed[0][0].head.owner
            self._ports.traces.register(message.tenant, owner, sightings.traces_in(pairs))
            self._ports.conversations.register(message.tenant, owner, sightings.conversations_in(pairs))
        entries = [
            entry_of(message.tenant, one.head, one.generation, what, self._indexed_tags, one.version)
            for one, what in listed
        ]
        self._ports.index.put(message.tenant, entries)
        people = {one.generation.person_id for one, _ in listed if one.generation.person_id}
        forgotten = self._ports.purge.forgotten(message.tenant, people) if people else set()
        left = [one.head for one, _ in listed if one.generation.person_id in forgotten]
        self._send(PURGE_QUEUE, purge_messages(message, left))
        due = self._due(message, [(one, entry) for (one, _), entry in zip(listed, entries, strict=True)])
        self._send(EVALUATE_QUEUE, due, group=message.tenant)

    def _catalogue(self, tenant: str, owner: str, seen: Sequence[Sighting]) -> None:
        catalog = self._ports.catalog
        catalog.register(tenant, sightings.agents_in(seen), sightings.versions_in(seen))
        catalog.witness(tenant, owner, sightings.sights_in(seen))
        catalog.count(tenant, owner, sightings.positions_in(seen))

    def _find(self, stored: Stored, version: str | None, at: str) -> Findings:
        return replace(
            stored.findings,
            state="failed" if stored.findings.state == "failed" else "processed",
            effective_version=version,
            cost_usd=cost_of(stored.generation, self._ports.prices),
            processed_at=at,
        )

    def _clear_orphans(self, message: GenerationsStored, heads: Mapping[str, Head]) -> None:
        """Delete payloads that lost, and, once their writer is gone, what it did not commit or wrote a second time."""
        store, tenant, owner = self._ports.store, message.tenant, message.owner
        lost = [
            (generation_id, content_hash)
            for generation_id, content_hash in message.refs
            if (_is_lost(heads[generation_id], content_hash) if generation_id in heads else message.final)
        ]
        if lost:
            store.discard(tenant, owner, lost)
        for head in [heads[ref[0]] for ref in message.refs if ref[0] in heads and ref not in lost]:
            if message.final and head.owner != owner:
                store.settle(tenant, owner, head)

    def _report(self, message: GenerationsStored, number: int) -> None:
        if number:
            self._telemetry.metrics.count("processed", number)
        lag = self._ports.clock.now().timestamp() * 1000 - message.received_ms
        self._telemetry.metrics.observe("lag", max(0.0, lag), "Milliseconds")


def _is_lost(standing: Head, content_hash: str) -> bool:
    """Whether a payload of this hash is none that anybody may read."""
    return standing.content_hash != content_hash or standing.purged_at is not None


def _version_of(generation: Generation) -> str | None:
    if generation.content_dropped:
        return generation.effective_version
    return generation.effective_version or effective_version(generation.system_prompt or "", generation.tools)
