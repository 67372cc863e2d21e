"""What may be set of the container, read from the environment once. The application's own settings come on top."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.rpc.server import AT_ONCE
from infra.local.config import GRPC_PORT, ConfigError, whole_number

FRONTS = ("grpc", "http")
HTTP_PORT = 8000
MOST_AT_ONCE = 1000
LONGEST_DRAIN = 3600


@dataclass(frozen=True)
class ServingConfig:
    """Which fronts a process serves, where, and how."""

    fronts: tuple[str, ...]
    host: str
    http_port: int
    grpc_port: int
    at_once: int
    drain_seconds: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "ServingConfig":
        """SERVE, LISTEN_HOST, PORT, GRPC_PORT, GRPC_CONCURRENCY, DRAIN_SECONDS. Raises `ConfigError`."""
        fronts = tuple(dict.fromkeys(name.strip() for name in env.get("SERVE", "grpc").split(",")))
        if not set(fronts) <= set(FRONTS):
            raise ConfigError(f"SERVE is {env['SERVE']!r}; it can be {', '.join(FRONTS)} or both")
        return cls(
            fronts=fronts,
            host=env.get("LISTEN_HOST") or "127.0.0.1",
            http_port=whole_number(env, "PORT", HTTP_PORT, most=65535),
            grpc_port=whole_number(env, "GRPC_PORT", GRPC_PORT, most=65535),
            at_once=whole_number(env, "GRPC_CONCURRENCY", AT_ONCE, least=1, most=MOST_AT_ONCE),
            drain_seconds=whole_number(env, "DRAIN_SECONDS", 25, least=1, most=LONGEST_DRAIN),
        )

    def grpc_address(self) -> str:
        """Where the gRPC server listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.grpc_port}"
