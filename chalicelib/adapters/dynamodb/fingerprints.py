"""Fingerprints: one row each, which never expires, because a client may use an id for ever."""

import json

from chalicelib.adapters.dynamodb import record_keys
from chalicelib.adapters.dynamodb.codec import compress, decompress
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.domain.errors import TooLarge
from chalicelib.services.ports import Fingerprint
from chalicelib.services.ports.fingerprints import MOST_BYTES


class DynamoFingerprints:
    """The `Fingerprints` port."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, tenant: str, fingerprint: Fingerprint) -> None:
        """One conditional put: the first one's `created_at` stands."""
        packed = compress(json.dumps(fingerprint.fields, ensure_ascii=False, separators=(",", ":")).encode())
        if len(packed) > MOST_BYTES:
            raise TooLarge(
                f"a fingerprint may take at most {MOST_BYTES:,} bytes once compressed", meta={"limit": MOST_BYTES}
            )
        self._table.put_new(
            record_keys.fingerprint(tenant, fingerprint.id), {"at": fingerprint.created_at, "d": packed}
        )

    def get(self, tenant: str, fingerprint_id: str) -> Fingerprint | None:
        """One strong read."""
        record = self._table.get(record_keys.fingerprint(tenant, fingerprint_id))
        return Fingerprint(fingerprint_id, json.loads(decompress(record["d"])), record["at"]) if record else None
