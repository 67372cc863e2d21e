"""Clients in environments of their own: a script is run there, and tells what came of it as JSON."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ENVIRONMENTS = Path(__file__).parents[2] / ".venvs"
SECONDS = 120


def told_by(environment: str, script: Path, *arguments: str, **variables: str) -> Any:
    """What a script told in an environment, without proxies; the test is skipped where that is not installed."""
    python = ENVIRONMENTS / environment / "bin/python"
    if not python.exists():
        pytest.skip(f"{environment} is not installed: `make clients` installs it")
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [str(python), str(script), *arguments],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
