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
from chalicelib.domain.resource import Findings, input_semantics
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import log_exception
from chalicelib.services import sightings
from chalicelib.services.entries import entry_of
from chalicelib.services.flag_messages import EdgesLinked, GenerationsFailed
from chalicelib.services.flagging import FLAG_QUEUE
from chalicelib.services.messages import GenerationsStored
from chalicelib.services.ports import (
    Catalog,
    Clock,
    Edge,
    GenerationIndex,
    GenerationStore,
    Head,
    Lineage,
    Prices,
    Purge,
    Queue,
    TokenCounts,
    Traces,
)
from chalicelib.services.purge_messages import PURGE_QUEUE, ContentPurged
from chalicelib.services.sightings import Sighting
from chalicelib.services.telemetry import Telemetry

CHUNK = 100
REDACTION_FAILED = "REDACTION_FAILED"


@dataclass(frozen=True, slots=True)
class Stored:
    """A committed generation as its content reads."""

    head: Head
    reading: Reading

    @property
    def generation(self) -> Generation:
        """The generation, with what its exchange says."""
        return self.reading.generation

    @property
    def findings(self) -> Findings:
        """How reading went, before anything else is known."""
        if self.generation.content_dropped == REDACTION_FAILED:
            came_raw = self.generation.exchange is not None
            return Findings(
                state="failed", extraction="failed" if came_raw else "not_applicable", error=REDACTION_FAILED
            )
        return Findings(extraction=self.reading.outcome, error=self.reading.reason)


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


class Process:
    """The use case behind the process queue."""

    def __init__(self, ports: ProcessingPorts, telemetry: Telemetry, indexed_tags: tuple[str, ...] = ()) -> None:
        self._ports = ports
        self._telemetry = telemetry
        self._indexed_tags = indexed_tags

    def __call__(self, message: GenerationsStored) -> int:
        """Process what the message's owner has committed; gives how many. Raises Unavailable to be called again."""
        heads = self._ports.store.heads(message.tenant, (generation_id for generation_id, _ in message.refs))
        known, unreadable = self._contents(message, heads)
        with self._telemetry.tracer.subsegment("extract", generations=len(known)):
            self._record(message, known)
        self._fail(message, unreadable, "the stored content cannot be read")
        self._clear_orphans(message, heads)
        self._report(message, len(known))
        return len(known)

    def give_up(self, message: GenerationsStored, reason: str) -> None:
        """Say of what the message's owner has committed, and nobody processed, that processing failed.

        A later success overwrites it.
        """
        heads = self._ports.store.heads(message.tenant, (generation_id for generation_id, _ in message.refs))
        positions = [(head.listed_at, head.id) for head in heads.values()]
        done = self._ports.index.entries(message.tenant, positions, consistent=True)
        left = {generation_id: head for generation_id, head in heads.items() if generation_id not in done}
        known, unreadable = self._contents(message, left)
        self._fail(message, [*known, *unreadable], reason)

    def _contents(self, message: GenerationsStored, heads: Mapping[str, Head]) -> tuple[list[Stored], list[Stored]]:
        """What the owner has committed, and what of it cannot be read: that costs itself, not its neighbours."""
        owned = [head for head in heads.values() if head.owner == message.owner]
        contents = self._ports.store.contents(message.tenant, [head.ref for head in owned])
        known: list[Stored] = []
        unreadable: list[Stored] = []
        for head in owned:
            try:
                known.append(Stored(head, read_exchange(from_stored_json(contents[head.id]))))
            except (KeyError, ValueError) as error:
                log_exception("generation_unreadable", error, generation_id=head.id)
                unreadable.append(Stored(head, Reading(Generation(id=head.id, source="sigil"), "not_applicable")))
        return known, unreadable

    def _record(self, message: GenerationsStored, known: Sequence[Stored]) -> None:
        tenant = message.tenant
        self._link(message, known)
        with self._telemetry.tracer.subsegment("version", generations=len(known)):
            seen = [Sighting(one.head, one.generation, _version_of(one.generation)) for one in known]
        self._catalogue(tenant, message.owner, seen)
        at = format_time(self._ports.clock.now())
        self._index(
            message,
            [(stored, self._find(stored, sighting, at)) for stored, sighting in zip(known, seen, strict=True)],
        )

    def _link(self, message: GenerationsStored, known: Sequence[Stored]) -> None:
        """Store the edges, then look whether a root is or reaches a parent: in this order, or neither side sees it."""
        edges = [Edge(parent, one.head.id, one.head.listed_at) for one in known for parent in one.generation.depends_on]
        self._ports.lineage.put_edges(message.tenant, edges)
        touched = self._ports.lineage.touched(message.tenant, {edge.parent for edge in edges})
        bodies = linked_messages(message, [edge for edge in edges if edge.parent in touched])
        bodies += failed_messages(message, known)
        self._send(FLAG_QUEUE, bodies)

    def _send(self, queue: str, bodies: Sequence[str]) -> None:
        if bodies and not all(self._ports.queue.send(queue, bodies, self._telemetry.tracer.header())):
            raise Unavailable("queue is not available")

    def _fail(self, message: GenerationsStored, left: Sequence[Stored], reason: str) -> None:
        self._index(message, [(stored, replace(stored.findings, state="failed", error=reason)) for stored in left])

    def _index(self, message: GenerationsStored, found: Iterable[tuple[Stored, Findings]]) -> None:
        """Write traces and entries. Then look whose they are: who forgets a person marks first, then reads the list."""
        listed = list(found)
        seen = sightings.traces_in((one.head, one.generation) for one, _ in listed)
        self._ports.traces.register(message.tenant, message.owner, seen)
        entries = [entry_of(message.tenant, one.head, one.generation, what, self._indexed_tags) for one, what in listed]
        self._ports.index.put(message.tenant, entries)
        people = {one.generation.person_id for one, _ in listed if one.generation.person_id}
        forgotten = self._ports.purge.forgotten(message.tenant, people) if people else set()
        left = [one.head for one, _ in listed if one.generation.person_id in forgotten]
        self._send(PURGE_QUEUE, purge_messages(message, left))

    def _catalogue(self, tenant: str, owner: str, seen: Sequence[Sighting]) -> None:
        catalog = self._ports.catalog
        catalog.register(tenant, sightings.agents_in(seen), sightings.versions_in(seen))
        catalog.witness(tenant, owner, sightings.sights_in(seen))
        catalog.count(tenant, owner, sightings.positions_in(seen))

    def _find(self, stored: Stored, sighting: Sighting, at: str) -> Findings:
        return replace(
            stored.findings,
            state="failed" if stored.findings.state == "failed" else "processed",
            effective_version=sighting.effective_version,
            cost_usd=self._cost(stored.generation),
            processed_at=at,
        )

    def _cost(self, generation: Generation) -> float | None:
        counts = billable(generation)
        if counts is None or generation.model is None:
            return None
        name = generation.response_model or generation.model.name
        for model in dict.fromkeys((name, generation.model.name)):
            cost = self._ports.prices.cost_usd(generation.model.provider, model, counts, generation.started_at)
            if cost is not None:
                return cost
        return None

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


def billable(generation: Generation) -> TokenCounts | None:
    """The counts to price, or None when nothing was counted; input includes both cache buckets, however it was sent."""
    usage = generation.usage
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    cached, written = _positive((usage.cache_read_input_tokens, usage.cache_creation_input_tokens))
    given, output = _positive((usage.input_tokens, usage.output_tokens))
    if input_semantics(generation) == "exclusive":
        return TokenCounts(given + cached + written, output, cached, written)
    return TokenCounts(max(given, cached + written), output, cached, written)


def linked_messages(cause: GenerationsStored, edges: Sequence[Edge]) -> list[str]:
    """Messages for edges whose parent is, or is reached by, something that has failed."""
    rows = [(edge.parent, edge.child, edge.listed_at) for edge in edges]
    return [
        EdgesLinked(
            tenant=cause.tenant, correlation_id=cause.correlation_id, edges=tuple(rows[at : at + CHUNK])
        ).encode()
        for at in range(0, len(rows), CHUNK)
    ]


def failed_messages(cause: GenerationsStored, known: Sequence[Stored]) -> list[str]:
    """A message for the generations that failed by themselves, with the times of their ends."""
    failures = tuple(
        (one.head.id, one.generation.completed_at or one.head.created_at) for one in known if one.generation.call_error
    )
    if not failures:
        return []
    return [GenerationsFailed(tenant=cause.tenant, correlation_id=cause.correlation_id, failures=failures).encode()]


def purge_messages(cause: GenerationsStored, left: Sequence[Head]) -> list[str]:
    """A message for what forgotten people have left, unless it is purged already."""
    ids = tuple(head.id for head in left if head.purged_at is None)
    if not ids:
        return []
    told = ContentPurged(tenant=cause.tenant, correlation_id=cause.correlation_id, generation_ids=ids, final=True)
    return [told.encode()]


def _positive(counts: Iterable[int | None]) -> list[int]:
    return [max(0, count or 0) for count in counts]


def _version_of(generation: Generation) -> str | None:
    if generation.content_dropped:
        return generation.effective_version
    return generation.effective_version or effective_version(generation.system_prompt or "", generation.tools)
