"""The running service where only API keys are let in, and the command that makes the first one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.generations import call
from tests.e2e.stack import ROOT

TENANT = "team-a"
KEYED = {"SIGIL_AUTH_ENABLED": "true", "SIGIL_AUTH_REQUIRE_KEY": "true"}


@dataclass(frozen=True)
class KeyedService:
    """Its base URL, and the first key of a tenant."""

    url: str
    key: str

    def get(self, path: str) -> tuple[int, Any]:
        """A request with the first key."""
        return call(f"{self.url}{path}", x_ingate_key=self.key)

    def make(self, role: str, name: str = "n") -> dict[str, Any]:
        """A further key, over HTTP."""
        body = f'{{"name": "{name}", "role": "{role}"}}'.encode()
        status, made = call(f"{self.url}/api/v1/keys", body, x_ingate_key=self.key)
        assert status == 201, made
        return dict(made)


def first_key(data_dir: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """What `make key` runs, for the local run of a directory."""
    kept = {name: value for name, value in os.environ.items() if name != "TABLE_NAME"}
    return subprocess.run(
        [sys.executable, "-m", "infra.first_key", *arguments],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(data_dir), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
