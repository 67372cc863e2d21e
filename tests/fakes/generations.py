"""Heads and payloads in memory."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.domain.errors import NotFound
from chalicelib.services.ports import PURGED, Head, Payload


class FakeGenerations:
    """The `GenerationStore` port. A payload is one value however large, so that nothing is left to `settle`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heads: dict[tuple[str, str], Head] = {}
        self._payloads: dict[tuple[str, str, str], tuple[str, bytes]] = {}

    def put_payloads(self, tenant: str, owner: str, payloads: Sequence[Payload]) -> None:
        with self._lock:
            for payload in payloads:
                self._payloads[tenant, payload.id, payload.content_hash] = (owner, payload.content)

    def commit(self, tenant: str, heads: Sequence[Head]) -> list[Head]:
        with self._lock:
            return [self._heads.setdefault((tenant, head.id), head) for head in heads]

    def heads(self, tenant: str, ids: Iterable[str]) -> dict[str, Head]:
        with self._lock:
            return {one: self._heads[tenant, one] for one in ids if (tenant, one) in self._heads}

    def contents(self, tenant: str, refs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        with self._lock:
            return {ref[0]: found[1] for ref in refs if (found := self._find(tenant, *ref))}

    def _find(self, tenant: str, generation_id: str, content_hash: str) -> tuple[str, bytes] | None:
        purged = self._payloads.get((tenant, generation_id, PURGED))
        return self._payloads.get((tenant, generation_id, content_hash), purged)

    def link(self, tenant: str, head: Head) -> str | None:
        return f"memory:{head.ref[1]}" if (tenant, *head.ref) in self._payloads else None

    def discard(self, tenant: str, owner: str, refs: Iterable[tuple[str, str]]) -> None:
        with self._lock:
            for ref in refs:
                if self._payloads.get((tenant, *ref), ("", b""))[0] == owner:
                    del self._payloads[tenant, *ref]

    def settle(self, tenant: str, owner: str, standing: Head) -> None:
        pass

    def purge(self, tenant: str, generation_id: str, remains: bytes, at: str) -> Head:
        """Put what may stay in the place of a content: for the `Purge` fake."""
        with self._lock:
            head = self._heads.get((tenant, generation_id))
            if head is None:
                raise NotFound("generation not found")
            self._payloads[tenant, generation_id, PURGED] = (PURGED, remains)
            if head.purged_at is None:
                head = self._heads[tenant, generation_id] = replace(head, purged_at=at, size=len(remains))
            return head

    def sweep(self, tenant: str, generation_id: str) -> None:
        """Delete all contents of a generation but what may stay: for the `Purge` fake."""
        with self._lock:
            for key in [key for key in self._payloads if key[:2] == (tenant, generation_id) and key[2] != PURGED]:
                del self._payloads[key]

    def kept(self, tenant: str) -> set[tuple[str, str]]:
        """Every payload there is, as (id, content hash): for tests that look for orphans."""
        with self._lock:
            return {(name, content_hash) for of, name, content_hash in self._payloads if of == tenant}
