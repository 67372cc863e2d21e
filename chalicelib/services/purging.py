"""Take content away for good: of one generation, or of everything that a person has left.

What may stay (ids, hashes, times, usage, the version, dependencies) is stored first; then the head is marked, from
which moment no reader looks at the content; then everything that holds it is deleted. A worker that has read the
content before the mark may still write some of it afterwards, so a further message, sent when no such worker can be
alive, has it deleted once more. The reasoning is in docs/decisions/0016-purging.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from chalicelib.domain.content import from_stored_json, stored_json
from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.errors import NotFound, Unavailable, missing
from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.generation import Generation
from chalicelib.domain.redaction.skeleton import skeleton
from chalicelib.domain.run import emptied
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import current_correlation_id, log
from chalicelib.observability.tracing import Tracer
from chalicelib.services.companions import Companions
from chalicelib.services.entries import purged_entry
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import (
    AtOnce,
    Catalog,
    Clock,
    Courses,
    GenerationIndex,
    GenerationStore,
    Head,
    Keys,
    People,
    Purge,
    Window,
)
from chalicelib.services.purge_messages import PURGE_QUEUE, ContentPurged, PersonForgotten, PurgeMessage
from chalicelib.services.resend import WRITER_GONE_MS
from chalicelib.services.runs import begun

PAGE = 200
ROUNDS = 8
SLICE = timedelta(seconds=45)
WRITER_GONE = timedelta(milliseconds=WRITER_GONE_MS)


@dataclass(frozen=True, slots=True)
class PurgingPorts:
    """What purging reads and writes."""

    store: GenerationStore
    purge: Purge
    index: GenerationIndex
    catalog: Catalog
    people: People
    clock: Clock
    new_key: Keys
    at_once: AtOnce
    courses: Courses


class Purging:
    """The use cases behind the purge routes and the purge queue."""

    def __init__(self, ports: PurgingPorts, companions: Companions, outgoing: Outgoing, tracer: Tracer) -> None:
        self._ports = ports
        self._companions = companions
        self._outgoing = outgoing
        self._tracer = tracer

    def generation(self, tenant: str, generation_id: str) -> str:
        """Purge a generation's content, which nobody reads any more when this returns; gives since when.

        Raises NotFound, and Unavailable, after which a retry is right.
        """
        head = self._ports.store.heads(tenant, [generation_id]).get(generation_id)
        if head is None:
            raise NotFound("generation not found")
        key = self._ports.new_key()
        message = ContentPurged(tenant=tenant, correlation_id=_cause(key), generation_ids=(generation_id,))
        self._outgoing.repeat(PURGE_QUEUE, key, message.encode())
        marked = self._mark(tenant, head)
        log("content_purged", tenant=tenant, generation_id=generation_id)
        return marked.purged_at or ""

    def step(self, tenant: str, step_id: str) -> str:
        """Purge a workflow step's content, at once; gives since when. Raises NotFound."""
        at = self._companions.empty_step(tenant, step_id)
        if at is None:
            raise missing("workflow step")
        log("content_purged", tenant=tenant, step_id=step_id)
        return at

    def person(self, tenant: str, person_id: str) -> None:
        """Forget a person: their record goes now, their generations' content in a while or as it still arrives."""
        key = self._ports.new_key()
        message = PersonForgotten(tenant=tenant, correlation_id=_cause(key), person_id=person_id)
        self._outgoing.repeat(PURGE_QUEUE, key, message.encode())
        self._ports.purge.forget_person(tenant, person_id)
        self._ports.people.remove(tenant, person_id)
        log("person_forgotten", tenant=tenant)

    def __call__(self, message: PurgeMessage) -> None:
        """Do what a message asks for. Raises Unavailable to be called again."""
        with self._tracer.subsegment("purge", kind=message.kind):
            if isinstance(message, ContentPurged):
                self._purge(message)
            else:
                self._hand_out(message)

    def _hand_out(self, message: PersonForgotten) -> None:
        """Page through a person's list and tell of what is not marked yet; the rest of a long list is handed on."""
        end = self._ports.clock.now() + SLICE
        after = message.after
        while True:
            page = self._ports.index.newest(message.tenant, ("person", message.person_id), Window(after), PAGE)
            self._tell(message, [generation_id for _, generation_id in page])
            if len(page) < PAGE:
                return
            after = page[-1]
            if self._ports.clock.now() >= end:
                self._outgoing.send(PURGE_QUEUE, [message.model_copy(update={"after": after}).encode()])
                return

    def _tell(self, message: PersonForgotten, generation_ids: Sequence[str]) -> None:
        heads = self._ports.store.heads(message.tenant, generation_ids)
        left = tuple(head.id for head in heads.values() if head.purged_at is None)
        if left:
            told = ContentPurged(
                tenant=message.tenant, correlation_id=message.correlation_id, generation_ids=left, final=True
            )
            self._outgoing.send(PURGE_QUEUE, [told.encode()])

    def _purge(self, message: ContentPurged) -> None:
        """Mark and delete; when no other message is sure to follow, promise one for what somebody may still write."""
        tenant = message.tenant
        heads = self._ports.store.heads(tenant, message.generation_ids)
        marked = self._ports.at_once(partial(self._mark_and_sweep, tenant), heads.values())
        gone = format_time(self._ports.clock.now() - WRITER_GONE)
        last = [head for head in marked if message.final or heads[head.id].purged_at is None]
        fresh = tuple(head.id for head in last if (head.purged_at or "") > gone)
        if fresh:
            again = message.model_copy(update={"generation_ids": fresh, "final": False})
            self._outgoing.promise(PURGE_QUEUE, {self._ports.new_key(): again.encode()})

    def _mark_and_sweep(self, tenant: str, head: Head) -> Head:
        marked = self._mark(tenant, head)
        self._sweep(tenant, marked)
        return marked

    def _mark(self, tenant: str, head: Head) -> Head:
        """Mark the head, unless it is marked, and clean its entry, if there is one yet."""
        marked = head if head.purged_at else self._replace(tenant, head)
        self._empty(tenant, marked)
        self._ports.index.rewrite(tenant, (marked.listed_at, marked.id), lambda stored: purged_entry(stored, marked))
        return marked

    def _empty(self, tenant: str, head: Head) -> None:
        """Take the content out of a run's course, once: a move that was decided before the mark is then refused."""
        if not head.is_run:
            return
        for _ in range(ROUNDS):
            course = self._ports.courses.read(tenant, [head.id]).get(head.id) or begun(head)
            if course.overlay.content_dropped == "PURGED":
                return
            if self._ports.courses.save(tenant, head.id, emptied(course)):
                return
        raise Unavailable("storage is busy")

    def _replace(self, tenant: str, head: Head) -> Head:
        at = format_time(self._ports.clock.now())
        return self._ports.purge.replace(tenant, head, stored_json(remains_of(self._read(tenant, head))), at)

    def _read(self, tenant: str, head: Head) -> Generation:
        """What is stored of a generation, however damaged."""
        content = self._ports.store.contents(tenant, [head.ref]).get(head.id)
        try:
            return from_stored_json(content or b"")
        except ValueError:
            return Generation(id=head.id, source="sigil")

    def _sweep(self, tenant: str, head: Head) -> None:
        """Delete what still holds the content: payloads, objects, a version's prompt, and what tells of it beside."""
        self._ports.purge.sweep(tenant, head.id)
        remains = self._read(tenant, head)
        if remains.effective_version:
            self._ports.catalog.forget_prompt(tenant, remains.agent_name or "", remains.effective_version, head.id)
        self._companions.empty(tenant, head.id)


def remains_of(generation: Generation) -> Generation:
    """What may stay of a generation: all that is never content, with the version that its prompt and tools made."""
    if generation.content_dropped:
        return generation
    whole = read_exchange(generation).generation
    version = whole.effective_version or effective_version(whole.system_prompt or "", whole.tools)
    return skeleton(whole, "PURGED").model_copy(
        update={"effective_version": version, "exchange": None, "tags": whole.tags}
    )


def _cause(key: str) -> str:
    return current_correlation_id() or key
