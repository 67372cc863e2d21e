"""Sessions with agents: a partition each, of the session's row and one row per waiting message."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.agent_session import AgentSession, WaitingMessage
from chalicelib.domain.generation import Message


class DynamoAgentSessions:
    """The `AgentSessions` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, session_id: str) -> AgentSession | None:
        """One strong read."""
        record = self._table.get(record_keys.agent_session(tenant, session_id))
        if record is None:
            return None
        fields = json.loads(decompress(record["d"]))
        return AgentSession(**{**fields, "taken": tuple(fields["taken"]), "version": record["v"]})

    def save(self, tenant: str, session: AgentSession) -> bool:
        """One update conditional on the version before."""
        first = session.version == 1
        return self._table.update_once(
            record_keys.agent_session(tenant, session.session_id),
            "SET v = :v, d = :d",
            "attribute_not_exists(v)" if first else "v = :before",
            {},
            {
                ":v": session.version,
                ":d": compress(json.dumps(asdict(session)).encode()),
                **({} if first else {":before": session.version - 1}),
            },
        )

    def say(self, tenant: str, session_id: str, waiting: WaitingMessage) -> None:
        """One write."""
        packed = compress(waiting.message.model_dump_json(exclude_none=True).encode())
        self._table.put_all([(record_keys.waiting_message(tenant, session_id, waiting.key), {"d": packed})])

    def waiting(self, tenant: str, session_id: str, limit: int) -> list[WaitingMessage]:
        """One strong query."""
        partition, low = record_keys.waiting_message(tenant, session_id, "")
        records = self._table.query(partition, low, f"{low}~", limit=limit, consistent=True)
        return [_waiting(str(record["sk"])[len(low) :], record["d"]) for record in records]

    def forget(self, tenant: str, session_id: str, keys: Sequence[str]) -> None:
        """One batch delete."""
        self._table.delete_all(record_keys.waiting_message(tenant, session_id, key) for key in keys)


def _waiting(key: str, packed: bytes) -> WaitingMessage:
    return WaitingMessage(key, Message.model_validate_json(decompress(packed)))
