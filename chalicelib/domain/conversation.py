"""What the generations of one conversation come to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import fsum
from typing import Any

Summary = Mapping[str, Any]
"""A generation's summary; a key without a value may be absent."""
STATUSES = ("in_progress", "requires_action", "completed", "failed")
TITLES = ("sigil.conversation.title", "agento11y.conversation.title", "conversation_title")
USERS = ("sigil.user.id", "agento11y.user.id", "user.id")
"""Keys of a generation's metadata under which clients tell of its conversation; the first that there is counts."""


def title_of(summary: Summary) -> str | None:
    """The conversation's title as a generation tells it."""
    return _told(summary, TITLES)


def user_of(summary: Summary) -> str | None:
    """The user as a generation tells of them."""
    return _told(summary, USERS)


def _told(summary: Summary, keys: Iterable[str]) -> str | None:
    metadata = summary.get("metadata") or {}
    return next((value for key in keys if isinstance(value := metadata.get(key), str) and value), None)


class ConversationTotals:
    """A conversation to which its generations are added, once each, newest first: the newest word counts."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._title: str | None = None
        self._user: str | None = None
        self._tokens: int | None = None
        self._costs: list[float] = []

    def add(self, summary: Summary) -> None:
        """Add one generation."""
        self._statuses[summary["status"]] += 1
        self._title = self._title or title_of(summary)
        self._user = self._user or user_of(summary)
        if (tokens := summary.get("token_count")) is not None:
            self._tokens = (self._tokens or 0) + tokens
        if (cost := summary.get("cost_usd")) is not None:
            self._costs.append(cost)

    def resource(self) -> dict[str, Any]:
        """The totals as they are shown. Tokens and US dollars are sums over those generations that have them."""
        return {
            "title": self._title,
            "user_id": self._user,
            "status_counts": {status: self._statuses[status] for status in STATUSES},
            "error_count": self._statuses["failed"],
            "token_count": self._tokens,
            "cost_usd": fsum(self._costs) if self._costs else None,
        }
