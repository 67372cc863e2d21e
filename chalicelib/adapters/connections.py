"""Connections to others' servers, which end in time whatever the server does. No proxies, no redirects, no retries."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from contextvars import copy_context
from functools import cache
from threading import Thread, Timer
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.webhook import Target

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

MOST_ADDRESSES = 2

Resolve = Callable[[str, int], Sequence[str]]
T = TypeVar("T")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]).partition("%")[0] for address in found))


@cache
def default_tls() -> ssl.SSLContext:
    """What certificates of strangers are checked with; making it reads all certificates that the system trusts."""
    return ssl.create_default_context()


class Deadline:
    """A moment from which on nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._cut = False

    @property
    def left(self) -> float:
        """The seconds that are left, 0 when there are none."""
        return 0.0 if self._cut else max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raise TimeoutError when no time is left: what was read may then be part of what would have come."""
        if not self.left:
            raise TimeoutError("the time is used up")

    def within(self, work: Callable[[], T]) -> T:
        """What `work` gives, for calls that take no time-out. Raises TimeoutError; the work then goes on unheeded."""
        outcome: Future[T] = Future()

        def run() -> None:
            try:
                outcome.set_result(work())
            except BaseException as error:  # noqa: BLE001 - handed on to the caller
                outcome.set_exception(error)

        Thread(target=copy_context().run, args=(run,), daemon=True).start()
        return outcome.result(self.left)

    @contextmanager
    def cutting(self, sock: socket.socket) -> Iterator[None]:
        """Cut the connection when the time is used up: a time-out of a socket is none of an answer that drips."""

        def cut() -> None:
            self._cut = True
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not the secure socket's own, which first says goodbye

        timer = Timer(self.left, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def connected(
    target: Target,
    addresses: Sequence[str],
    deadline: Deadline,
    tls: ssl.SSLContext,
    *,
    connect_seconds: float,
    socket_seconds: float | None = None,
) -> Iterator["HTTPConnection"]:
    """A connection to the first of the addresses that takes one, for one request; the certificate is the target's.

    `socket_seconds` bounds each wait for the socket, beside the deadline, after which the caller has to `check`.
    """
    from urllib3.connection import HTTPConnection

    with closing(_reached(addresses, target.port, deadline, connect_seconds)) as plain:
        sock = plain
        if target.scheme == "https":
            sock = tls.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)
        sock.settimeout(socket_seconds)
        with closing(sock), deadline.cutting(sock):
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            deadline.check()
            connection = HTTPConnection(target.host, target.port, timeout=socket_seconds)
            connection.sock = sock
            with closing(connection):
                yield connection


def _reached(addresses: Sequence[str], port: int, deadline: Deadline, seconds: float) -> socket.socket:
    """A connected socket. Raises the last address's OSError when none of them takes a connection."""
    *others, last = addresses[:MOST_ADDRESSES]
    for address in others:
        with suppress(OSError):
            return _connect(address, port, deadline, seconds)
    return _connect(last, port, deadline, seconds)


def _connect(address: str, port: int, deadline: Deadline, seconds: float) -> socket.socket:
    deadline.check()
    return socket.create_connection((address, port), min(seconds, deadline.left) or seconds)
