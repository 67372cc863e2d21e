"""What a person may set for the local run, read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINES = ("roto", "ministack")
MEBIBYTE = 1024 * 1024
GRPC_PORT = 4317


class ConfigError(Exception):
    """A variable of the environment cannot be used; the message says which and why."""


@dataclass(frozen=True)
class RunConfig:
    """Where the local run listens, what it stands on and where it keeps its data."""

    host: str
    port: int
    grpc_port: int
    data_dir: Path
    engine: str
    max_body_bytes: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "RunConfig":
        """LISTEN_HOST, PORT and GRPC_PORT (0 takes a free one), DATA_DIR, LOCAL_ENGINE, MAX_BODY_BYTES.

        Raises `ConfigError`.
        """
        engine = env.get("LOCAL_ENGINE", "roto")
        if engine not in ENGINES:
            msg = f"LOCAL_ENGINE is {engine!r}; it can be {' or '.join(ENGINES)}"
            raise ConfigError(msg)
        return cls(
            host=env.get("LISTEN_HOST", "127.0.0.1"),
            port=whole_number(env, "PORT", 8000, most=65535),
            grpc_port=whole_number(env, "GRPC_PORT", GRPC_PORT, most=65535),
            data_dir=Path(env.get("DATA_DIR", ".data")).absolute(),
            engine=engine,
            max_body_bytes=whole_number(env, "MAX_BODY_BYTES", 64 * MEBIBYTE, most=1024 * MEBIBYTE),
        )

    @property
    def run_dir(self) -> Path:
        """Process ids and the lock."""
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        """One log file per process."""
        return self.data_dir / "logs"

    @property
    def wiring_file(self) -> Path:
        """How a command reaches the engine of this run: JSON of variables, there while it runs."""
        return self.run_dir / "wiring.json"

    def url(self, port: int) -> str:
        """The base URL for a person on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}"


def whole_number(env: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int) -> int:
    """The number that a variable is. Raises `ConfigError`."""
    text = env.get(name, str(default))
    if not (text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most):
        msg = f"{name} is {text!r}; it must be a whole number from {least} to {most}"
        raise ConfigError(msg)
    return int(text)


def without_aws_account(env: Mapping[str, str]) -> dict[str, str]:
    """The environment with nothing of the person's AWS account in it.

    Every AWS_* variable is replaced and no configuration file is read: credentials, profiles, endpoints or proxies of
    the person who starts this must not lead a call anywhere but to the engine on this machine.
    """
    kept = {name: value for name, value in env.items() if not name.startswith("AWS_")}
    hosts = [*env.get("NO_PROXY", "").split(","), "127.0.0.1", "localhost"]
    no_proxy = ",".join(dict.fromkeys(host for host in hosts if host))
    return {
        **kept,
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def child_environment(env: Mapping[str, str], endpoint: str, wiring: Mapping[str, str]) -> dict[str, str]:
    """The environment of the API and of the worker: the person's settings, and the engine in the place of AWS."""
    defaults = {"SIGIL_AUTH_ENABLED": "false", "MAX_BODY_BYTES": str(64 * MEBIBYTE)}
    return {**defaults, **without_aws_account(env), **wiring, "AWS_ENDPOINT_URL": endpoint}
