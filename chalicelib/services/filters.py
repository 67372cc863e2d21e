"""Filters of the generation list: which list serves them best, and which rows of it match."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Summary = Mapping[str, Any]


def _plain(name: str) -> Callable[[Summary], Any]:
    return lambda summary: summary[name]


FIELDS: dict[str, Callable[[Summary], Any]] = {
    **{
        name: _plain(name)
        for name in (
            "status",
            "source",
            "agent_name",
            "effective_version",
            "conversation_id",
            "trace_id",
            "session_id",
            "person_id",
            "initiator_generation_id",
        )
    },
    "model": lambda summary: summary["model"]["name"],
    "provider": lambda summary: summary["model"]["provider"],
    "verdict": _plain("verdict"),
    "flagged": lambda summary: "true" if summary["flagged"] else "false",
    "reason": lambda summary: {reason for flag in summary["flags"] for reason in flag["reasons"]},
    "error_code": lambda summary: (summary["error"] or {}).get("code"),
}
LINEAGE = frozenset({"verdict", "flagged", "reason"})
"""Filters on what roots decide now, which no entry knows."""
LIST_ONLY = "root"
"""Its list alone decides: a response does not show all roots of a generation that has many."""
LISTS = {
    LIST_ONLY: "root",
    "conversation_id": "conversation",
    "trace_id": "trace",
    "session_id": "session",
    "person_id": "person",
    "effective_version": "version",
    "agent_name": "agent",
}
"""The list that serves a filter, the narrowest first."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters that must all hold. `tags` are exact pairs of key and value; `indexed_tags` have lists of their own."""

    fields: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    indexed_tags: tuple[str, ...] = ()

    def best_list(self) -> tuple[str, str] | None:
        """The narrowest list that holds every match; None is the list of all."""
        for name, kind in LISTS.items():
            if name in self.fields:
                return kind, self.fields[name]
        for tag in self.indexed_tags:
            if tag in self.tags:
                return f"tag:{tag}", self.tags[tag]
        if self.fields.get("status", "completed") != "completed":
            return "status", self.fields["status"]
        return None

    def served_by_list(self) -> bool:
        """Whether every row of the best list matches."""
        conditions = len(self.fields) + len(self.tags)
        return conditions == (0 if self.best_list() is None else 1)

    def needs_lineage(self) -> bool:
        """Whether a row can be judged only with its verdict and flags."""
        return bool(LINEAGE & self.fields.keys())

    def goes_by_root(self) -> bool:
        """Whether the list of failing roots serves best: whatever is flagged, and nothing narrower asked for."""
        asked = self.fields.get("flagged") == "true" or "reason" in self.fields
        return asked and self.best_list() is None

    def match(self, summary: Summary) -> bool:
        """Whether one summary satisfies every filter."""
        tags = summary["tags"]
        asked = ((name, value) for name, value in self.fields.items() if name != LIST_ONLY)
        return all(_holds(FIELDS[name](summary), value) for name, value in asked) and all(
            tags.get(key) == value for key, value in self.tags.items()
        )


def _holds(found: Any, value: str) -> bool:  # noqa: ANN401 - a field's value, or a set of them
    return value in found if isinstance(found, set) else bool(found == value)
