"""People and sessions: one row each; people stand in a list besides, which is spread like other busy lists."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.adapters.dynamodb.attributes import item, key_of
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import Person, Position, Session, Window

LIST = ("people", "")
REMOVALS = 8
"""Times that a removal looks again when somebody else has changed the person."""


class DynamoPeople:
    """The `People` port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lists = DynamoIndex(table)

    def add(self, tenant: str, person: Person) -> bool:
        """The record and its row in the list, together or not at all."""
        values = {"at": person.created_at, "d": _packed(person.properties)}
        record = {"TableName": self._table.name, "Item": item(record_keys.person(tenant, person.person_id), values)}
        row = keys.list_row(tenant, *LIST, (person.created_at, person.person_id))
        listed = {"TableName": self._table.name, "Item": item(row, {})}
        try:
            self._table.transact(
                [{"Put": {**record, "ConditionExpression": "attribute_not_exists(pk)"}}, {"Put": listed}]
            )
        except ConditionFailed:
            return False
        return True

    def get(self, tenant: str, person_id: str) -> Person | None:
        """One strong read."""
        record = self._table.get(record_keys.person(tenant, person_id))
        return _person_of(person_id, record) if record else None

    def replace(self, tenant: str, person_id: str, properties: dict[str, Any], at: str) -> Person | None:
        """One conditional update."""
        record = self._table.change(record_keys.person(tenant, person_id), {"d": _text(properties), "u": at})
        return _person_of(person_id, record) if record else None

    def remove(self, tenant: str, person_id: str) -> None:
        """Record and row together, and only as they were read: another person may have come under the id meanwhile."""
        for _ in range(REMOVALS):
            person = self.get(tenant, person_id)
            if person is None:
                return
            with suppress(ConditionFailed):
                self._remove(tenant, person)
        raise Unavailable("storage is busy")

    def _remove(self, tenant: str, person: Person) -> None:
        record = {"TableName": self._table.name, "Key": key_of(record_keys.person(tenant, person.person_id))}
        row = keys.list_row(tenant, *LIST, (person.created_at, person.person_id))
        condition = {
            "ConditionExpression": "#at = :at",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": {":at": {"S": person.created_at}},
        }
        self._table.transact(
            [{"Delete": {**record, **condition}}, {"Delete": {"TableName": self._table.name, "Key": key_of(row)}}]
        )

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """Rows of the list."""
        return self._lists.newest(tenant, LIST, Window(before), limit)

    def some(self, tenant: str, ids: Sequence[str]) -> dict[str, Person]:
        """A batch of reads."""
        wanted = {record_keys.person(tenant, person_id): person_id for person_id in ids}
        found = self._table.get_all(wanted, consistent=False)
        return {wanted[key]: _person_of(wanted[key], record) for key, record in found.items()}

    def open_session(self, tenant: str, session: Session) -> bool:
        """One conditional put."""
        return self._table.put_new(record_keys.session(tenant, session.session_id), {"at": session.created_at})

    def session(self, tenant: str, session_id: str) -> Session | None:
        """One strong read."""
        record = self._table.get(record_keys.session(tenant, session_id))
        return Session(session_id, record["at"]) if record else None


def _packed(properties: dict[str, Any] | None) -> bytes | None:
    return None if properties is None else _text(properties)


def _text(properties: dict[str, Any]) -> bytes:
    return compress(json.dumps(properties, ensure_ascii=False, separators=(",", ":")).encode())


def _person_of(person_id: str, record: Record) -> Person:
    properties = json.loads(decompress(record["d"])) if "d" in record else None
    return Person(person_id, properties, record["at"], record.get("u") or record["at"])
