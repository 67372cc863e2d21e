"""Records of what generations name, made at its first sight: one row each, and one in their list.

The two are written one after the other, which costs half of what a transaction would. The row names the message that
wrote it, so that this message, when it comes again, knows that the row in the list is its to write.
"""

from collections.abc import Mapping

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.known import Known
from chalicelib.services.ports import Position, Window

OWNER, MADE_AT = "o", "at"


class FirstSights:
    """The records of one kind; `kind` is the name of their list."""

    def __init__(self, table: Table, kind: str) -> None:
        self._table = table
        self._list = (kind, "")
        self._lists = DynamoIndex(table)
        self._known = Known()

    def register(self, tenant: str, owner: str, ids: Mapping[Key, str], rows: Mapping[Key, Record]) -> None:
        """Nothing for those that this process knows; else one batch of reads, then what is missing.

        Each row has `at`, when it was made; its id is that in the list.
        """
        unknown = {key: {**row, OWNER: owner} for key, row in rows.items() if key not in self._known}
        if not unknown:
            return
        found = self._table.get_all(unknown, consistent=False)
        found |= self._create({key: row for key, row in unknown.items() if key not in found})
        self._table.put_all(
            (keys.list_row(tenant, *self._list, (record[MADE_AT], ids[key])), {})
            for key, record in found.items()
            if record[OWNER] == owner
        )
        for key in unknown:
            self._known.add(key)

    def _create(self, rows: dict[Key, Record]) -> dict[Key, Record]:
        """One conditional put for each; gives the rows that stand, where others were faster theirs."""
        put = self._table.in_parallel(lambda key: self._table.put_new(key, rows[key]), rows)
        late = [key for key, done in zip(rows, put, strict=True) if not done]
        return {**rows, **(self._table.get_all(late) if late else {})}

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """Rows of the list."""
        return self._lists.newest(tenant, self._list, Window(before), limit)
