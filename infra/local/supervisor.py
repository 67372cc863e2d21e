"""Starts the engine, the API, the gRPC server and the worker, keeps them running, and stops them in the right order.

    make run ─ supervisor ┬ engine   DynamoDB, SQS and S3 in one process on a loopback port
                          ├ api      app.py's routes behind an HTTP front; the supervisor owns its listening socket
                          ├ grpc     the same use cases for the SDKs that speak gRPC
                          └ worker   app.py's queue and schedule handlers

A child that ends is started again after a pause that doubles, and the person is told. Children end with the supervisor,
however it ends (see `lifeline`).
"""

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from infra import template as templates
from infra.grpc import STARTED as SERVES_GRPC
from infra.local.children import Child, ChildSpec
from infra.local.config import RunConfig, child_environment
from infra.local.engines import engine_spec, free_port
from infra.local.provision import provision, wait_until_it_answers
from infra.local.worker import QUEUES_VARIABLE, STARTED

ENGINE_SECONDS = 30.0
READY_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
LOOK_SECONDS = 0.1


class StartError(Exception):
    """Something did not come up; the message says what, and shows the end of its log."""


class Supervisor:
    """One local run."""

    def __init__(self, config: RunConfig, env: Mapping[str, str], listener: socket.socket, grpc_port: int) -> None:
        self._config = config
        self._env = env
        self._listener = listener
        self._grpc_port = grpc_port
        self._children: dict[str, Child] = {}
        self._watched: dict[str, _Restarts] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        """Until `stopping` is set. Raises `StartError` when it cannot get ready."""
        try:
            self._start_all()
            while not self.stopping.wait(LOOK_SECONDS):
                for name in list(self._children):
                    self._look_after(name)
        finally:
            self._stop_all()

    def kill(self) -> None:
        """For the impatient: ends everything at once."""
        for child in self._children.values():
            child.kill()

    def _start_all(self) -> None:
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}"
        self._start(engine_spec(self._config, self._env, port))
        engine = self._children["engine"]
        if not wait_until_it_answers(endpoint, lambda: self._comes_up(engine), ENGINE_SECONDS):
            raise self._failed("engine")
        template = templates.load()
        try:
            references = provision(endpoint, template)
        except (BotoCoreError, ClientError) as error:
            msg = f"The engine could not be given its tables and queues: {error}"
            raise StartError(msg) from error
        wiring = templates.function_environment(template, references)
        self._config.wiring_file.write_text(json.dumps({**wiring, "AWS_ENDPOINT_URL": endpoint}), encoding="ascii")
        env = child_environment(self._env, endpoint, wiring)
        self._listener.listen(1024)
        self._start(api_spec(env, self._listener))
        self._start(grpc_spec(env, self._grpc_port))
        self._start(worker_spec(env, queue_urls(template, references)))
        self._wait_until_ready()

    def _start(self, spec: ChildSpec) -> None:
        self._children[spec.name] = Child(spec, self._config.run_dir, self._config.log_dir)
        self._watched.setdefault(spec.name, _Restarts()).started()

    def _comes_up(self, child: Child) -> bool:
        return child.exit_code is None and not self.stopping.is_set()

    def _wait_until_ready(self) -> None:
        host, port = self._listener.getsockname()[:2]
        deadline = time.monotonic() + READY_SECONDS
        while not (answers_ready(host, port) and all(self._children[name].ready for name in ("grpc", "worker"))):
            for name, child in self._children.items():
                if not self._comes_up(child):
                    raise self._failed(name)
            if time.monotonic() > deadline:
                raise self._failed("api")
            time.sleep(LOOK_SECONDS / 2)
        about = f"gRPC on port {self._grpc_port}; data in {self._config.data_dir}; Ctrl-C stops it"
        tell(f"Catchment is ready on {self._config.url(port)} ({about})")

    def _failed(self, name: str) -> StartError:
        if self.stopping.is_set():
            return StartError("stopped before it was ready")
        child = self._children[name]
        how = f"ended with exit code {child.exit_code}" if child.exit_code is not None else "did not get ready"
        child.kill()
        child.wait(1)
        log_file = self._config.log_dir / f"{name}.log"
        return StartError("\n".join([f"The {name} {how}. The end of {log_file}:", *child.last_lines()]))

    def _look_after(self, name: str) -> None:
        child, restarts = self._children[name], self._watched[name]
        if child.exit_code is None:
            return
        if restarts.due_at is None:
            pause = restarts.ended()
            child.close()
            say(f"The {name} ended unexpectedly (exit code {child.exit_code}); it starts again in {pause:g} s.")
        elif time.monotonic() >= restarts.due_at:
            self._start(child.spec)
            say(f"The {name} was started again.")

    def _stop_all(self) -> None:
        """The engine goes last: until then the others may have something to write."""
        self.stopping.set()
        self._config.wiring_file.unlink(missing_ok=True)
        self._listener.close()
        for names in (("api", "grpc", "worker"), ("engine",)):
            children = [self._children[name] for name in names if name in self._children]
            for child in children:
                child.ask_to_stop()
            for child in children:
                if not child.wait(child.spec.stop_seconds):
                    say(f"The {child.spec.name} did not stop within {child.spec.stop_seconds:g} s and is ended.")
                    child.kill()
                    child.wait(5)
                child.close()


class _Restarts:
    """When a child that ended is due again."""

    def __init__(self) -> None:
        self.due_at: float | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._started_at = 0.0

    def started(self) -> None:
        self.due_at = None
        self._started_at = time.monotonic()

    def ended(self) -> float:
        """The pause before the next start, in seconds: it doubles while the child does not stay up."""
        now = time.monotonic()
        if now - self._started_at > STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        self.due_at = now + pause
        return pause


def api_spec(env: Mapping[str, str], listener: socket.socket) -> ChildSpec:
    """The API: it is given 10 s to answer what it has begun."""
    command = [sys.executable, "-m", "infra.local.api", str(listener.fileno())]
    return ChildSpec("api", command, env, stop_seconds=12, fds=[listener.fileno()])


def grpc_spec(env: Mapping[str, str], port: int) -> ChildSpec:
    """The gRPC server: it is given 10 s to answer what it has begun."""
    command = [sys.executable, "-m", "infra.local.rpc"]
    return ChildSpec("grpc", command, {**env, "GRPC_PORT": str(port)}, stop_seconds=12, ready_event=SERVES_GRPC)


def worker_spec(env: Mapping[str, str], urls: Mapping[str, str]) -> ChildSpec:
    """The worker: it finishes the batches in hand."""
    command = [sys.executable, "-m", "infra.local.worker"]
    return ChildSpec(
        "worker", command, {**env, QUEUES_VARIABLE: json.dumps(urls)}, stop_seconds=30, ready_event=STARTED
    )


def queue_urls(template: Mapping[str, object], references: Mapping[str, str]) -> dict[str, str]:
    """Queue URLs by the names that app.py uses."""
    queues = templates.local_resources(template, "AWS::SQS::Queue")
    return {queue.local_name: references[queue.logical_id] for queue in queues}


def answers_ready(host: str, port: int) -> bool:
    """Whether `/readyz` says 200 now."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """An address to reach a socket that listens on all of them."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked for, not bound


def tell(line: str) -> None:
    """The one line on standard output."""
    print(line, flush=True)


def say(line: str) -> None:
    """Everything else, on standard error."""
    print(line, file=sys.stderr, flush=True)
