"""What the kernel knows of a process: CPU, memory, environment (Linux)."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
USER, SYSTEM = 11, 12  # utime and stime, counted after the command's closing parenthesis


def cpu_seconds(pid: int) -> float:
    """User and system time of all its threads since it started."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) / TICKS


def peak_bytes(pid: int) -> int:
    """The most memory it has had resident."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def environment(pid: int) -> dict[str, str]:
    """The environment it was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def load_average() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]
