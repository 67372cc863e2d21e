"""The two fronts that one process can serve, each over the same use cases."""

import socket
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from chalicelib.bootstrap import Container
from infra.grpc import STARTED
from infra.grpc.config import ServingConfig
from infra.local.api import SLACK_BYTES
from infra.local.logs import log


class Front(Protocol):
    """Serves from `start` on. `start` raises OSError when it cannot listen."""

    def start(self) -> None:
        """Listen, and say so."""
        ...

    def drain(self) -> bool:
        """Finish what has begun and take nothing more; whether all of it was finished in time."""
        ...


class GrpcFront:
    """The gRPC server."""

    def __init__(self, config: ServingConfig, use: Container) -> None:
        from chalicelib.rpc.server import Server

        self._address = config.grpc_address()
        self._server = Server(use, config.at_once)
        self._drain_seconds = config.drain_seconds

    def start(self) -> None:
        log(STARTED, port=self._server.start(self._address))

    def drain(self) -> bool:
        return self._server.drain(self._drain_seconds)


class HttpFront:
    """The routes of app.py."""

    def __init__(self, config: ServingConfig, use: Container) -> None:
        self._address = (config.host, config.http_port)
        self._limit = use.settings.max_body_bytes
        self._drain_seconds = config.drain_seconds
        self._drained = False
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        from app import app
        from infra.local.front import Front as HttpServer
        from infra.local.front import listening_socket
        from infra.local.gateway import Gateway

        listener = listening_socket(*self._address)
        listener.listen(socket.SOMAXCONN)
        self._server = HttpServer(Gateway(app, log), listener, self._limit, SLACK_BYTES)
        self._thread.start()
        log("http.started", port=listener.getsockname()[1])

    def drain(self) -> bool:
        self._server.stop()
        self._thread.join()
        return self._drained

    def _run(self) -> None:
        self._drained = self._server.run(self._drain_seconds)


FRONTS: Mapping[str, Callable[[ServingConfig, Container], Front]] = {"grpc": GrpcFront, "http": HttpFront}
