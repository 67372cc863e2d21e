"""The keys of providers, from where the operator keeps them."""

import time
from collections.abc import Callable

from chalicelib import settings
from chalicelib.adapters import aws
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.provider import Provider
from chalicelib.observability.logs import log_exception

KEPT_SECONDS = 300.0


class ProviderKeys:
    """Reads keys, and keeps each for 5 minutes. One that cannot be read is not remembered as such."""

    def __init__(
        self,
        client: Callable[[str], aws.Client] = aws.client,
        variable: Callable[[str], str | None] = settings.secret,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._variable = variable
        self._now = now
        self._kept: dict[str, tuple[str, float]] = {}

    def of(self, provider: Provider) -> str | None:
        """The key of a provider, None if it asks for none.

        Raises Unavailable, which names the provider only, when the key cannot be read or cannot be one.
        """
        if provider.api_key is None:
            return None
        key, until = self._kept.get(provider.api_key, ("", 0.0))
        if not key or self._now() >= until:
            key = self._read(provider, provider.api_key)
            self._kept[provider.api_key] = (key, self._now() + KEPT_SECONDS)
        return key

    def _read(self, provider: Provider, place: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        kind, _, name = place.partition(":")
        try:
            return _usable(self._found(kind, name))
        except (BotoCoreError, ClientError, LookupError, ValueError) as error:
            code = aws.error_code(error) or None
            log_exception("provider_key_unreadable", error, provider=provider.name, aws_error_code=code)
            raise Unavailable(f"the key of provider {provider.name} cannot be read") from error

    def _found(self, kind: str, name: str) -> str | None:
        if kind == "env":
            return self._variable(name)
        if kind == "ssm":
            return str(self._client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
        return str(self._client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])


def _usable(found: str | None) -> str:
    """The key that was found. Raises ValueError for what cannot stand in a header; HTTP's own error would quote it."""
    key = (found or "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("no key")
    return key
