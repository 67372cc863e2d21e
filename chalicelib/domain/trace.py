"""What the generations of one trace come to."""

from collections import Counter
from collections.abc import Mapping
from math import fsum
from typing import Any

Summary = Mapping[str, Any]
"""A generation's summary; a key without a value may be absent."""
Order = tuple[str, str, str]
UNFINISHED = ("in_progress", "requires_action")
"""Statuses of what has not ended; the first that there is decides a trace's."""
OUTERMOST = {"created_at": min, "started_at": min, "completed_at": max, "last_activity_at": max}
"""Which of a trace's times are those of its first, and which of its last generation."""


def order_of(summary: Summary) -> Order:
    """Oldest first: by `started_at`, else `created_at`; then by `created_at`; then by id."""
    created_at = summary["created_at"]
    return summary.get("started_at") or created_at, created_at, summary["id"]


class TraceTotals:
    """A trace to which its generations are added, once each, in any order."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._times: dict[str, str] = {}
        self._first: tuple[Order, str | None, str | None] | None = None
        self._ended_last = ("", False)
        self._failed_last = ("", "")
        self._tokens: int | None = None
        self._costs: list[float] = []

    def add(self, summary: Summary) -> None:
        """Add one generation."""
        failed = summary["status"] == "failed"
        self._statuses[summary["status"]] += 1
        order = order_of(summary)
        if self._first is None or order < self._first[0]:
            self._first = order, summary.get("agent_id"), summary.get("project_id")
        for name, outer in OUTERMOST.items():
            if at := summary.get(name):
                self._times[name] = outer(self._times.get(name, at), at)
        self._ended_last = max(self._ended_last, (summary["last_activity_at"], failed))
        if failed:
            self._failed_last = max(self._failed_last, (summary["last_activity_at"], summary["id"]))
        if (tokens := summary.get("token_count")) is not None:
            self._tokens = (self._tokens or 0) + tokens
        if (cost := summary.get("cost_usd")) is not None:
            self._costs.append(cost)

    @property
    def latest_failure(self) -> str | None:
        """The id of the generation that failed last."""
        return self._failed_last[1] or None

    @property
    def status(self) -> str:
        """Of what has not ended, else of what ended last: a failure that something has followed is made good."""
        for status in UNFINISHED:
            if self._statuses[status]:
                return status
        return "failed" if self._ended_last[1] else "completed"

    def resource(self) -> dict[str, Any]:
        """The totals as they are shown. Tokens and US dollars are sums over those generations that have them."""
        _, agent_id, project_id = self._first or (None, None, None)
        ended = self.status not in UNFINISHED
        return {
            "project_id": project_id,
            "agent_id": agent_id,
            "failed_count": self._statuses["failed"],
            "status": self.status,
            "started_at": self._times.get("started_at"),
            "completed_at": self._times.get("completed_at") if ended else None,
            "last_activity_at": self._times.get("last_activity_at"),
            "created_at": self._times.get("created_at"),
            "token_count": self._tokens,
            "cost_usd": fsum(self._costs) if self._costs else None,
        }
