"""Asks providers of models over HTTP: one request, one answer, in the time that there is."""

import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING

from chalicelib.adapters.connections import Deadline, Resolve, connected, resolve
from chalicelib.adapters.provider_keys import ProviderKeys
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.provider import Provider, ProviderReply, ProviderUnreachable
from chalicelib.domain.provider_settings import target_at
from chalicelib.domain.webhook import Target
from chalicelib.observability.logs import log_exception

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
    from urllib3.response import BaseHTTPResponse

CONNECT_SECONDS = 5.0
MOST_BYTES = 8 * 1024 * 1024
PIECE_BYTES = 64 * 1024
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "catchment/1",
}
ANTHROPIC_VERSION = "2023-06-01"

_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class AnswerTooLong(Exception):
    """The answer has more than `MOST_BYTES`, decompressed."""


class HttpProviders:
    """The `Providers` port.

    Each request has a connection of its own: that the other side has closed one which was kept open may show only after
    sending, when nobody can say whether the request was taken.
    """

    def __init__(self, keys: ProviderKeys, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._keys = keys
        self._resolve = resolve
        self._tls = tls

    def ask(self, provider: Provider, path: str, body: bytes, seconds: float) -> ProviderReply:
        """The provider's answer; see the port. Looking for the key is part of the time, too."""
        from urllib3.exceptions import HTTPError

        deadline = Deadline(seconds)
        target = target_at(provider.base_url, path)
        headers = {**HEADERS, "Host": target.authority, **self._credentials(provider, deadline)}
        asked = False
        try:
            addresses = deadline.within(partial(self._resolve, target.host, target.port))
            with connected(target, addresses, deadline, self._tls, connect_seconds=CONNECT_SECONDS) as connection:
                asked = True
                reply, is_whole = _exchange(connection, target, headers, body)
            if not is_whole:
                deadline.check()
        except (AnswerTooLong, HTTPError, HTTPException, OSError, ValueError) as error:
            log_exception("provider_unreachable", error, level="WARNING", provider=provider.name, asked=asked)
            timed_out = not deadline.left
            message = f"no whole answer within {seconds:.3g} seconds" if timed_out else _reason(error, asked=asked)
            raise ProviderUnreachable(message, asked=asked, timed_out=timed_out) from error
        return reply

    def _credentials(self, provider: Provider, deadline: Deadline) -> dict[str, str]:
        try:
            key = deadline.within(partial(self._keys.of, provider)) if provider.api_key else None
        except TimeoutError as error:
            raise Unavailable(f"the key of provider {provider.name} cannot be read in time") from error
        if provider.api == "anthropic-messages":
            return {"anthropic-version": ANTHROPIC_VERSION} | ({"x-api-key": key} if key else {})
        return {"Authorization": f"Bearer {key}"} if key else {}


def read_retry_after(said: str | None, now: float) -> float | None:
    """The seconds that a `Retry-After` asks for, as a number or as a date; None where it says nothing of use.

    `now` is in seconds since 1970.
    """
    if said is None:
        return None
    if _SECONDS.fullmatch(said.strip()):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except (OverflowError, TypeError, ValueError):
        return None


def _exchange(
    connection: "HTTPConnection", target: Target, headers: Mapping[str, str], body: bytes
) -> tuple[ProviderReply, bool]:
    """The answer, and whether it is certain that this is all of it: its end was said, and not the connection's end."""
    with suppress(BrokenPipeError):  # a server may answer before it has read all, and say why
        connection.request("POST", target.path, body=body, headers=headers, preload_content=False)
    with closing(connection.getresponse()) as response:
        reply = ProviderReply(
            status_code=int(response.status),
            body=_content(response).decode(errors="replace"),
            retry_after=read_retry_after(response.headers.get("Retry-After"), time.time()),
        )
        return reply, _has_said_its_end(response)


def _has_said_its_end(response: "BaseHTTPResponse") -> bool:
    """Whether a body that was read without an error had a length, which was met, or a last chunk, which has come."""
    return getattr(response, "length_remaining", None) == 0 or bool(getattr(response, "chunked", False))


def _content(response: "BaseHTTPResponse") -> bytes:
    """The whole body, decompressed piece by piece so that a few bytes cannot become more than is looked at."""
    content = bytearray()
    while piece := response.read(PIECE_BYTES):
        content += piece
        if len(content) > MOST_BYTES:
            raise AnswerTooLong
    return bytes(content)


def _reason(error: Exception, *, asked: bool) -> str:
    """What went wrong, without anything that the server or the system said about it."""
    from urllib3.exceptions import ProtocolError

    reasons: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], str]] = (
        (
            (AnswerTooLong, "the answer is too long"),
            ((OSError, IncompleteRead, ProtocolError), "the connection was cut"),
            (Exception, "the answer cannot be read"),
        )
        if asked
        else (
            ((socket.gaierror, UnicodeError), "the host cannot be resolved"),
            (ssl.SSLError, "no secure connection can be made"),
            (ConnectionRefusedError, "the connection was refused"),
            (Exception, "no connection can be made"),
        )
    )
    return next(text for types, text in reasons if isinstance(error, types))
