"""Providers of models that the operator has configured, by name."""

from dataclasses import dataclass
from typing import Literal

Api = Literal["openai-chat", "openai-responses", "anthropic-messages"]

MOST_ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.5
PASSING = frozenset({429, 500, 502, 503, 504, 529})
"""Statuses of a fault that may be over when the same is asked again; 529 is Anthropic's "overloaded"."""


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


def may_retry(outcome: ProviderReply | ProviderUnreachable) -> bool:
    """Whether the same may be asked again: the fault may pass, and the provider has not worked on it already."""
    if isinstance(outcome, ProviderUnreachable):
        return not outcome.asked
    return outcome.status_code in PASSING


def wait_before(attempt: int, retry_after: float | None, left_seconds: float) -> float | None:
    """How many seconds to wait before an attempt, the first being number 1. None: it is not to be made.

    The wait doubles from 0.5 s before the second attempt, is at least what the provider asked for, and must leave some
    of `left_seconds` to ask in.
    """
    if attempt > MOST_ATTEMPTS:
        return None
    wait = FIRST_WAIT_SECONDS * 2 ** (attempt - 2) if attempt > 1 else 0.0
    wait = max(wait, retry_after or 0.0)
    return wait if wait < left_seconds else None
