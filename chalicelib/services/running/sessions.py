"""Sessions with agents: messages wait in them until a run has them; each run has all that was said before.

The session's row is written before its run is opened, on condition of the version before, so that of two who generate
at once one is refused. A row that names a run which was never opened is set aside once its writer must be dead. A
message is deleted when the run that has it is stored.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.agent_session import AgentSession, WaitingMessage
from chalicelib.domain.content import stored_json
from chalicelib.domain.errors import Conflict, Malformed, NotFound, TooLarge, Unavailable, missing
from chalicelib.domain.generation import Message, ToolResult
from chalicelib.domain.run import blank
from chalicelib.domain.times import format_time, to_datetime
from chalicelib.services.ingest import Redact, Sender
from chalicelib.services.ports import AgentSessions, Catalog, Clock, Keys, People, Session
from chalicelib.services.running.agents import Asked, Manner, Running
from chalicelib.services.running.carrying import Busy, Carrying
from chalicelib.services.running.standing import Standing

MOST_WAITING = 200
MOST_BYTES = 200 * 1024
WRITER_GONE = timedelta(seconds=60)
"""Twice as long as a request lives."""


@dataclass(frozen=True, slots=True)
class SessionPorts:
    """What sessions with agents are kept in."""

    agent_sessions: AgentSessions
    catalog: Catalog
    people: People
    clock: Clock
    new_key: Keys


class SessionRuns:
    """The use cases behind the routes of an agent's sessions."""

    def __init__(self, ports: SessionPorts, running: Running, carrying: Carrying, redact: Redact) -> None:
        self._ports = ports
        self._running = running
        self._carrying = carrying
        self._redact = redact

    def open(self, tenant: str, agent_name: str, session_id: str, conversation_id: str) -> AgentSession:
        """A new session. Raises NotFound where there is no such agent."""
        if self._ports.catalog.agent(tenant, agent_name) is None:
            raise missing("agent")
        at = format_time(self._ports.clock.now())
        session = AgentSession(session_id, agent_name, conversation_id, at, at, version=1)
        self._ports.agent_sessions.save(tenant, session)
        self._ports.people.open_session(tenant, Session(session_id, at))
        return session

    def say(self, tenant: str, agent_name: str, session_id: str, message: Message) -> WaitingMessage:
        """Have a message wait for the next run. Raises NotFound, Conflict when too many wait, and TooLarge."""
        self._one(tenant, agent_name, session_id)
        kept = self._kept(message)
        if len(stored_json(blank("", input=(kept,)))) > MOST_BYTES:
            raise TooLarge(f"a message of a session may have {MOST_BYTES:,} bytes", meta={"limit": MOST_BYTES})
        sessions = self._ports.agent_sessions
        if len(sessions.waiting(tenant, session_id, MOST_WAITING)) >= MOST_WAITING:
            raise Conflict(f"{MOST_WAITING} messages wait in the session: generate first")
        said = WaitingMessage(self._ports.new_key(), kept)
        sessions.say(tenant, session_id, said)
        return said

    def generate(self, tenant: str, agent_name: str, session_id: str, asked: Asked, sender: Sender) -> Standing:
        """Run the agent on all that was said. The same id again gives the run that there is.

        Raises NotFound; Busy while a run of the session is under way; Malformed when nobody has said anything; and as
        `Running.generate` does.
        """
        session = self._one(tenant, agent_name, session_id)
        placed = {"session_id": session_id, "conversation_id": session.conversation_id}
        sent = asked.generation.model_copy(update=placed)
        asked = replace(asked, generation=sent, sent=sent)
        again = self._running.again(tenant, agent_name, asked)
        if again is not None:
            return again
        newest = self._newest(tenant, session)
        if newest is not None and _is_active(newest):
            raise Busy("a generation of the session is in progress", meta=newest.ids)
        if newest is not None and newest.head.id == session.run:
            self._ports.agent_sessions.forget(tenant, session_id, session.taken)
        fresh = self._ports.agent_sessions.waiting(tenant, session_id, MOST_WAITING)
        said = (*_history(newest), *(each.message for each in fresh), *sent.input)
        if not said or said[-1].role == "assistant":
            raise Malformed("nobody has said anything that could be answered", meta={"field": "messages"})
        whole = replace(asked, generation=sent.model_copy(update={"input": said}))
        before = newest.head.id if newest else None
        claimed = replace(session, run=sent.id, before=before, taken=tuple(each.key for each in fresh))
        opening = self._opening(tenant, session, claimed)
        return self._running.begin(tenant, agent_name, whole, sender, opening)

    def submit(
        self,
        tenant: str,
        agent_name: str,
        session_id: str,
        answers: tuple[str | None, Sequence[ToolResult]],
        manner: Manner,
    ) -> Standing:
        """Answer the tool calls that the session's run waits for. Raises NotFound, and as `Running.submit` does."""
        session = self._one(tenant, agent_name, session_id)
        generation_id, results = answers
        if session.run is None or generation_id not in (None, session.run):
            raise NotFound("no generation of this session waits for tool outputs", code="GENERATION_NOT_FOUND")
        return self._running.submit(tenant, agent_name, session.run, results, manner)

    def _one(self, tenant: str, agent_name: str, session_id: str) -> AgentSession:
        session = self._ports.agent_sessions.get(tenant, session_id)
        if session is None or session.agent_name != agent_name:
            raise missing("session")
        return session

    def _newest(self, tenant: str, session: AgentSession) -> Standing | None:
        """The newest run that was opened. Raises Busy while one may be about to be opened."""
        for run in (session.run, session.before):
            if run is None:
                continue
            try:
                return self._of_session(tenant, session, run)
            except NotFound:
                if to_datetime(session.changed_at) + WRITER_GONE > self._ports.clock.now():
                    raise Busy("a generation of the session is being opened", meta={"generation_id": run}) from None
        return None

    def _of_session(self, tenant: str, session: AgentSession, run: str) -> Standing:
        standing = self._carrying.read(tenant, run)
        if standing.opened.session_id != session.session_id:
            raise NotFound("generation not found")
        return standing

    @contextmanager
    def _opening(self, tenant: str, session: AgentSession, claimed: AgentSession) -> Iterator[None]:
        """Make a run the session's newest before it is opened; not any more when it cannot be.

        Raises Busy when somebody else has made another one the newest.
        """
        sessions, at = self._ports.agent_sessions, format_time(self._ports.clock.now())
        if not sessions.save(tenant, replace(claimed, version=session.version + 1, changed_at=at)):
            raise Busy("a generation of the session is in progress", meta={"generation_id": claimed.run})
        try:
            yield
        except (Conflict, Malformed):
            with suppress(Unavailable):  # then it is set aside when its writer must be dead
                sessions.save(tenant, replace(session, version=session.version + 2))
            raise
        with suppress(Unavailable):  # the session's row says that the run has them
            sessions.forget(tenant, session.session_id, claimed.taken)

    def _kept(self, message: Message) -> Message:
        """A message as it may be stored; one that could not be redacted has nothing left."""
        said = blank("", input=(message,))
        kept = self._redact(said, stored_json(said))
        return kept.input[0] if kept.input else Message(role=message.role)


def _history(newest: Standing | None) -> tuple[Message, ...]:
    """What was said so far; of a run that has failed, what it was asked."""
    if newest is None:
        return ()
    overlay = newest.course.overlay
    answered = (*overlay.input, *overlay.output[:1]) if newest.course.status == "completed" else ()
    return (*newest.opened.input, *answered)


def _is_active(newest: Standing) -> bool:
    """Whether a run may still say something; one whose content is gone says nothing any more."""
    gone = newest.head.purged_at or newest.opened.content_dropped
    return not (newest.course.ended or gone)
