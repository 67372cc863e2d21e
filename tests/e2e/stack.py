"""Starts the whole local run in a test, as `make run` does, on a free port and a data directory of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY = re.compile(r"^Catchment is ready on (http://\S+) \(gRPC on port (\d+);")
START_SECONDS = 60
STOP_SECONDS = 60


class Stack:
    """A started local run. `url` is its base URL, `grpc` where it speaks gRPC.

    `out` is every line it wrote to standard output before it said so.
    """

    def __init__(self, data_dir: Path, **env: str) -> None:
        self.data_dir = data_dir
        settings = {"PORT": "0", "GRPC_PORT": "0", "DATA_DIR": str(data_dir), **env}
        self._errors = (data_dir.parent / f"{data_dir.name}.err").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.out: list[str] = []
        self.url, self.grpc = self._wait_until_ready()

    def pids(self) -> dict[str, int]:
        """Process ids by name: supervisor, engine, api, grpc, worker."""
        return {file.stem: int(file.read_text()) for file in (self.data_dir / "run").glob("*.pid")}

    def errors(self) -> str:
        """What the person would have seen on standard error, this start's and earlier ones'."""
        return Path(self._errors.name).read_text(encoding="utf-8")

    def stop(self, signal_number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to stop, waits, and returns its exit code. Does nothing to one that has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill_everything()

    def kill_everything(self) -> None:
        """kill -9 of the supervisor and of each child; returns when all are gone."""
        pids = self.pids()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for name, pid in pids.items():
            if name != "supervisor" and is_running(pid):
                os.kill(pid, signal.SIGKILL)
        wait_until_gone(list(pids.values()))
        if self.process.stdout:
            self.process.stdout.close()
        self._errors.close()

    def _wait_until_ready(self) -> tuple[str, str]:
        # Every way in which the start can fail ends the process, and with it this stream.
        for line in self.process.stdout or ():
            self.out.append(line)
            found = READY.match(line)
            if found:
                return found[1], f"127.0.0.1:{found[2]}"
        self.process.wait(START_SECONDS)
        raise AssertionError(f"it did not start:\n{self.errors()}")


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended but that nobody waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with suppress(OSError):
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return status.rpartition(")")[2].split()[0] not in {"Z", "X"}
    return True


def wait_until_gone(pids: list[int], seconds: float = 10) -> list[int]:
    """The processes that still run after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [pid for pid in pids if is_running(pid)]
        if not left:
            return []
        time.sleep(0.02)
    return left
