"""A receiver of webhooks on loopback that behaves as badly as a test wants."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
Answer = Callable[[socket.socket], None]


@dataclass
class Receiver:
    """What arrived, as (headers with names in lower case, body), and where.

    `connections` counts those that were made.
    """

    port: int
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?x=1"


def saying(answer: bytes) -> Answer:
    """Sends these bytes, whatever they are."""
    return lambda connection: connection.sendall(answer)


def status(number: int, *headers: str) -> bytes:
    """An answer without a body."""
    return "\r\n".join([f"HTTP/1.1 {number} X", "Content-Length: 0", *headers, "", ""]).encode()


def _ok(connection: socket.socket) -> None:
    connection.sendall(OK)


def dripping(connection: socket.socket) -> None:
    """A header that never ends, a few bytes at a time, so that no time-out of a socket is reached."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(600):
        connection.sendall(b"X-Drip: 1\r\n")
        time.sleep(0.05)


def stalling(connection: socket.socket) -> None:
    """No answer at all, until the other side goes."""
    connection.settimeout(30)
    connection.recv(1)


@contextmanager
def receiving(answer: Answer = _ok, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that answers each request so."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        receiver = Receiver(server.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(server, receiver, answer, tls), daemon=True)
        thread.start()
        yield receiver
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(server: socket.socket, receiver: Receiver, answer: Answer, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        receiver.connections += 1
        with connection, suppress(OSError):
            if tls is None:
                _exchange(connection, receiver, answer)
            else:
                with tls.wrap_socket(connection, server_side=True) as secure:
                    _exchange(secure, receiver, answer)


def _exchange(connection: socket.socket, receiver: Receiver, answer: Answer) -> None:
    with connection.makefile("rb") as stream:
        receiver.paths.append(stream.readline().decode().split(" ")[1])
        lines = [line.decode().strip() for line in iter(stream.readline, b"\r\n")]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        receiver.requests.append((headers, stream.read(int(headers.get("content-length", 0)))))
    answer(connection)
