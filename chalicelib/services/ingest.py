"""Take generations in: durable before the answer, each id once, processing certain.

The order of the writes carries the promise. An outbox row per chunk comes first; payloads next, keyed by id and
content hash; then the heads, each one conditional write that is the commit; then the message; then the outbox row goes.
Whatever dies in between leaves either nothing that counts, or heads together with an outbox row that `resend` finds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.content import canonical_json, content_hash, stored_json
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import current_correlation_id, log
from chalicelib.observability.metrics import Metrics
from chalicelib.services.messages import GenerationsStored
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Clock, GenerationStore, Head, Keys, Payload
from chalicelib.services.telemetry import Telemetry

PROCESS_QUEUE = "process"
CHUNK_ITEMS = 100
CHUNK_BYTES = 4 * 1024 * 1024
Redact = Callable[[Generation, bytes], Generation]
"""Given a generation and its content: the generation as it may be stored, the same object where nothing is to go."""
ALREADY_EXISTS = "generation already exists"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one generation; `error` is empty when it was accepted, `duplicate` when it was known before."""

    generation_id: str
    error: str = ""
    duplicate: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the generation is stored with exactly this content."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a generation: the API key's id and the project it is made for; both None without a key."""

    key_id: str | None = None
    project_id: str | None = None


NOBODY = Sender()


class PartlyStored(Unavailable):
    """Storage failed on the way; `stored` are the ids of the request that are durable and will be processed."""

    def __init__(self, cause: Unavailable, stored: frozenset[str]) -> None:
        super().__init__(cause.message)
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Prepared:
    """A generation ready to be stored."""

    generation: Generation
    payload: Payload


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to 100 generations or 4 MB that share an outbox row and a message; `key` owns their heads."""

    key: str
    items: tuple[Prepared, ...]


@dataclass(frozen=True, slots=True)
class IngestPorts:
    """What taking in reads and writes, beside the outbox."""

    store: GenerationStore
    clock: Clock
    new_key: Keys


class Ingest:
    """The use case behind every route that takes generations in."""

    def __init__(self, ports: IngestPorts, outgoing: Outgoing, redact: Redact, telemetry: Telemetry) -> None:
        self._generations = ports.store
        self._outgoing = outgoing
        self._clock = ports.clock
        self._new_key = ports.new_key
        self._redact = redact
        self._telemetry = telemetry

    def __call__(self, tenant: str, generations: Sequence[Generation], sender: Sender = NOBODY) -> list[Outcome]:
        """Store generations; one outcome each, in order. Raises PartlyStored, after which a retry is safe and right."""
        with self._telemetry.tracer.subsegment("ingest", generations=len(generations)):
            prepared = [self._prepare(generation) for generation in generations]
            firsts = {item.payload.id: item for item in reversed(prepared)}
            chunks = [Chunk(self._new_key(), items) for items in _cut(list(reversed(firsts.values())))]
            try:
                standing, fresh = self._store(tenant, chunks, sender)
            except Unavailable as error:
                raise PartlyStored(error, self._stored(tenant, chunks)) from error
            outcomes = list(_outcomes(prepared, standing, fresh))
        _count(outcomes, self._telemetry.metrics)
        return outcomes

    def _prepare(self, generation: Generation) -> Prepared:
        """What is hashed is what was received, what is stored is what redaction leaves of it."""
        canonical = canonical_json(generation)
        content = canonical if generation.exchange is None else stored_json(generation)
        kept = self._redact(generation, content)
        if kept.content_dropped:
            log("redaction_failed", level="ERROR", generation_id=generation.id)
        if kept is not generation:
            content = stored_json(kept)
        return Prepared(kept, Payload(generation.id, content_hash(canonical), content))

    def _store(self, tenant: str, chunks: Sequence[Chunk], sender: Sender) -> tuple[dict[str, Head], set[str]]:
        """Give the head that stands for each id, and the ids that this request has committed."""
        if not chunks:
            return {}, set()
        now = self._clock.now()
        received_ms = int(now.timestamp() * 1000)
        rows = self._outgoing.promise(
            PROCESS_QUEUE, {chunk.key: _message(tenant, chunk, received_ms).encode() for chunk in chunks}
        )
        standing: dict[str, Head] = {}
        fresh: set[str] = set()
        for chunk in chunks:
            stands = self._commit(tenant, chunk, format_time(now), sender)
            standing.update((head.id, head) for head in stands)
            fresh |= {head.id for head in stands if head.owner == chunk.key}
        owners = {standing[generation_id].owner for generation_id in fresh}
        self._outgoing.hand_over(
            [row for key, row in rows.items() if key in owners], [row for key, row in rows.items() if key not in owners]
        )
        return standing, fresh

    def _stored(self, tenant: str, chunks: Sequence[Chunk]) -> frozenset[str]:
        """What of a request that failed stands by its own right: its outbox row sees to the rest."""
        owners = {item.payload.id: chunk.key for chunk in chunks for item in chunk.items}
        try:
            heads = self._generations.heads(tenant, owners)
        except Unavailable:
            return frozenset()
        return frozenset(head.id for head in heads.values() if head.owner == owners[head.id])

    def _commit(self, tenant: str, chunk: Chunk, created_at: str, sender: Sender) -> list[Head]:
        self._generations.put_payloads(tenant, chunk.key, [item.payload for item in chunk.items])
        heads = [_head(item, chunk.key, position, created_at, sender) for position, item in enumerate(chunk.items)]
        standing = self._generations.commit(tenant, heads)
        self._clear_lost(tenant, heads, standing)
        return standing

    def _clear_lost(self, tenant: str, heads: Sequence[Head], standing: Sequence[Head]) -> None:
        """Delete what this request wrote in vain; if it dies first, the worker does it after the final message."""
        lost = [
            (mine.id, mine.content_hash)
            for mine, stands in zip(heads, standing, strict=True)
            if mine.content_hash != stands.content_hash or stands.purged_at
        ]
        if lost:
            self._generations.discard(tenant, heads[0].owner, lost)
        for mine, stands in zip(heads, standing, strict=True):
            if mine.content_hash == stands.content_hash and mine.owner != stands.owner and not stands.purged_at:
                self._generations.settle(tenant, mine.owner, stands)


def _cut(items: Sequence[Prepared]) -> Iterator[tuple[Prepared, ...]]:
    chunk: list[Prepared] = []
    size = 0
    for item in items:
        length = len(item.payload.content)
        if chunk and (len(chunk) == CHUNK_ITEMS or size + length > CHUNK_BYTES):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(item)
        size += length
    if chunk:
        yield tuple(chunk)


def _message(tenant: str, chunk: Chunk, received_ms: int) -> GenerationsStored:
    return GenerationsStored(
        tenant=tenant,
        owner=chunk.key,
        refs=tuple((item.payload.id, item.payload.content_hash) for item in chunk.items),
        received_ms=received_ms,
        correlation_id=current_correlation_id() or chunk.key,
    )


def _head(item: Prepared, owner: str, position: int, created_at: str, sender: Sender) -> Head:
    return Head(
        id=item.payload.id,
        content_hash=item.payload.content_hash,
        owner=owner,
        position=position,
        created_at=created_at,
        listed_at=item.generation.started_at or created_at,
        size=len(item.payload.content),
        key_id=sender.key_id,
        project_id=sender.project_id,
        is_run=item.generation.status is not None,
    )


def _outcomes(prepared: Sequence[Prepared], standing: dict[str, Head], fresh: set[str]) -> Iterator[Outcome]:
    """Each item against the head that stands for its id; the second of two equal ones counts as a duplicate."""
    unanswered = set(fresh)
    for item in prepared:
        generation_id = item.payload.id
        if standing[generation_id].content_hash != item.payload.content_hash:
            yield Outcome(generation_id, ALREADY_EXISTS)
        else:
            yield Outcome(generation_id, duplicate=generation_id not in unanswered)
            unanswered.discard(generation_id)


def _count(outcomes: Sequence[Outcome], metrics: Metrics) -> None:
    fresh = sum(1 for outcome in outcomes if outcome.accepted and not outcome.duplicate)
    duplicates = sum(1 for outcome in outcomes if outcome.duplicate)
    conflicts = sum(1 for outcome in outcomes if not outcome.accepted)
    if fresh:
        metrics.count("accepted", fresh)
    if duplicates:
        metrics.count("duplicate", duplicates)
    if conflicts:
        metrics.count("rejected", conflicts, reason="conflict")
