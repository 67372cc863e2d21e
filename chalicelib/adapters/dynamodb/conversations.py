"""Conversations, made at their first sight."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.first_sight import MADE_AT, FirstSights
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.services.ports import Conversation, Position


class DynamoConversations:
    """The `Conversations` port."""

    def __init__(self, table: Table) -> None:
        self._sights = FirstSights(table, "conversations")

    def register(self, tenant: str, owner: str, conversations: Sequence[Conversation]) -> None:
        """See `FirstSights`."""
        seen = {record_keys.conversation(tenant, each.conversation_id): each for each in conversations}
        ids = {key: each.conversation_id for key, each in seen.items()}
        self._sights.register(tenant, owner, ids, {key: {MADE_AT: each.created_at} for key, each in seen.items()})

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """Rows of the list."""
        return self._sights.newest(tenant, before, limit)
