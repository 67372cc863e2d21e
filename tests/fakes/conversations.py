"""Conversations in memory."""

import threading
from collections.abc import Sequence

from chalicelib.services.ports import Conversation, Position


class FakeConversations:
    """The `Conversations` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], str] = {}

    def register(self, tenant: str, owner: str, conversations: Sequence[Conversation]) -> None:  # noqa: ARG002 - never dies halfway
        with self._lock:
            for each in conversations:
                self._made.setdefault((tenant, each.conversation_id), each.created_at)

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        with self._lock:
            listed = [(created_at, name) for (of, name), created_at in self._made.items() if of == tenant]
        return sorted((one for one in listed if before is None or one < before), reverse=True)[:limit]
