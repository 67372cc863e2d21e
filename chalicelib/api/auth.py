"""Who is calling: the modes of `SIGIL_AUTH_ENABLED` and `SIGIL_AUTH_REQUIRE_KEY`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.domain.identifiers import check_tenant_id
from chalicelib.settings import Settings

Role = Literal["viewer", "member", "admin"]
RANK: dict[Role, int] = {"viewer": 0, "member": 1, "admin": 2}
TENANT_HEADER = "x-scope-orgid"


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
    tenant = headers.get(TENANT_HEADER, "")
    if not tenant:
        raise Unauthenticated("no org id")
    try:
        return Principal(check_tenant_id(tenant), "member")
    except ValueError as error:
        raise Unauthenticated(f"X-Scope-OrgID {error}") from error


def require(principal: Principal, role: Role, action: str) -> None:
    """Raise Forbidden, naming the action, when the caller's role does not reach."""
    if RANK[principal.role] < RANK[role]:
        raise Forbidden(f"the role {principal.role} does not allow this", meta={"action": action})
