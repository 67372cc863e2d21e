"""The two engines that can stand in for AWS on one machine, and how to start them.

roto keeps acknowledged writes over a kill -9 (SQLite with a write-ahead log). ministack follows AWS more closely but
saves its state only when it is stopped cleanly.
"""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.local.children import ChildSpec
from infra.local.config import ROOT, ConfigError, RunConfig

LEASH = [sys.executable, "-I", "-S", str(ROOT / "infra/local/lifeline.py")]


def engine_spec(config: RunConfig, env: Mapping[str, str], port: int) -> ChildSpec:
    """How to start the chosen engine on a loopback port. Raises `ConfigError` when it is not installed."""
    if config.engine == "ministack":
        return _ministack(config, env, port)
    return _roto(config, env, port)


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _roto(config: RunConfig, env: Mapping[str, str], port: int) -> ChildSpec:
    binary = _installed(Path(sys.executable).parent / "roto-server", "make run")
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--data-dir", str(config.data_dir / "roto")]
    quiet = {"RUST_LOG": "warn", "NO_COLOR": "1"}
    return ChildSpec("engine", [*LEASH, str(binary), *arguments], {**env, **quiet}, stop_seconds=10, plain_log=True)


def _ministack(config: RunConfig, env: Mapping[str, str], port: int) -> ChildSpec:
    binary = _installed(ROOT / ".venvs/ministack/bin/ministack", "make engines")
    state = config.data_dir / "ministack"
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LOG_LEVEL": "WARNING",
    }
    kept = {name: value for name, value in env.items() if not name.startswith("AWS_")}
    return ChildSpec("engine", [*LEASH, str(binary)], {**kept, **settings}, stop_seconds=60, plain_log=True)


def _installed(binary: Path, remedy: str) -> Path:
    if not binary.exists():
        msg = f"{binary.name} is not installed; `{remedy}` installs it"
        raise ConfigError(msg)
    return binary
