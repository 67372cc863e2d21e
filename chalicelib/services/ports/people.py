"""People and sessions, as events name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.services.ports.generations import Position


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a tenant: one per id. `properties` are as they were sent; the times have 27 characters."""

    person_id: str
    properties: dict[str, Any] | None
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session that an event has named."""

    session_id: str
    created_at: str


class People(Protocol):
    """One record per person, listed by age; one per session."""

    def add(self, tenant: str, person: Person) -> bool:
        """Create a person unless there is one of that id; says whether it was created. Its `updated_at` is ignored."""
        ...

    def get(self, tenant: str, person_id: str) -> Person | None:
        """One person, strongly consistent."""
        ...

    def replace(self, tenant: str, person_id: str, properties: dict[str, Any], at: str) -> Person | None:
        """Put other properties in place of a person's; gives the person as it then is, or None when there is none."""
        ...

    def remove(self, tenant: str, person_id: str) -> None:
        """Delete a person's record and its place in the list; one that is not there is no error."""
        ...

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        """(created_at, id) of people older than `before`, newest first; eventually consistent."""
        ...

    def some(self, tenant: str, ids: Sequence[str]) -> dict[str, Person]:
        """People by id; an unknown one is absent."""
        ...

    def open_session(self, tenant: str, session: Session) -> bool:
        """Create a session unless there is one of that id; says whether it was created."""
        ...

    def session(self, tenant: str, session_id: str) -> Session | None:
        """One session, strongly consistent."""
        ...
