"""Providers of models that the operator has configured, by name."""

from dataclasses import dataclass
from typing import Literal

Api = Literal["openai-chat", "openai-responses", "anthropic-messages"]


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a model is asked, and in which API.

    `base_url` is what the API's paths are appended to, `https://api.openai.com/v1`. `label` is the provider's name in
    records and prices, `openai`. `api_key` says where the key is kept (`env:NAME`, `ssm:/path`,
    `secretsmanager:name`) and is never the key itself; None for a provider that asks for none.
    """

    name: str
    api: Api
    base_url: str
    label: str
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderReply:
    """What a provider has answered, whatever its status. `retry_after` is in seconds, where the provider said it."""

    status_code: int
    body: str
    retry_after: float | None = None


class ProviderUnreachable(Exception):
    """No whole answer has come: a refused connection, bad TLS, a time-out, a cut connection, an answer too long.

    The message says which, without addresses, and is safe to show a client. `asked` says whether the provider may have
    got the request, and so may bill it; `timed_out` that the time given was used up.
    """

    def __init__(self, message: str, *, asked: bool, timed_out: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.asked = asked
        self.timed_out = timed_out
