"""Children end when their supervisor does, however it ended.

On Linux the kernel is asked to kill the child when its parent dies. Everywhere, the child's standard input is a pipe
that only the supervisor holds open: its end means that the supervisor is gone.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
EXIT_ORPHANED = 70


def die_with_parent(signal_number: signal.Signals = signal.SIGKILL) -> None:
    """Has the kernel send this process a signal when the parent dies. Only Linux can; elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != parent:
        os._exit(EXIT_ORPHANED)


def follow_supervisor() -> None:
    """Ties this process to the supervisor that holds the other end of its standard input."""
    die_with_parent()
    threading.Thread(target=_exit_at_end_of_input, name="lifeline", daemon=True).start()


def _exit_at_end_of_input() -> None:
    while os.read(0, 64):
        pass
    os._exit(EXIT_ORPHANED)


def run_leashed(command: list[str]) -> None:
    """Becomes `command`, a program that knows nothing of supervisors, or babysits it where the kernel cannot."""
    if sys.platform == "linux":
        die_with_parent()
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    babysit(command)


def babysit(command: list[str]) -> None:
    """Runs `command` as a child, passes SIGTERM on to it and kills it when standard input ends."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=_kill_at_end_of_input, args=(child,), daemon=True).start()
    sys.exit(child.wait())


def _kill_at_end_of_input(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 64):
        pass
    child.kill()


if __name__ == "__main__":
    run_leashed(sys.argv[1:])
