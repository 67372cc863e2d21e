"""Traces, made at their first sight."""

from collections.abc import Iterable, Sequence

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.first_sight import MADE_AT, FirstSights
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.ports import Position, Trace


class DynamoTraces:
    """The `Traces` port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sights = FirstSights(table, "traces")

    def register(self, tenant: str, owner: str, traces: Sequence[Trace]) -> None:
        """See `FirstSights`."""
        ids = {record_keys.trace(tenant, trace.trace_id): trace.trace_id for trace in traces}
        rows: list[Record] = [{MADE_AT: each.created_at, "a": each.agent_name, "p": each.project_id} for each in traces]
        self._sights.register(tenant, owner, ids, dict(zip(ids, rows, strict=True)))

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """Rows of the list."""
        return self._sights.newest(tenant, before, limit)

    def some(self, tenant: str, ids: Iterable[str]) -> dict[str, Trace]:
        """A batch of reads."""
        wanted = {record_keys.trace(tenant, trace_id): trace_id for trace_id in ids}
        found = self._table.get_all(wanted, consistent=False)
        return {wanted[key]: _trace_of(wanted[key], record) for key, record in found.items()}


def _trace_of(trace_id: str, record: Record) -> Trace:
    return Trace(trace_id, record[MADE_AT], record.get("a"), record["p"])
