"""Heads and payloads in memory."""

import threading
from collections.abc import Iterable, Sequence

from chalicelib.services.ports import Head, Payload


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
            return {ref[0]: self._payloads[tenant, *ref][1] for ref in refs if (tenant, *ref) in self._payloads}

    def link(self, tenant: str, head: Head) -> str | None:
        known = self.contents(tenant, [(head.id, head.content_hash)])
        return f"memory:{head.content_hash}" if head.id in known else None

    def discard(self, tenant: str, owner: str, refs: Iterable[tuple[str, str]]) -> None:
        with self._lock:
            for ref in refs:
                if self._payloads.get((tenant, *ref), ("", b""))[0] == owner:
                    del self._payloads[tenant, *ref]

    def settle(self, tenant: str, owner: str, standing: Head) -> None:
        pass

    def kept(self, tenant: str) -> set[tuple[str, str]]:
        """Every payload there is, as (id, content hash): for tests that look for orphans."""
        with self._lock:
            return {(name, content_hash) for of, name, content_hash in self._payloads if of == tenant}
