"""Read and change people; read sessions. Whoever any way in has named can be read, with a record or without."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import TooLarge, missing
from chalicelib.domain.free_form import Json
from chalicelib.domain.times import format_time
from chalicelib.services.filters import Filters
from chalicelib.services.ports import Clock, GenerationIndex, People, Person, Position, Purge, Window
from chalicelib.services.reading import Reading
from chalicelib.services.roster import Roster
from chalicelib.services.showing import RESPONSE_BYTES, Page, Resource

MOST_PROPERTIES = 300 * 1024
"""Bytes of JSON that the properties of one person may take."""
READ_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People, and where to go on: None at the end."""

    items: list[Resource]
    last: Position | None


@dataclass(frozen=True, slots=True)
class PeoplePorts:
    """What people are kept in, and who of them is to be forgotten."""

    people: People
    purge: Purge
    index: GenerationIndex
    clock: Clock


class Persons:
    """The use cases behind the routes of people."""

    def __init__(self, ports: PeoplePorts, roster: Roster, redact: Callable[[Json], Json]) -> None:
        self._people = ports.people
        self._purge = ports.purge
        self._index = ports.index
        self._clock = ports.clock
        self._roster = roster
        self._redact = redact

    def create(self, tenant: str, person_id: str, properties: dict[str, Any] | None) -> Resource:
        """Create a person, or give the one that there is, unchanged. Raises TooLarge."""
        _limit(properties)
        return _resource(self._roster.person(tenant, person_id, self._kept(tenant, person_id, properties)))

    def one(self, tenant: str, person_id: str) -> Resource:
        """One person, by record or by the first generation that names it. Raises NotFound."""
        person = self._people.get(tenant, person_id) or self._seen(tenant, person_id)
        if person is None:
            raise missing("person")
        return _resource(person)

    def update(self, tenant: str, person_id: str, properties: dict[str, Any]) -> Resource:
        """Put other properties in place of a person's. Raises NotFound, TooLarge."""
        _limit(properties)
        properties = self._kept(tenant, person_id, properties) or {}
        at = format_time(self._clock.now())
        person = self._people.replace(tenant, person_id, properties, at)
        if person is None and (seen := self._seen(tenant, person_id)):
            self._people.add(tenant, seen)
            person = self._people.replace(tenant, person_id, properties, at)
        if person is None:
            raise missing("person")
        return _resource(person)

    def _kept(self, tenant: str, person_id: str, properties: dict[str, Any] | None) -> dict[str, Any] | None:
        """What may be stored of properties: nothing of a person who is to be forgotten."""
        if not properties:
            return properties
        if self._purge.forgotten(tenant, [person_id]):
            return None
        kept: dict[str, Any] = self._redact(properties)
        return kept

    def page(self, tenant: str, before: Position | None, limit: int) -> PeoplePage:
        """People with a record, newest first; it ends early before the answer grows too large."""
        positions = self._people.newest(tenant, before, limit + 1)
        items: list[Resource] = []
        last, room = before, RESPONSE_BYTES
        for position, person in self._read(tenant, positions[:limit]):
            resource = _resource(person)
            room -= _size(resource)
            if items and room < 0:
                return PeoplePage(items, last)
            items.append(resource)
            last = position
        return PeoplePage(items, positions[limit - 1] if len(positions) > limit else None)

    def _read(self, tenant: str, positions: list[Position]) -> Iterator[tuple[Position, Person]]:
        for start in range(0, len(positions), READ_AT_ONCE):
            batch = positions[start : start + READ_AT_ONCE]
            found = self._people.some(tenant, [person_id for _, person_id in batch])
            yield from ((position, found[position[1]]) for position in batch if position[1] in found)

    def _seen(self, tenant: str, person_id: str) -> Person | None:
        """The person that generations tell of, made when the first of them was."""
        first = self._index.oldest(tenant, ("person", person_id))
        return Person(person_id, None, first[0], first[0]) if first else None


class Sessions:
    """The use case behind `GET /sessions/{session_id}`."""

    def __init__(self, people: People, index: GenerationIndex, reading: Reading) -> None:
        self._people = people
        self._index = index
        self._reading = reading

    def one(self, tenant: str, filters: Filters, limit: int) -> tuple[Resource, Page]:
        """A session, by record or by its generations, and the first page of these. Raises NotFound."""
        session_id = filters.fields["session_id"]
        record = self._people.session(tenant, session_id)
        page = self._reading.page(tenant, filters, Window(), None, limit)
        first = self._index.oldest(tenant, ("session", session_id))
        first_seen_at = first[0] if first else None
        if record is None and first_seen_at is None:
            raise missing("session")
        newest = page.items[0] if page.items else {}
        resource = {
            "session_id": session_id,
            "created_at": record.created_at if record else first_seen_at,
            "first_seen_at": first_seen_at,
            "last_seen_at": newest.get("started_at") or newest.get("created_at"),
        }
        return resource, page


def _resource(person: Person) -> Resource:
    return {
        "person_id": person.person_id,
        "properties": person.properties,
        "created_at": person.created_at,
        "updated_at": person.updated_at,
    }


def _limit(properties: dict[str, Any] | None) -> None:
    if properties is not None and _size(properties) > MOST_PROPERTIES:
        raise TooLarge(
            f"properties may take at most {MOST_PROPERTIES:,} bytes of JSON", meta={"limit": MOST_PROPERTIES}
        )


def _size(value: dict[str, Any]) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
