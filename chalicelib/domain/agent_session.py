"""A conversation that this service keeps with an agent: what has been said is in the newest of its runs."""

from dataclasses import dataclass

from chalicelib.domain.generation import Message


@dataclass(frozen=True, slots=True)
class AgentSession:
    """A session with an agent; 0 is the version of one that is not stored yet.

    `run` is the newest run, which has or is about to have the messages `taken`; `before` the run that came before it,
    which counts if the newest was never opened. The times have 27 characters.
    """

    session_id: str
    agent_name: str
    conversation_id: str
    created_at: str
    changed_at: str
    version: int = 0
    run: str | None = None
    before: str | None = None
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that no run has yet; keys sort in the order of their making."""

    key: str
    message: Message
