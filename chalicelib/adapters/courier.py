"""Posts to hosts that tenants chose, without trusting them: no redirects, no proxies, checked addresses, bounded."""

import ssl
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException
from typing import TYPE_CHECKING

from chalicelib.adapters.connections import Deadline, Resolve, connected, default_tls, resolve
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.judging.hook import MOST_REPLY
from chalicelib.domain.webhook import Target, may_connect

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse

SOCKET_SECONDS = 5.0
POST_SECONDS = 10.0


class HttpCourier:
    """The `Courier` port.

    The connection goes to the very address that was checked, so that a name cannot resolve to another one in between;
    certificate and `Host` are the name's. No more of an answer is read than is asked for.
    """

    def __init__(self, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve
        self._tls = tls

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer. Raises Unavailable when there is none, or nobody to be asked."""
        return self._posted(target, headers, body, POST_SECONDS, most=0)[0]

    def ask(self, target: Target, headers: Mapping[str, str], body: bytes, seconds: float) -> tuple[int, bytes]:
        """The status and the first `MOST_REPLY + 1` bytes of the answer, within so many seconds. Raises likewise."""
        return self._posted(target, headers, body, seconds, most=MOST_REPLY + 1)

    def _posted(
        self, target: Target, headers: Mapping[str, str], body: bytes, seconds: float, *, most: int
    ) -> tuple[int, bytes]:
        from urllib3.exceptions import HTTPError

        try:
            return self._post(target, {**headers, "Host": target.authority}, body, seconds, most)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise Unavailable(f"the receiver cannot be reached ({type(error).__name__})") from error

    def _post(
        self, target: Target, headers: Mapping[str, str], body: bytes, seconds: float, most: int
    ) -> tuple[int, bytes]:
        deadline = Deadline(seconds)
        addresses = deadline.within(lambda: self._addresses(target))
        with connected(
            target,
            addresses,
            deadline,
            self._tls or default_tls(),
            connect_seconds=SOCKET_SECONDS,
            socket_seconds=SOCKET_SECONDS,
        ) as connection:
            connection.request("POST", target.path, body=body, headers=headers, preload_content=False)
            with closing(connection.getresponse()) as response:
                answer = int(response.status), _read(response, most)
        deadline.check()
        return answer

    def _addresses(self, target: Target) -> list[str]:
        """Addresses that may be connected to; one that may not spoils them all."""
        addresses = self._resolve(target.host, target.port)
        if not addresses or not all(may_connect(target.host, address) for address in addresses):
            raise Unavailable("the receiver's host has no public address")
        return list(addresses)


def _read(response: "HTTPResponse", most: int) -> bytes:
    """The body, or the first `most` bytes of it. Reading on to the very end is what tells a body that was cut short."""
    body = b""
    while len(body) < most and (piece := response.read(most - len(body), decode_content=False)):
        body += piece
    return body
