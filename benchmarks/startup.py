"""What a fresh interpreter pays before the product can do anything."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

RUNS = 10
# The kernel's own figure for a child that has ended includes the moment before it became another program.
SAY_PEAK = "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
STATEMENTS = {
    "bare Python": "pass",
    "import app": "import app",
    "import boto3": "import boto3",
    "both clients and the use cases": "import app, chalicelib.bootstrap as b; c = b.container(); c.ingest; c.process",
}


@dataclass(frozen=True)
class Start:
    """The least CPU seconds and the most memory (bytes) of several runs."""

    cpu: float
    peak_bytes: int


def measure(environment: Mapping[str, str]) -> dict[str, Start]:
    """Every statement in fresh interpreters, taking turns so that a busy moment harms none alone."""
    runs: dict[str, list[Start]] = {name: [] for name in STATEMENTS}
    for _ in range(RUNS):
        for name, statement in STATEMENTS.items():
            runs[name].append(_run(statement, environment))
    return {
        name: Start(min(start.cpu for start in starts), max(start.peak_bytes for start in starts))
        for name, starts in runs.items()
    }


def _run(statement: str, environment: Mapping[str, str]) -> Start:
    command = [sys.executable, "-c", f"{statement}\n{SAY_PEAK}"]
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE) as process:
        said = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"`{statement}` failed"
        raise RuntimeError(message)
    return Start(usage.ru_utime + usage.ru_stime, int(said) * 1024)
