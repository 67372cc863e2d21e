"""Time, keys, prices, threads and health."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Billable counts: `input_tokens` includes both cache buckets."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class Prices(Protocol):
    """What tokens cost."""

    def cost_usd(self, provider: str | None, model: str | None, usage: TokenCounts, at: str | None) -> float | None:
        """US dollars, or None when the model or the counts are unknown."""
        ...


class Clock(Protocol):
    """The time, injected so that tests can stand still."""

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        ...


class Keys(Protocol):
    """Makes keys that are unique and sort by the time they were made (26 characters)."""

    def __call__(self) -> str:
        """The next key."""
        ...


class Health(Protocol):
    """Whether the things a request needs answer."""

    def check(self) -> list[str]:
        """Names of what does not answer; empty when all is well."""
        ...


class AtOnce(Protocol):
    """Maps a function over items, in parallel where there are threads for it."""

    def __call__(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Results in the order of the items; the first error is raised after all have ended."""
        ...
