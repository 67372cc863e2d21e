"""Fingerprints in memory."""

import json

from chalicelib.adapters.dynamodb.codec import compress
from chalicelib.domain.errors import TooLarge
from chalicelib.services.ports import Fingerprint
from chalicelib.services.ports.fingerprints import MOST_BYTES


class FakeFingerprints:
    """The `Fingerprints` port."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[str, str]] = {}

    def put(self, tenant: str, fingerprint: Fingerprint) -> None:
        document = json.dumps(fingerprint.fields, ensure_ascii=False)
        if len(compress(document.encode())) > MOST_BYTES:
            raise TooLarge("too large", meta={"limit": MOST_BYTES})
        self._kept.setdefault((tenant, fingerprint.id), (document, fingerprint.created_at))

    def get(self, tenant: str, fingerprint_id: str) -> Fingerprint | None:
        kept = self._kept.get((tenant, fingerprint_id))
        return Fingerprint(fingerprint_id, json.loads(kept[0]), kept[1]) if kept else None
