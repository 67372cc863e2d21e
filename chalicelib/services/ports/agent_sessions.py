"""Sessions with agents, and the messages that wait in them."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.agent_session import AgentSession, WaitingMessage


class AgentSessions(Protocol):
    """One record per session; beside it what was said and is in no run yet."""

    def get(self, tenant: str, session_id: str) -> AgentSession | None:
        """One session, strongly consistent."""
        ...

    def save(self, tenant: str, session: AgentSession) -> bool:
        """Write a session, if the version before it stands (or none, before version 1); says whether it was written."""
        ...

    def say(self, tenant: str, session_id: str, waiting: WaitingMessage) -> None:
        """Have a message wait. Repeating it is harmless."""
        ...

    def waiting(self, tenant: str, session_id: str, limit: int) -> list[WaitingMessage]:
        """The messages that wait, oldest first, strongly consistent."""
        ...

    def forget(self, tenant: str, session_id: str, keys: Sequence[str]) -> None:
        """Delete messages; one that is gone already is no error."""
        ...
