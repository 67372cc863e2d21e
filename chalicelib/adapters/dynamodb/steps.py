"""Workflow steps: one row each, which is the commit, and a row in each list; large states are an S3 object.

An object is named by the content hash. Whoever writes a step again with the same content writes the same object, so
that nothing has to be cleared away before a retry.
"""

import json
from collections.abc import Iterable, Sequence

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.adapters.s3 import ObjectMissing, Objects
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import NewStep, Position, StepRecord, Window
from chalicelib.services.ports.steps import StepList

MOST_INLINE = 16 * 1024
"""Bytes of compressed content in a row: pages of steps read whole rows, and beyond 8 KB an object costs less."""
READ_ATTEMPTS = 3


class DynamoSteps:
    """The `Steps` port."""

    def __init__(self, table: Table, objects: Objects) -> None:
        self._table = table
        self._objects = objects
        self._lists = DynamoIndex(table)

    def commit(self, tenant: str, steps: Sequence[NewStep]) -> list[StepRecord]:
        """Objects, then all rows of lists in shared batches, then one conditional put each."""
        rows = self._table.in_parallel(lambda step: self._row(tenant, step), steps)
        self._table.put_all((row, {}) for step in steps for row in _list_rows(tenant, step.record))
        pairs = list(zip(steps, rows, strict=True))
        return self._table.in_parallel(lambda pair: self._commit(tenant, *pair), pairs)

    def _row(self, tenant: str, step: NewStep) -> dict[str, Scalar]:
        """The row's attributes; a large content is durable in object storage when this returns."""
        record = step.record
        row: dict[str, Scalar] = {"h": record.content_hash, "c": record.created_at, "t": record.listed_at}
        row |= {"d": _packed(record), "x": record.purged_at}
        body = compress(step.content)
        if len(body) <= MOST_INLINE:
            return {**row, "b": body}
        name = self._objects.of_step(tenant, record.step_id, record.content_hash)
        self._objects.put(name, step.content)
        return {**row, "s3": name}

    def _commit(self, tenant: str, step: NewStep, row: dict[str, Scalar]) -> StepRecord:
        key = record_keys.step(tenant, step.record.step_id)
        if self._table.put_new(key, row):
            return step.record
        standing = _record_of(step.record.step_id, self._table.get(key) or {})
        if "s3" in row and (standing.purged_at or standing.content_hash != step.record.content_hash):
            self._objects.delete(str(row["s3"]))  # nothing names it: the step that stands is empty or another one
        return standing

    def some(self, tenant: str, step_ids: Iterable[str]) -> dict[str, StepRecord]:
        """Strong batch reads."""
        wanted = {record_keys.step(tenant, step_id): step_id for step_id in step_ids}
        found = self._table.get_all(wanted)
        return {wanted[key]: _record_of(wanted[key], row) for key, row in found.items()}

    def read(self, tenant: str, step_id: str) -> tuple[StepRecord, bytes] | None:
        """The row, then the object that it names; when a purge has just deleted that, the row names none any more."""
        key = record_keys.step(tenant, step_id)
        for _ in range(READ_ATTEMPTS):
            row = self._table.get(key)
            if row is None:
                return None
            try:
                content = self._objects.get(row["s3"]) if "s3" in row else decompress(row["b"])
            except ObjectMissing:
                continue
            return _record_of(step_id, row), content
        raise Unavailable("the object of a workflow step is missing")

    def newest(self, tenant: str, listed: tuple[StepList, str], before: Position | None, limit: int) -> list[Position]:
        """Rows of the list."""
        return self._lists.newest(tenant, listed, Window(before), limit)

    def replace(self, tenant: str, step: NewStep) -> None:
        """One update, after which no reader looks for the object; then that goes."""
        record = step.record
        self._table.update(
            record_keys.step(tenant, record.step_id),
            "SET d = :d, b = :b, x = if_not_exists(x, :x) REMOVE s3",
            "attribute_exists(pk)",
            {},
            {":d": _packed(record), ":b": compress(step.content), ":x": record.purged_at},
        )
        self._objects.delete(self._objects.of_step(tenant, record.step_id, record.content_hash))


def _list_rows(tenant: str, record: StepRecord) -> list[Key]:
    position = (record.listed_at, record.step_id)
    links = record.labels.get("linked_generation_ids", ())
    return [
        keys.list_row(tenant, "conversation-steps", record.labels["conversation_id"], position),
        *(keys.list_row(tenant, "generation-steps", link, position) for link in links),
    ]


def _packed(record: StepRecord) -> bytes:
    return compress(json.dumps(record.labels, ensure_ascii=False, separators=(",", ":")).encode())


def _record_of(step_id: str, row: Record) -> StepRecord:
    return StepRecord(step_id, row["h"], row["c"], row["t"], json.loads(decompress(row["d"])), row.get("x"))
