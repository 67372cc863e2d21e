"""Posts to hosts that tenants chose, without trusting them: no redirects, no proxies, checked addresses, bounded."""

import ssl
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException

from chalicelib.adapters.connections import Deadline, Resolve, connected, resolve
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.webhook import Target, may_connect

SOCKET_SECONDS = 5.0
POST_SECONDS = 10.0


class HttpCourier:
    """The `Courier` port.

    The connection goes to the very address that was checked, so that a name cannot resolve to another one in between;
    certificate and `Host` are the name's. Of the answer only the status is read.
    """

    def __init__(self, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._resolve = resolve
        self._tls = tls

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer. Raises Unavailable when there is none, or nobody to be asked."""
        from urllib3.exceptions import HTTPError

        try:
            return self._post(target, {**headers, "Host": target.authority}, body)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise Unavailable(f"the receiver cannot be reached ({type(error).__name__})") from error

    def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        addresses = self._addresses(target)
        deadline = Deadline(POST_SECONDS)
        with connected(
            target,
            addresses,
            deadline,
            self._tls,
            connect_seconds=SOCKET_SECONDS,
            socket_seconds=SOCKET_SECONDS,
        ) as connection:
            connection.request("POST", target.path, body=body, headers=headers, preload_content=False)
            with closing(connection.getresponse()) as response:
                status = int(response.status)
        deadline.check()
        return status

    def _addresses(self, target: Target) -> list[str]:
        """Addresses that may be connected to; one that may not spoils them all."""
        addresses = self._resolve(target.host, target.port)
        if not addresses or not all(may_connect(target.host, address) for address in addresses):
            raise Unavailable("the receiver's host has no public address")
        return list(addresses)
