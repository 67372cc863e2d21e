"""`python -m infra.local` starts Catchment on this machine; `make run` does so after installing what it needs."""

import fcntl
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from chalicelib.settings import InvalidSettings, Settings
from infra.local.config import ConfigError, RunConfig, child_environment, without_aws_account
from infra.local.front import listening_socket
from infra.local.lifeline import die_with_parent
from infra.local.supervisor import StartError, Supervisor, say


def main(arguments: list[str]) -> int:
    """0 after a clean stop, 1 when it could not start."""
    if "--end-with-parent" in arguments:
        die_with_parent(signal.SIGTERM)
    try:
        env = without_aws_account(os.environ)
        os.environ.clear()
        os.environ.update(env)
        config = RunConfig.from_env(env)
        check_application_settings()
        lock = claim_data_dir(config)
        listener = claim_port(config)
        run(Supervisor(config, env, listener, claim_grpc_port(config)))
    except (ConfigError, StartError) as error:
        say(str(error))
        return 1
    (config.run_dir / "supervisor.pid").unlink(missing_ok=True)
    os.close(lock)
    say("Stopped.")
    return 0


def run(supervisor: Supervisor) -> None:
    """Until Ctrl-C or SIGTERM; a second one stops without waiting."""

    def on_signal(*_: object) -> None:
        if supervisor.stopping.is_set():
            supervisor.kill()
        else:
            say("Stopping: finishing what has begun (once more to stop at once).")
            supervisor.stopping.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    # A closed terminal stops it too, unless it was started to outlive the terminal (nohup).
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, on_signal)
    supervisor.run()


def check_application_settings() -> None:
    """Has the application judge its settings before anything is started."""
    try:
        Settings.from_env(child_environment(os.environ, endpoint="", wiring={}))
    except InvalidSettings as error:
        raise ConfigError(str(error)) from error


def claim_data_dir(config: RunConfig) -> int:
    """Locks the data directory for this run. The lock goes with the process: a crash leaves none behind."""
    pid_file = config.run_dir / "supervisor.pid"
    try:
        for directory in (config.data_dir, config.run_dir, config.log_dir):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(config.run_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        msg = f"Cannot keep data in {config.data_dir}: {error.strerror}. Choose another place with DATA_DIR=…"
        raise ConfigError(msg) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        msg = f"Catchment already runs on {config.data_dir} (process {_pid(pid_file)})"
        raise ConfigError(msg) from None
    pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
    return lock


def claim_port(config: RunConfig) -> socket.socket:
    """Binds the port before anything is started, so that a taken one is said at once."""
    try:
        return listening_socket(config.host, config.port)
    except OSError as error:
        where = f"{config.host}:{config.port}"
        msg = f"Cannot listen on {where}: {error.strerror}. Choose another with PORT=…"
        raise ConfigError(msg) from error


def claim_grpc_port(config: RunConfig) -> int:
    """The gRPC server binds its port by itself; this says at once that it is taken, or finds a free one for 0."""
    try:
        with listening_socket(config.host, config.grpc_port) as probe:
            port: int = probe.getsockname()[1]
            return port
    except OSError as error:
        msg = f"Cannot listen on {config.host}:{config.grpc_port}: {error.strerror}. Choose another with GRPC_PORT=…"
        raise ConfigError(msg) from error


def _pid(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="ascii").strip()
    return "unknown"


if __name__ == "__main__":
    threading.current_thread().name = "supervisor"
    sys.exit(main(sys.argv[1:]))
