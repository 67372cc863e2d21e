"""API keys: make them, list them, revoke them."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.api_key import ApiKey, Role, digest_of, hint_of, is_key_id, key_of
from chalicelib.domain.errors import Malformed, NotFound
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import log
from chalicelib.services.ports import ApiKeys, CatalogPage, Clock, Keys


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that somebody asks for. `expires_at` has 27 characters."""

    name: str
    role: Role
    project_id: str | None = None
    expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was made just now, and the `secret` that is shown this once."""

    key: ApiKey
    secret: str


class KeyManagement:
    """The use cases behind `/keys`. `new_token` makes 43 url-safe characters out of 256 random bits."""

    def __init__(self, keys: ApiKeys, clock: Clock, new_key: Keys, new_token: Callable[[], str]) -> None:
        self._keys = keys
        self._clock = clock
        self._new_key = new_key
        self._new_token = new_token

    def make(self, tenant: str, wanted: Wanted) -> MadeKey:
        """Make a key. Raises Malformed when it would have expired already."""
        now = format_time(self._clock.now())
        if wanted.expires_at is not None and wanted.expires_at <= now:
            raise Malformed("expires_at must lie in the future", meta={"field": "expires_at"})
        secret = key_of(tenant, self._new_token())
        key = ApiKey(
            id=f"key_{self._new_key()}",
            tenant=tenant,
            name=wanted.name,
            role=wanted.role,
            project_id=wanted.project_id,
            hint=hint_of(secret),
            created_at=now,
            expires_at=wanted.expires_at,
        )
        self._keys.add(digest_of(secret), key)
        log("key_created", tenant=tenant, key_id=key.id, role=key.role)
        return MadeKey(key, secret)

    def page(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        """ApiKeys, newest first."""
        return self._keys.page(tenant, before, limit)

    def revoke(self, tenant: str, key_id: str) -> ApiKey:
        """End a key for good; once more changes nothing. Raises NotFound."""
        key = self._keys.revoke(tenant, key_id, format_time(self._clock.now())) if is_key_id(key_id) else None
        if key is None:
            raise NotFound("key not found")
        log("key_revoked", tenant=tenant, key_id=key.id)
        return key
