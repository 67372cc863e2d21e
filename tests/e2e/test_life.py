"""How the local run starts, ends and comes back."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.generations import call
from tests.e2e.stack import ROOT, Stack, is_running, wait_until_gone

pytestmark = [pytest.mark.e2e, pytest.mark.roto]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    started = Stack(tmp_path / "data")
    yield started
    started.kill_everything()


def test_says_once_on_standard_output_that_it_is_ready_and_where(stack: Stack) -> None:
    assert [line.startswith("Catchment is ready on http://127.0.0.1:") for line in stack.out] == [True]
    assert call(f"{stack.url}/readyz")[0] == 200


def test_fronts_and_worker_are_processes_of_their_own_whose_ids_are_on_disk(stack: Stack) -> None:
    pids = stack.pids()

    assert set(pids) == {"supervisor", "engine", "api", "grpc", "worker"}
    assert all(is_running(pid) for pid in pids.values())
    assert len(set(pids.values())) == 5


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly(stack: Stack, signal_number: signal.Signals) -> None:
    pids = list(stack.pids().values())

    assert stack.stop(signal_number) == 0
    assert wait_until_gone(pids, seconds=0.1) == []
    assert stack.pids() == {}
    assert "did not stop" not in stack.errors()


def test_starts_again_on_the_same_data(stack: Stack) -> None:
    stack.stop()

    again = Stack(stack.data_dir)
    try:
        assert call(f"{again.url}/readyz")[0] == 200
    finally:
        again.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the engine ends with its leash, which takes longer")
def test_when_the_supervisor_is_killed_nothing_stays_behind(stack: Stack) -> None:
    pids = stack.pids()

    os.kill(pids["supervisor"], signal.SIGKILL)

    assert wait_until_gone(list(pids.values()), seconds=5) == []


@pytest.mark.parametrize("name", ["engine", "api", "grpc", "worker"])
def test_a_child_that_dies_is_started_again_and_the_person_is_told(stack: Stack, name: str) -> None:
    before = stack.pids()[name]

    os.kill(before, signal.SIGKILL)

    eventually(lambda: f"The {name} was started again." in stack.errors())
    eventually(lambda: call(f"{stack.url}/readyz")[0] == 200)
    assert stack.pids()[name] != before
    assert f"The {name} ended unexpectedly" in stack.errors()


def test_a_second_run_on_the_same_data_is_refused(stack: Stack) -> None:
    second = run_to_the_end(DATA_DIR=str(stack.data_dir), PORT="0")

    assert second.returncode == 1
    assert f"process {stack.pids()['supervisor']}" in second.stderr


@pytest.mark.parametrize("name", ["PORT", "GRPC_PORT"])
def test_a_taken_port_is_said_and_ends_the_start(tmp_path: Path, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"PORT": "0", "GRPC_PORT": "0", name: str(port)}
        refused = run_to_the_end(DATA_DIR=str(tmp_path / "data"), **ports)

    assert refused.returncode == 1
    assert f"127.0.0.1:{port}" in refused.stderr
    assert f"with {name}=" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("PORT", "70000"), ("LOCAL_ENGINE", "oracle")])
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, name: str, value: str) -> None:
    refused = run_to_the_end(DATA_DIR=str(tmp_path / "data"), **{name: value})

    assert refused.returncode == 1
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_request_that_is_being_answered_is_finished_before_the_stop(stack: Stack) -> None:
    """The request is half sent when the stop begins; the rest of it is still read and answered."""
    host, port = stack.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        time.sleep(0.5)
        stopping = threading.Thread(target=stack.stop)
        stopping.start()
        time.sleep(0.5)
        connection.sendall(b"Host: x\r\n\r\n")
        answer = connection.recv(65536)
        stopping.join()

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_beyond_loopback_it_refuses_to_run_without_authentication(tmp_path: Path) -> None:
    """Nothing is listened on: the application's own settings refuse before the first request."""
    refused = run_to_the_end(DATA_DIR=str(tmp_path / "data"), PORT="0", LISTEN_HOST="0.0.0.0")  # noqa: S104 - refused

    assert refused.returncode == 1
    assert "SIGIL_AUTH_REQUIRE_KEY" in refused.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads another process's environment in /proc")
def test_the_person_s_own_aws_account_is_never_used(tmp_path: Path) -> None:
    """Credentials, profiles, endpoints and proxies of the shell do not reach the processes."""
    stack = Stack(
        tmp_path / "data",
        AWS_PROFILE="production",
        AWS_ACCESS_KEY_ID="AKIAREAL",
        AWS_SESSION_TOKEN="secret",
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true",
        HTTP_PROXY="http://127.0.0.1:9",
    )
    try:
        environment = Path(f"/proc/{stack.pids()['api']}/environ").read_bytes()
    finally:
        stack.stop()

    for theirs in (b"production", b"AKIAREAL", b"AWS_SESSION_TOKEN", b"AWS_IGNORE_CONFIGURED"):
        assert theirs not in environment
    assert b"AWS_ENDPOINT_URL=http://127.0.0.1:" in environment


def test_no_answer_names_the_server_software(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.url}/healthz", timeout=10) as answer:
        assert answer.headers["Server"] is None


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for a condition; fails when it takes longer."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def run_to_the_end(**env: str) -> "subprocess.CompletedProcess[str]":
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, "-m", "infra.local"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
