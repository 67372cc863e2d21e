"""API keys and rate limits, in memory."""

import threading
from dataclasses import replace

from chalicelib.domain.api_key import ApiKey
from chalicelib.services.ports import CatalogPage


class FakeApiKeys:
    """The `ApiKeys` port; `reads` counts how often a digest was looked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, ApiKey] = {}
        self.reads = 0

    def add(self, digest: str, key: ApiKey) -> None:
        with self._lock:
            assert digest not in self._kept
            self._kept[digest] = key

    def find(self, digest: str) -> ApiKey | None:
        with self._lock:
            self.reads += 1
            return self._kept.get(digest)

    def revoke(self, tenant: str, key_id: str, at: str) -> ApiKey | None:
        with self._lock:
            for digest, key in self._kept.items():
                if (key.tenant, key.id) == (tenant, key_id):
                    self._kept[digest] = replace(key, revoked_at=key.revoked_at or at)
                    return self._kept[digest]
            return None

    def page(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        with self._lock:
            mine = [key for key in self._kept.values() if key.tenant == tenant and (before is None or key.id < before)]
        newest = sorted(mine, key=lambda key: key.id, reverse=True)
        rows = newest[:limit]
        return CatalogPage(rows, rows[-1].id if len(newest) > limit else None)


class FakeRateLimits:
    """The `RateLimits` port; `draws` counts the calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at: dict[tuple[str, str], int] = {}
        self.draws = 0

    def draw(self, tenant: str, key_id: str, cost: int, now: int, saved: int) -> int:
        with self._lock:
            self.draws += 1
            free_at = self._free_at.get((tenant, key_id), 0)
            if free_at > now:
                return free_at - now
            self._free_at[tenant, key_id] = max(free_at, now - saved) + cost
            return 0
