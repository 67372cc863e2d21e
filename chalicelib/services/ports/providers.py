"""Providers of models."""

from typing import Protocol

from chalicelib.domain.provider import Provider, ProviderReply


class Providers(Protocol):
    """Asks providers that the operator has configured, one request at a time and without retries."""

    def ask(self, provider: Provider, path: str, body: bytes, seconds: float) -> ProviderReply:
        """Post JSON to a path of the provider's API, and give its answer, whatever the status, within `seconds`.

        Raises ProviderUnreachable when no whole answer came, and Unavailable when the key cannot be read.
        """
        ...
