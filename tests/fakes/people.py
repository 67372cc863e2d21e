"""People and sessions in memory."""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chalicelib.services.ports import Person, Position, Session


class FakePeople:
    """The `People` port. Properties are kept as JSON, so that nothing but JSON can come back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[tuple[str, str], Person] = {}
        self._sessions: dict[tuple[str, str], Session] = {}

    def add(self, tenant: str, person: Person) -> bool:
        kept = replace(person, properties=_copied(person.properties), updated_at=person.created_at)
        with self._lock:
            return self._people.setdefault((tenant, person.person_id), kept) is kept

    def get(self, tenant: str, person_id: str) -> Person | None:
        person = self._people.get((tenant, person_id))
        return replace(person, properties=_copied(person.properties)) if person else None

    def replace(self, tenant: str, person_id: str, properties: dict[str, Any], at: str) -> Person | None:
        with self._lock:
            person = self._people.get((tenant, person_id))
            if person is None:
                return None
            changed = replace(person, properties=_copied(properties), updated_at=at)
            self._people[tenant, person_id] = changed
        return changed

    def remove(self, tenant: str, person_id: str) -> None:
        with self._lock:
            self._people.pop((tenant, person_id), None)

    def newest(self, tenant: str, before: Position | None, limit: int) -> list[Position]:
        with self._lock:
            listed = [(person.created_at, name) for (of, name), person in self._people.items() if of == tenant]
        return sorted((one for one in listed if before is None or one < before), reverse=True)[:limit]

    def some(self, tenant: str, ids: Sequence[str]) -> dict[str, Person]:
        found = {name: self.get(tenant, name) for name in ids}
        return {name: person for name, person in found.items() if person}

    def open_session(self, tenant: str, session: Session) -> bool:
        with self._lock:
            return self._sessions.setdefault((tenant, session.session_id), session) is session

    def session(self, tenant: str, session_id: str) -> Session | None:
        return self._sessions.get((tenant, session_id))


def _copied(properties: dict[str, Any] | None) -> dict[str, Any] | None:
    copied: dict[str, Any] | None = json.loads(json.dumps(properties))
    return copied
