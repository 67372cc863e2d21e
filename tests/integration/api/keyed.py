"""Callers who show an API key."""

from collections.abc import Mapping
from datetime import timedelta

from chalicelib import bootstrap
from chalicelib.api.routes import OPERATIONS
from chalicelib.api.routing import Operation
from chalicelib.domain.api_key import Role
from chalicelib.domain.times import format_time
from chalicelib.services.api_keys import MadeKey, Wanted
from tests.integration.api.service import Answer, Service, Tenant

KEYS = "/api/v1/keys"
REQUIRED = {"SIGIL_AUTH_ENABLED": "true", "SIGIL_AUTH_REQUIRE_KEY": "true"}


class Holder(Tenant):
    """A tenant's client with a key in place of a header."""

    def __init__(self, service: Service, name: str, made: MadeKey) -> None:
        super().__init__(service, name)
        self.key = made.key
        self.secret = made.secret

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """A request that shows the key."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.request(method, path, body, {"Authorization": f"Bearer {self.secret}", **given})


def make_key(tenant: str, role: Role = "admin", seconds: float | None = None) -> MadeKey:
    """A key as the command makes the first one; `seconds` is how long it is good for."""
    made = bootstrap.container()
    expires_at = None if seconds is None else format_time(made.ports.clock.now() + timedelta(seconds=seconds))
    return made.api_keys.make(tenant, Wanted(f"{role} of {tenant}", role, None, expires_at))


def holder(service: Service, role: Role = "admin", tenant: str | None = None) -> Holder:
    """A caller with a key; without a name, of a tenant nobody has met before."""
    name = tenant or service.tenant().name
    return Holder(service, name, make_key(name, role))


def routes() -> list[tuple[Operation, str]]:
    """Every path of every operation, as it is served outside the package."""
    return [(one, path) for one in OPERATIONS for path in (public(one), *one.aliases)]


def public(operation: Operation) -> str:
    """The first of them."""
    return operation.path if operation.role is None else f"/api{operation.path}"


def filled(path: str, parameters: Mapping[str, str]) -> str:
    """A path with its parameters filled in. A parameter that nobody said how to fill is a KeyError."""
    return path.format_map(parameters)
