"""Posts to hosts that tenants chose, without trusting them: no redirects, no proxies, checked addresses, bounded."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.webhook import Target, may_connect

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

SOCKET_SECONDS = 5.0
POST_SECONDS = 10.0
MOST_ADDRESSES = 2

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]).partition("%")[0] for address in found))


class HttpCourier:
    """The `Courier` port.

    The connection goes to the very address that was checked, so that a name cannot resolve to another one in between;
    certificate and `Host` are the name's. Of the answer only the status is read.
    """

    def __init__(self, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve
        self._given_tls = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or ssl.create_default_context()

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer. Raises Unavailable when there is none, or nobody to be asked."""
        from urllib3.exceptions import HTTPError

        try:
            return self._post(target, {**headers, "Host": target.authority}, body)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise Unavailable(f"the receiver cannot be reached ({type(error).__name__})") from error

    def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        connection = self._connected(target, self._addresses(target))
        with _until(connection, POST_SECONDS):
            connection.request("POST", target.path, body=body, headers=headers, preload_content=False)
            with closing(connection.getresponse()) as response:
                return int(response.status)

    def _addresses(self, target: Target) -> list[str]:
        """Addresses that may be connected to; one that may not spoils them all."""
        addresses = self._resolve(target.host, target.port)
        if not addresses or not all(may_connect(target.host, address) for address in addresses):
            raise Unavailable("the receiver's host has no public address")
        return list(addresses[:MOST_ADDRESSES])

    def _connected(self, target: Target, addresses: Sequence[str]) -> "HTTPConnection":
        """A connection to the first of the addresses that takes one."""
        last = len(addresses) - 1
        for number, address in enumerate(addresses):
            connection = self._connection(target, address)
            try:
                connection.connect()
            except Exception:
                connection.close()
                if number == last:
                    raise
            else:
                break
        return connection

    def _connection(self, target: Target, address: str) -> "HTTPConnection":
        from urllib3.connection import HTTPConnection, HTTPSConnection

        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=SOCKET_SECONDS)
        return HTTPSConnection(
            address,
            target.port,
            timeout=SOCKET_SECONDS,
            ssl_context=self._tls,
            server_hostname=target.host,
            assert_hostname=target.host,
        )


@contextmanager
def _until(connection: "HTTPConnection", seconds: float) -> Iterator[None]:
    """Cut the connection after `seconds`: a time-out of a socket is none of an answer that drips.

    Raises TimeoutError then, because the parser takes what was cut for a whole answer.
    """
    sock = connection.sock
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
    if late.is_set():
        raise TimeoutError("the answer did not end")
