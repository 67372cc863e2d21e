"""What the numbers were measured on and with."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.proc import load_average
from infra.local.config import ROOT

PACKAGES = ("boto3", "pydantic", "chalice", "waitress", "roto-aws")


def about() -> str:
    """One paragraph: date, machine, versions, and how busy the machine was when this was asked."""
    versions = [f"{package} {version(package)}" for package in PACKAGES]
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d} at commit {_commit()} on {_processor()}, Linux "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, {', '.join(versions)}, "
        f"ministack {_ministack()}. Load average when this section was measured: {load_average():.1f}."
    )


def _processor() -> str:
    fields = [line.partition(":") for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()]
    names = [value.strip() for name, _, value in fields if name.strip() == "model name"]
    memory = Path("/proc/meminfo").read_text(encoding="ascii").split()[1]
    return f"{len(names)} cores of {names[0] if names else platform.machine()}, {round(int(memory) / 1024**2)} GB"


def _commit() -> str:
    answer = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - whichever git the developer has
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or "unknown"


def _ministack() -> str:
    found = next((ROOT / ".venvs/ministack").glob("lib/*/site-packages/ministack-*.dist-info"), Path("unknown"))
    return found.name.removeprefix("ministack-").removesuffix(".dist-info")
