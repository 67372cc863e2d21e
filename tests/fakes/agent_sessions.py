"""Sessions with agents in memory."""

import threading
from collections.abc import Sequence

from chalicelib.domain.agent_session import AgentSession, WaitingMessage


class FakeAgentSessions:
    """The `AgentSessions` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, str], AgentSession] = {}
        self._waiting: dict[tuple[str, str, str], WaitingMessage] = {}

    def get(self, tenant: str, session_id: str) -> AgentSession | None:
        return self._sessions.get((tenant, session_id))

    def save(self, tenant: str, session: AgentSession) -> bool:
        with self._lock:
            standing = self._sessions.get((tenant, session.session_id))
            if (standing.version if standing else 0) != session.version - 1:
                return False
            self._sessions[tenant, session.session_id] = session
            return True

    def say(self, tenant: str, session_id: str, waiting: WaitingMessage) -> None:
        with self._lock:
            self._waiting[tenant, session_id, waiting.key] = waiting

    def waiting(self, tenant: str, session_id: str, limit: int) -> list[WaitingMessage]:
        with self._lock:
            found = [one for (of, name, _), one in self._waiting.items() if (of, name) == (tenant, session_id)]
        return sorted(found, key=lambda one: one.key)[:limit]

    def forget(self, tenant: str, session_id: str, keys: Sequence[str]) -> None:
        with self._lock:
            for key in keys:
                self._waiting.pop((tenant, session_id, key), None)
