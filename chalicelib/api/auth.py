"""Who is calling: the modes of `SIGIL_AUTH_ENABLED` and `SIGIL_AUTH_REQUIRE_KEY`."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.api_key import Role, looks_like_a_key
from chalicelib.domain.errors import Unauthenticated
from chalicelib.domain.identifiers import check_tenant_id
from chalicelib.services.key_ring import KeyRing
from chalicelib.settings import Settings

TENANT_HEADER = "x-scope-orgid"
KEY_HEADER = "x-ingate-key"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: whose data it may touch, and as what; with an API key also which one, and the project that it names."""

    tenant: str
    role: Role
    key_id: str | None = None
    project_id: str | None = None


def authenticate(headers: Mapping[str, str], settings: Settings, keys: KeyRing) -> Principal:
    """The caller of a request (header names in lower case).

    Raises:
        Unauthenticated: nobody valid is calling.
        Unavailable: whether the key is valid cannot be found out now.
    """
    if not settings.auth_enabled:
        return Principal(settings.fake_tenant_id, "admin")
    shown = headers.get(KEY_HEADER) or _credential(headers.get("authorization", ""))
    if settings.auth_require_key or headers.get(KEY_HEADER) or looks_like_a_key(shown):
        return _holder(shown, headers, keys)
    tenant = headers.get(TENANT_HEADER, "")
    if not tenant:
        raise Unauthenticated("no org id")
    try:
        return Principal(check_tenant_id(tenant), "member")
    except ValueError as error:
        raise Unauthenticated(f"X-Scope-OrgID {error}") from error


def _holder(shown: str, headers: Mapping[str, str], keys: KeyRing) -> Principal:
    if not shown:
        raise Unauthenticated("an API key is required")
    key = keys.holder(shown)
    if key is None:
        raise Unauthenticated("the API key is not valid")
    if headers.get(TENANT_HEADER, key.tenant) != key.tenant:
        raise Unauthenticated("X-Scope-OrgID does not name the tenant of the API key")
    return Principal(key.tenant, key.role, key.id, key.project_id)


def _credential(authorization: str) -> str:
    """What a caller shows in `Authorization`: the token of a Bearer, the password of a Basic, nothing of any other."""
    scheme, _, credential = authorization.strip().partition(" ")
    credential = credential.strip()
    if scheme.lower() == "bearer":
        return credential
    return _password(credential) if scheme.lower() == "basic" else ""


def _password(credential: str) -> str:
    try:
        return b64decode(credential, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
