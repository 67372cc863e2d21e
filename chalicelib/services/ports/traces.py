"""Traces, as they were first seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.services.ports.generations import Position


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace of a tenant: what the first generation processed that names it says. `created_at` has 27 characters."""

    trace_id: str
    created_at: str
    agent_name: str | None
    project_id: str


class Traces(Protocol):
    """One record per trace, listed by age."""

    def register(self, tenant: str, owner: str, traces: Sequence[Trace]) -> None:
        """Create those that do not exist, for the message of this owner. Repeating it changes nothing.

        After a death in the middle, the same message has to come again: what it has created is sure to be listed then.
        """
        ...

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """(created_at, id) of traces older than `before`, newest first; eventually consistent."""
        ...

    def some(self, tenant: str, ids: Sequence[str]) -> dict[str, Trace]:
        """Traces by id; an unknown one is absent."""
        ...
