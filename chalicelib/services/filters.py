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
    "error_code": lambda summary: (summary["error"] or {}).get("code"),
}
LISTS = {
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

    def match(self, summary: Summary) -> bool:
        """Whether one summary satisfies every filter."""
        tags = summary["tags"]
        return all(FIELDS[name](summary) == value for name, value in self.fields.items()) and all(
            tags.get(key) == value for key, value in self.tags.items()
        )
