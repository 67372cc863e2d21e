"""Traces: one row each, and one in their list.

The two are written one after the other, which costs half of what a transaction would. The row names the message that
wrote it, so that this message, when it comes again, knows that the row in the list is its to write.
"""

from collections.abc import Iterable, Sequence

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.known import Known
from chalicelib.services.ports import Position, Trace, Window

LIST = ("traces", "")


class DynamoTraces:
    """The `Traces` port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lists = DynamoIndex(table)
        self._known = Known()

    def register(self, tenant: str, owner: str, traces: Sequence[Trace]) -> None:
        """Nothing for those that this process knows; else one batch of reads, then what is missing."""
        unknown = {record_keys.trace(tenant, trace.trace_id): trace for trace in traces}
        unknown = {key: trace for key, trace in unknown.items() if key not in self._known}
        if not unknown:
            return
        found = self._table.get_all(unknown, consistent=False)
        found |= self._create(owner, {key: trace for key, trace in unknown.items() if key not in found})
        self._table.put_all(
            (keys.list_row(tenant, *LIST, (record["at"], unknown[key].trace_id)), {})
            for key, record in found.items()
            if record["o"] == owner
        )
        for key in unknown:
            self._known.add(key)

    def _create(self, owner: str, traces: dict[Key, Trace]) -> dict[Key, Record]:
        """One conditional put for each; gives the rows that stand, where others were faster theirs."""
        rows = {key: _row(owner, trace) for key, trace in traces.items()}
        put = self._table.in_parallel(lambda key: self._table.put_new(key, rows[key]), rows)
        late = [key for key, done in zip(rows, put, strict=True) if not done]
        return {**rows, **(self._table.get_all(late) if late else {})}

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """Rows of the list."""
        return self._lists.newest(tenant, LIST, Window(before), limit)

    def some(self, tenant: str, ids: Iterable[str]) -> dict[str, Trace]:
        """A batch of reads."""
        wanted = {record_keys.trace(tenant, trace_id): trace_id for trace_id in ids}
        found = self._table.get_all(wanted, consistent=False)
        return {wanted[key]: _trace_of(wanted[key], record) for key, record in found.items()}


def _row(owner: str, trace: Trace) -> Record:
    return {"at": trace.created_at, "o": owner, "a": trace.agent_name, "p": trace.project_id}


def _trace_of(trace_id: str, record: Record) -> Trace:
    return Trace(trace_id, record["at"], record.get("a"), record["p"])
