"""The HTTP server in front of the gateway: waitress, with answers in one send, our error shape and a drain at the end.

waitress does what `chalice local` does not: chunked bodies, no stall on kept-alive connections, bounded bodies.
"""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge

CODES = {400: "MALFORMED", 413: "TOO_LARGE", 431: "TOO_LARGE", 501: "UNSUPPORTED_ENCODING"}
KEPT_OPEN_SECONDS = 120
DISCARD_AT_MOST = 1024 * 1024 * 1024


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress publishes no types
    """Reads a body that is too large to its end before it is refused.

    Closing a socket with unread input resets the connection, and the client would see that instead of the 413.
    A client that asked first (`Expect: 100-continue`) is refused at once.
    """

    body_rcv: Any
    expect_continue: bool

    def received(self, data: bytes) -> int:
        if isinstance(self.body_rcv, _Discard):
            taken = self.body_rcv.received(data)
            self.completed = self.body_rcv.completed
            return taken
        consumed: int = super().received(data)
        if self.completed and isinstance(self.error, RequestEntityTooLarge):
            self._refuse()
        return consumed

    def _refuse(self) -> None:
        asked_first, self.expect_continue = self.expect_continue, False
        left = self.content_length - self.body_bytes_received
        if not asked_first and 0 < left <= DISCARD_AT_MOST:
            self.close()
            self.body_rcv = _Discard(left)
            self.completed = False


class _Discard:
    """A receiver of a body that nobody will read."""

    error = None

    def __init__(self, expected: int) -> None:
        self._left = expected

    @property
    def completed(self) -> bool:
        return self._left == 0

    def received(self, data: bytes) -> int:
        taken = min(len(data), self._left)
        self._left -= taken
        return taken

    def getfile(self) -> None:
        return None

    def getbuf(self) -> "_Discard":
        return self

    def close(self) -> None:
        return None


class OneSend(WSGITask):  # type: ignore[misc]
    """Sends the head of an answer together with its body."""

    wrote_header: bool

    def write(self, data: bytes) -> None:
        if self.wrote_header or not data or not self.has_body:
            super().write(data)
            return
        if self.channel.server.draining:
            self.set_close_on_finish()
        head = self.build_response_header()
        self.wrote_header = True
        self.content_bytes_written += len(data)
        self.channel.write_soon(head + data)


class ShapedError(ErrorTask):  # type: ignore[misc]
    """What the server refuses by itself, in the one error shape."""

    def execute(self) -> None:
        error = self.request.error
        code = CODES.get(error.code, "INTERNAL")
        message, meta = f"{error.reason}: {error.body}", {}
        if isinstance(error, RequestEntityTooLarge):
            limit = self.channel.server.told_limit
            message, meta = f"the body must be at most {limit} bytes", {"limit": limit}
        shape = {"error": {"code": code, "message": message, "meta": meta}}
        body = json.dumps(shape, separators=(",", ":")).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    parser_class = Parser
    task_class = OneSend
    error_task_class = ShapedError


class Front:
    """A server on an already bound socket."""

    def __init__(
        self, application: Callable[..., Any], listener: socket.socket, max_body_bytes: int, slack_bytes: int = 0
    ) -> None:
        """Bodies over the limit by at most `slack_bytes` reach the application, which refuses them itself."""
        self._server: BaseWSGIServer = create_server(
            application,
            sockets=[listener],
            threads=16,
            ident=None,
            connection_limit=1000,
            log_socket_errors=False,
            channel_timeout=KEPT_OPEN_SECONDS,
            max_request_body_size=max_body_bytes + slack_bytes,
            # Bodies up to this size stay in memory; larger ones wait in a temporary file.
            inbuf_overflow=8 * 1024 * 1024,
            recv_bytes=256 * 1024,
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
        )
        self._server.channel_class = Channel
        self._server.draining = False
        self._server.told_limit = max_body_bytes
        self._stopping = False

    def stop(self) -> None:
        """Has `run` finish the requests that have begun and return. Safe to call from a signal handler."""
        self._stopping = True

    def run(self, drain_seconds: float) -> bool:
        """Serves until `stop`. Whether every request that had begun was answered."""
        while not self._stopping:
            self._turn(0.2)
        self._server.draining = True
        self._server.del_channel()
        self._server.socket.close()
        deadline = time.monotonic() + drain_seconds
        while self._busy() and time.monotonic() < deadline:
            self._turn(0.05)
        drained = not self._busy()
        self._server.task_dispatcher.shutdown(timeout=0.5)
        wasyncore.close_all(self._server._map)  # noqa: SLF001
        return drained

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._server._map, count=1)  # noqa: SLF001

    def _busy(self) -> bool:
        """Whether a request is being received, worked on or answered."""
        return any(
            channel.requests or channel.request is not None or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        )


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet. Raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener
