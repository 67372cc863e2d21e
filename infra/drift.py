"""`python -m infra.drift`: fails when a committed, generated file no longer follows from its source.

The descriptors of the gRPC services are compiled anew. The locked requirements are compared by version: what runs
(`local.txt`, `container.txt`) and what is packaged (`requirements.txt`) must be what is tested (`dev.txt`). Each line
of a `.in` file must be there too.
"""

import re
import sys
from pathlib import Path

from infra import protoc

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)

LOCKS = {
    "requirements/dev.in": "requirements/dev.txt",
    "requirements/local.in": "requirements/local.txt",
    "requirements/runtime.in": "requirements.txt",
    "requirements/container.in": "requirements/container.txt",
    "requirements/ministack.in": "requirements/ministack.txt",
    "requirements/voker.in": "requirements/voker.txt",
    "requirements/voker-openai3.in": "requirements/voker-openai3.txt",
    "requirements/sigil.in": "requirements/sigil.txt",
    "requirements/agento11y.in": "requirements/agento11y.txt",
}


def pins(lock: Path) -> dict[str, str]:
    """Name → version of every requirement in a lock file."""
    return dict(PIN.findall(lock.read_text(encoding="utf-8")))


def missing_from_locks(root: Path) -> list[str]:
    """Direct requirements that no lock file holds."""
    return [
        f"{lock} lacks {name}, which {source} asks for: run `make lock`"
        for source, lock in LOCKS.items()
        for name in NAME.findall((root / source).read_text(encoding="utf-8"))
        if re.sub(r"[._-]+", "-", name).lower() not in pins(root / lock)
    ]


def untested_versions(root: Path) -> list[str]:
    """Requirements that run or ship in another version than the one the tests use."""
    tested = pins(root / "requirements/dev.txt")
    return [
        f"{lock} has {name} {version}, tests use {tested.get(name)}: run `make lock`"
        for lock in ("requirements/local.txt", "requirements/container.txt", "requirements.txt")
        for name, version in pins(root / lock).items()
        if tested.get(name) != version
    ]


def stale_descriptors() -> list[str]:
    """The descriptors, when they are not what the `.proto` files say."""
    if protoc.compiled() == protoc.DESCRIPTORS.read_bytes():
        return []
    return [f"{protoc.DESCRIPTORS.relative_to(ROOT)} is not what the .proto files say: run `python -m infra.protoc`"]


def main() -> int:
    """Prints what drifted; 1 when anything did."""
    drifted = missing_from_locks(ROOT) + untested_versions(ROOT) + stale_descriptors()
    sys.stderr.writelines(f"{line}\n" for line in drifted)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
