"""Keep flags right: what a score, a failure, a waiver or a new edge means for everything downstream.

A message is done only when its walk has ended or its rest has been handed on, so every step may be interrupted and
repeated. The reasoning is in docs/lineage.md.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.lineage import HEALTHY
from chalicelib.observability.tracing import Tracer
from chalicelib.services.lineage.flag_messages import (
    EdgesLinked,
    FlagMessage,
    GenerationsFailed,
    RunEnded,
    ScoresStored,
    WaiverDecided,
    WalkHandedOn,
)
from chalicelib.services.lineage.walk import DIGEST_BYTES, Expand, Step, Walk, Walker
from chalicelib.services.ports import Change, Clock, Edge, GenerationStore, Lineage, Queue, Score, Scores, WalkStore

FLAG_QUEUE = "flag"
SLICE_SECONDS = 60
EDGE_FIELDS = 3


@dataclass(frozen=True, slots=True)
class FlaggingPorts:
    """What flagging reads and writes."""

    store: GenerationStore
    lineage: Lineage
    scores: Scores
    walks: WalkStore
    queue: Queue
    clock: Clock


Announce = Callable[[str, str, Change], None]
"""Told (tenant, root, change) once for each root that starts or stops failing."""


class Work:
    """One message being worked on: it has room for another step until its slice of time is over."""

    def __init__(self, message: FlagMessage, clock: Clock) -> None:
        self.tenant = message.tenant
        self.correlation_id = message.correlation_id
        self._clock = clock
        self._begun = clock.now()

    def has_room(self) -> bool:
        """Whether the slice lasts."""
        return (self._clock.now() - self._begun).total_seconds() < SLICE_SECONDS


class Flagging:
    """The use case behind the flag queue."""

    def __init__(
        self, ports: FlaggingPorts, walker: Walker, announce: Announce, tracer: Tracer, *, flag_failed_runs: bool
    ) -> None:
        self._ports = ports
        self._tracer = tracer
        self._walker = walker
        self._announce = announce
        self._flag_failed_runs = flag_failed_runs

    def __call__(self, message: FlagMessage) -> None:
        """Do what the message asks for, within one slice. Raises Unavailable to be called again."""
        with self._tracer.subsegment("flag", kind=message.kind):
            self._do(Work(message, self._ports.clock), message)

    def _do(self, work: Work, message: FlagMessage) -> None:
        match message:
            case ScoresStored():
                self._scored(work, message)
            case GenerationsFailed():
                self._failed(work, message)
            case RunEnded():
                self._ended(work, message)
            case EdgesLinked():
                self._linked(work, message)
            case WaiverDecided():
                self._waived(work, message)
            case WalkHandedOn():
                self._go(work, self._taken_up(message), message.seen)

    def _scored(self, work: Work, message: ScoresStored) -> None:
        scores = self._ports.scores.owned(message.tenant, message.owner, message.score_ids)
        self._file(message.tenant, scores)
        for score in sorted(scores, key=lambda one: (one.created_at, one.score_id)):
            self._ports.lineage.apply_score(message.tenant, score)
        self._settle(work, {score.generation_id for score in scores})

    def _file(self, tenant: str, scores: Sequence[Score]) -> None:
        """List scores, then see whether a generation was purged: whoever purges it marks it first, then reads its list.

        Either side may come last; none leaves words behind.
        """
        self._ports.scores.file(tenant, scores)
        wordy = [score for score in scores if score.without_words() != score]
        heads = self._ports.store.heads(tenant, {score.generation_id for score in wordy}) if wordy else {}
        purged = {head.id for head in heads.values() if head.purged_at}
        self._ports.scores.rewrite(tenant, [score.without_words() for score in wordy if score.generation_id in purged])

    def _failed(self, work: Work, message: GenerationsFailed) -> None:
        if not self._flag_failed_runs:
            return
        for generation_id, failed_at in message.failures:
            self._ports.lineage.apply_failure(message.tenant, generation_id, failed_at)
        self._settle(work, {generation_id for generation_id, _ in message.failures})

    def _ended(self, work: Work, message: RunEnded) -> None:
        if message.failed_at is not None and not self._flag_failed_runs:
            return
        self._ports.lineage.apply_course(message.tenant, message.generation_id, message.failed_at, message.version)
        self._settle(work, {message.generation_id})

    def _waived(self, work: Work, message: WaiverDecided) -> None:
        self._ports.lineage.apply_waiver(
            message.tenant, message.generation_id, waived=message.waived, reason=message.reason, at=message.at
        )
        self._settle(work, {message.generation_id})

    def _settle(self, work: Work, generation_ids: set[str]) -> None:
        """List what fails now, and walk from what has ever failed and was not walked to the end."""
        lineage, tenant = self._ports.lineage, work.tenant
        for generation_id in sorted(generation_ids):
            change = lineage.relist(tenant, generation_id)
            try:
                self._walk_from(work, generation_id)
            except Unavailable:
                if change is not None:  # the message comes again, and will find nothing changed
                    self._announce(tenant, generation_id, change)
                raise
            if change is not None:
                self._announce(tenant, generation_id, change)

    def _walk_from(self, work: Work, generation_id: str) -> None:
        lineage, tenant = self._ports.lineage, work.tenant
        state = lineage.states(tenant, [generation_id]).get(generation_id, HEALTHY)
        if state.activated and not state.walked:
            lineage.touch(tenant, [generation_id])
            self._go(work, Walk(tenant, (generation_id,), stack=[Expand(generation_id)]))
            lineage.mark_walked(tenant, generation_id)

    def _linked(self, work: Work, message: EdgesLinked) -> None:
        """Carry over to each child what reaches its parents: whatever was there when its edges were written."""
        edges = [Edge(*edge) for edge in message.edges]
        parents = sorted({edge.parent for edge in edges})
        states = self._ports.lineage.states(work.tenant, parents)
        reaches = {parent: self._ports.lineage.reach(work.tenant, parent) for parent in parents}
        for edge in edges:
            reach = reaches[edge.parent]
            via = dict.fromkeys(reach.roots, edge.parent)
            if states.get(edge.parent, HEALTHY).activated:
                via[edge.parent] = edge.parent
            if via or reach.overflow:
                self._walker.mark(work.tenant, edge, via, overflow=reach.overflow)
                self._go(work, Walk(work.tenant, tuple(via), reach.overflow, stack=[Expand(edge.child)]))

    def _go(self, work: Work, walk: Walk, known: tuple[str, ...] = ()) -> None:
        """Walk while the slice lasts, then hand the rest on, before the message ends."""
        if self._walker.go(walk, work.has_room):
            return
        save = self._ports.walks.save
        rest = WalkHandedOn(
            tenant=walk.tenant,
            correlation_id=work.correlation_id,
            walk=save(walk.tenant, _encode(walk)),
            seen=(*known, save(walk.tenant, b"".join(walk.fresh))),
        )
        if not all(self._ports.queue.send(FLAG_QUEUE, [rest.encode()])):
            raise Unavailable("queue is not available")

    def _taken_up(self, message: WalkHandedOn) -> Walk:
        load = self._ports.walks.load
        digests = b"".join(load(part) for part in message.seen)
        seen = {digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)}
        return _decode(message.tenant, load(message.walk), seen)


def _encode(walk: Walk) -> bytes:
    steps = [
        [step.parent, step.child, step.listed_at] if isinstance(step, Edge) else [step.generation_id, step.after]
        for step in walk.stack
    ]
    return json.dumps([walk.roots, walk.overflow, steps], separators=(",", ":")).encode()


def _decode(tenant: str, part: bytes, seen: set[bytes]) -> Walk:
    roots, overflow, steps = json.loads(part)
    stack: list[Step] = [Edge(*step) if len(step) == EDGE_FIELDS else Expand(*step) for step in steps]
    return Walk(tenant, tuple(roots), overflow, stack, seen)
