"""Receivers outside that are told of roots."""

from collections.abc import Mapping
from typing import Protocol

from chalicelib.domain.webhook import Target, Webhook


class Webhooks(Protocol):
    """The webhook of each tenant that has one."""

    def put(self, tenant: str, webhook: Webhook) -> None:
        """Set or replace it."""
        ...

    def get(self, tenant: str) -> Webhook | None:
        """Read it, strongly consistent."""
        ...

    def delete(self, tenant: str) -> None:
        """Forget it; none is no error."""
        ...


class Courier(Protocol):
    """Posts to receivers outside."""

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, whatever it is. Raises Unavailable when there is none."""
        ...

    def ask(self, target: Target, headers: Mapping[str, str], body: bytes, seconds: float) -> tuple[int, bytes]:
        """Status and body of the answer; of the body one byte more than `MOST_REPLY` at most.

        Raises Unavailable when there is no whole answer after so many seconds.
        """
        ...
