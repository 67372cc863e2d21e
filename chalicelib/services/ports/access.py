"""API keys, and how much a key may send."""

from typing import Protocol

from chalicelib.domain.api_key import ApiKey
from chalicelib.services.ports.catalog import CatalogPage


class ApiKeys(Protocol):
    """Keys, found by their digest or by tenant and id. All reads here are strongly consistent."""

    def add(self, digest: str, key: ApiKey) -> None:
        """Store a key whose id and digest are new: wholly or not at all."""
        ...

    def find(self, digest: str) -> ApiKey | None:
        """The key with that digest, whoever it belongs to; one read."""
        ...

    def revoke(self, tenant: str, key_id: str, at: str) -> ApiKey | None:
        """End a key for good and give it as it is then; the first time stands. None when the tenant has no such key."""
        ...

    def page(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        """A tenant's ApiKeys, newest first, revoked ones too."""
        ...


class RateLimits(Protocol):
    """One bucket per key, which all processes share. It is kept as the moment at which it is out of debt.

    That moment moves on by the cost of what is drawn; what costs a second fills a second.
    """

    def draw(self, tenant: str, key_id: str, cost: int, now: int, saved: int) -> int:
        """Draw `cost` and give 0, unless the bucket is in debt at `now`: then give how long it still is.

        All in microseconds. A bucket that was left alone has saved at most `saved`. What is drawn may be more than
        there is, and puts it in debt.
        """
        ...
