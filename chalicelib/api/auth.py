"""Who is calling: the modes of `SIGIL_AUTH_ENABLED` and `SIGIL_AUTH_REQUIRE_KEY`."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.domain.identifiers import check_tenant_id
from chalicelib.settings import Settings

Role = Literal["viewer", "member", "admin"]
RANK: dict[Role, int] = {"viewer": 0, "member": 1, "admin": 2}
TENANT_HEADER = "x-scope-orgid"
KEY_HEADER = "x-ingate-key"
KEY = re.compile(r"sk-[a-zA-Z0-9!\-_.*'()]{1,150}-[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: whose data it may touch, and how far its role reaches."""

    tenant: str
    role: Role


def authenticate(headers: Mapping[str, str], settings: Settings) -> Principal:
    """The caller of a request (header names in lower case). Raises Unauthenticated."""
    if not settings.auth_enabled:
        return Principal(settings.fake_tenant_id, "admin")
    if settings.auth_require_key:
        raise Unauthenticated("a valid API key is required")
    if presents_a_key(headers):
        raise Unauthenticated("the API key is not valid")
    tenant = headers.get(TENANT_HEADER, "")
    if not tenant:
        raise Unauthenticated("no org id")
    try:
        return Principal(check_tenant_id(tenant), "member")
    except ValueError as error:
        raise Unauthenticated(f"X-Scope-OrgID {error}") from error


def presents_a_key(headers: Mapping[str, str]) -> bool:
    """Whether the caller shows an API key of ours, which then has to be right; other credentials are a proxy's."""
    scheme, _, credential = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        credential = _password(credential)
    return bool(headers.get(KEY_HEADER)) or KEY.fullmatch(credential.strip()) is not None


def _password(credential: str) -> str:
    try:
        return b64decode(credential, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def require(principal: Principal, role: Role, action: str) -> None:
    """Raise Forbidden, naming the action, when the caller's role does not reach."""
    if RANK[principal.role] < RANK[role]:
        raise Forbidden(f"the role {principal.role} does not allow this", meta={"action": action})
