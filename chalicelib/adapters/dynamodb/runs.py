"""Courses of runs in the table; a long overlay is an S3 object that its row points to, named anew for each write."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import Scalar
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.adapters.s3 import ObjectMissing, Objects
from chalicelib.domain.attempt import Attempt
from chalicelib.domain.content import canonical_json, content_hash, from_stored_json
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.run import Course
from chalicelib.services.ports import Keys, Watch

READ_ATTEMPTS = 3


class DynamoCourses:
    """The `Courses` port."""

    def __init__(self, table: Table, objects: Objects, inline_bytes: int, new_key: Keys) -> None:
        self._table = table
        self._objects = objects
        self._inline_bytes = inline_bytes
        self._new_key = new_key

    def read(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, Course]:
        """Strong batch read of the rows, then of the objects they name."""
        wanted = {keys.course(tenant, generation_id): generation_id for generation_id in generation_ids}
        rows = self._table.get_all(wanted) if wanted else {}
        return {wanted[key]: self._course(key, row) for key, row in rows.items()}

    def _course(self, key: keys.Key, row: Record) -> Course:
        """A row's course; when a racing move has just replaced its object, the row names the new one."""
        for _ in range(READ_ATTEMPTS):
            try:
                content = self._objects.get(row["s3"]) if "s3" in row else decompress(row["d"])
            except ObjectMissing:
                row = self._table.get(key) or row
            else:
                return _course_of(row, content)
        raise Unavailable("the object of a run is missing")

    def save(self, tenant: str, generation_id: str, course: Course) -> bool:
        """One update conditional on the version before; then the object goes that the row does not name any more."""
        key = keys.course(tenant, generation_id)
        content = canonical_json(course.overlay)
        body = compress(content)
        values: dict[str, Scalar] = {
            ":v": course.version,
            ":s": course.status,
            ":t": course.last_activity_at,
            ":m": course.moved,
            ":l": course.last,
            ":a": course.abandoned,
            ":r": course.recovered,
        }
        if course.attempts:
            values[":p"] = compress(json.dumps([asdict(each) for each in course.attempts]).encode())
        large = len(body) > self._inline_bytes
        name = self._objects.name(tenant, generation_id, content_hash(content), self._new_key())
        if large:
            self._objects.put(name, content)
        before = (self._table.get(key) or {}).get("s3")
        saved = self._table.update_once(
            key,
            "SET v = :v, #s = :s, #t = :t, m = :m, l = :l, a = :a, r = :r, "
            + ("p = :p, " if course.attempts else "")
            + ("s3 = :o REMOVE d" if large else "d = :o REMOVE s3"),
            "attribute_not_exists(v)" if course.version == 1 else "v = :before",
            {"#s": "s", "#t": "t"},
            {
                **values,
                ":o": name if large else body,
                **({} if course.version == 1 else {":before": course.version - 1}),
            },
        )
        written = {each for each in (before, name if large else None) if each}
        if written:
            # Ours may have been written and replaced already, its answer lost.
            named = name if saved else (self._table.get(key) or {}).get("s3")
            for unneeded in written - {named}:
                self._objects.delete(unneeded)
        return saved

    def watch(self, watches: Sequence[Watch]) -> None:
        """One batch write."""
        self._table.put_all((_key(watch), {}) for watch in watches)

    def due(self, now_ms: int, limit: int) -> list[Watch]:
        """Each shard gives at most its part of the limit."""
        share = max(1, limit // keys.RUN_SHARDS)
        parts = self._table.in_parallel(lambda shard: self._due(shard, now_ms, share), range(keys.RUN_SHARDS))
        return [watch for part in parts for watch in part]

    def _due(self, shard: int, now_ms: int, limit: int) -> list[Watch]:
        high = f"{now_ms:013d}$"  # "$" follows "#", which stands between time and tenant
        records = self._table.query(keys.watched_partition(shard), "0", high, limit=limit, consistent=True)
        return [_watch(str(record["sk"])) for record in records]

    def unwatch(self, watches: Sequence[Watch]) -> None:
        """One batch delete."""
        self._table.delete_all(_key(watch) for watch in watches)


def _course_of(row: Record, content: bytes) -> Course:
    return Course(
        version=row["v"],
        status=row["s"],
        last_activity_at=row["t"],
        moved=row["m"],
        last=row["l"],
        abandoned=row["a"],
        recovered=row["r"],
        overlay=from_stored_json(content),
        attempts=tuple(Attempt(**each) for each in json.loads(decompress(row["p"]))) if "p" in row else (),
    )


def _key(watch: Watch) -> keys.Key:
    return keys.watched(watch.tenant, watch.generation_id, watch.due_ms)


def _watch(sort_key: str) -> Watch:
    due, tenant, generation_id = sort_key.split("#", 2)
    return Watch(tenant, generation_id, int(due))
