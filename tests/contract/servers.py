"""The engines that are processes of their own, started on a free loopback port and ended with the tests."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.config import ROOT
from infra.local.engines import LEASH, free_port
from infra.local.provision import wait_until_it_answers

START_SECONDS = 30
STOP_SECONDS = 10
MINISTACK = ROOT / ".venvs/ministack/bin/ministack"
ROTO = Path(sys.executable).parent / "roto-server"


@contextmanager
def ministack(directory: Path) -> Iterator[str]:
    """Its endpoint. It has a virtual environment of its own, because it pins another botocore."""
    port = free_port()
    env = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
        "LOG_LEVEL": "ERROR",
    }
    with _running(MINISTACK, [], env, port, directory) as endpoint:
        yield endpoint


@contextmanager
def roto(directory: Path) -> Iterator[str]:
    """Its endpoint; it keeps everything in memory."""
    port = free_port()
    arguments = ["--ephemeral", "--port", str(port), "--data-dir", str(directory / "data")]
    with _running(ROTO, arguments, {"RUST_LOG": "error"}, port, directory) as endpoint:
        yield endpoint


@contextmanager
def _running(binary: Path, arguments: list[str], env: Mapping[str, str], port: int, directory: Path) -> Iterator[str]:
    if not binary.exists():
        pytest.skip(f"{binary.name} is not installed: `make engines` installs it")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    endpoint = f"http://127.0.0.1:{port}"
    with (directory / "engine.log").open("wb") as log:
        process = subprocess.Popen(
            [*LEASH, str(binary), *arguments],
            env={**kept, **env},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            assert wait_until_it_answers(endpoint, lambda: process.poll() is None, START_SECONDS), binary.name
            yield endpoint
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
