"""One child process: its start, its log file, its process id on disk, its end."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.local.config import ROOT

LOG_BYTES = 16 * 1024 * 1024
SHOWN_LEVELS = {"WARNING", "WARN", "ERROR", "CRITICAL", "FATAL"}


@dataclass(frozen=True)
class ChildSpec:
    """How to start a child. `fds` are inherited; `plain_log` means that its log is not ours to show; it is ready
    once it has logged `ready_event`."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    stop_seconds: float
    fds: Sequence[int] = field(default=())
    plain_log: bool = False
    ready_event: str = ""


class Child:
    """A running child process."""

    def __init__(self, spec: ChildSpec, run_dir: Path, log_dir: Path) -> None:
        self.spec = spec
        self._pid_file = run_dir / f"{spec.name}.pid"
        # A process group of its own: Ctrl-C in a terminal reaches the supervisor only, which stops things in order.
        self._process = subprocess.Popen(
            spec.command,
            env=dict(spec.env),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=spec.fds,
            process_group=0,
        )
        self._pid_file.write_text(f"{self._process.pid}\n", encoding="ascii")
        self._log = _LogPump(spec, self._process.stdout, log_dir / f"{spec.name}.log")

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def ready(self) -> bool:
        """Whether it has logged that it is."""
        return self._log.ready.is_set()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM; the child finishes what it has begun."""
        if self.exit_code is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once."""
        if self.exit_code is None:
            self._process.kill()

    def wait(self, timeout: float) -> bool:
        """Whether it ended within `timeout` seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Lets go of an ended child's pipes and process id."""
        if self._process.stdin:
            self._process.stdin.close()
        self._log.join()
        self._pid_file.unlink(missing_ok=True)

    def last_lines(self, count: int = 15) -> list[str]:
        """The end of its log, for the person who has to find out why it ended."""
        return self._log.path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


class _LogPump:
    """Copies a child's output to its log file and shows the person what is a warning or worse."""

    def __init__(self, spec: ChildSpec, stream: IO[bytes] | None, path: Path) -> None:
        self.path = path
        self._spec = spec
        self._stream = stream
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._copy, name=f"log-{spec.name}", daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(timeout=2)

    def _copy(self) -> None:
        if self._stream is None:
            return
        target = self._open()
        with self._stream:
            for line in self._stream:
                if target.tell() > LOG_BYTES:
                    target.close()
                    target = self._open()
                target.write(line)
                target.flush()
                self._notice(line)
        target.close()

    def _notice(self, line: bytes) -> None:
        if self._spec.ready_event and self._spec.ready_event.encode() in line:
            self.ready.set()
        if not self._spec.plain_log and is_worth_showing(line):
            sys.stderr.write(f"{self._spec.name}: {line.decode(errors='replace')}")

    def _open(self) -> IO[bytes]:
        if self.path.exists() and self.path.stat().st_size > LOG_BYTES:
            self.path.replace(self.path.with_suffix(".old.log"))
        return self.path.open("ab")


def is_worth_showing(line: bytes) -> bool:
    """A warning or worse, or something that is not one of our JSON lines (a traceback, say)."""
    if not line.startswith(b"{"):
        return bool(line.strip())
    try:
        entry = json.loads(line)
    except ValueError:
        return True
    return str(entry.get("level", entry.get("severity", ""))).upper() in SHOWN_LEVELS
