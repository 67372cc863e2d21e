"""Conversations, as they were first seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.services.ports.generations import Position


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of a tenant. `created_at`, of the first generation processed that names it, has 27 characters."""

    conversation_id: str
    created_at: str


class Conversations(Protocol):
    """One record per conversation, listed by age."""

    def register(self, tenant: str, owner: str, conversations: Sequence[Conversation]) -> None:
        """Create those that do not exist, for the message of this owner. Repeating it changes nothing.

        After a death in the middle, the same message has to come again: what it has created is sure to be listed then.
        """
        ...

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """(created_at, id) of conversations older than `before`, newest first; eventually consistent."""
        ...
