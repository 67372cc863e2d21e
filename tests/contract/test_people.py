"""The `People` port: one record per person and session, the first one stands, people are listed newest first."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.services.ports import People, Person, Position, Session
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, NOON, at

PROPERTIES: dict[str, Any] = {"z": 1.0, "a": [None, True, {"naïve": "\U0001f9ea"}], "": 10**20}
RACERS = 8


@pytest.fixture
def people(ground: Ground) -> People:
    return ground.ports.people


def person(person_id: str = "ada", created_at: str = NOON, properties: dict[str, Any] | None = None) -> Person:
    return Person(person_id, properties, created_at, created_at)


@pytest.mark.parametrize("properties", [None, {}, PROPERTIES])
def test_a_person_is_read_back_as_sent(people: People, tenant: str, properties: dict[str, Any] | None) -> None:
    assert people.get(tenant, "ada") is None
    assert people.add(tenant, person(properties=properties))
    found = people.get(tenant, "ada")
    assert found == person(properties=properties)
    assert found is not None
    assert list(found.properties or {}) == list(properties or {})
    assert people.get(f"{tenant}!", "ada") is None


def test_the_first_person_stands(people: People, tenant: str) -> None:
    assert people.add(tenant, person(properties={"n": 1}))
    assert not people.add(tenant, person(created_at=at(9), properties={"n": 2}))
    assert people.get(tenant, "ada") == person(properties={"n": 1})
    assert people.newest(tenant, None, 10) == [(NOON, "ada")]


def test_of_racing_creators_one_stands_and_is_listed_once(people: People, tenant: str) -> None:
    racers = [person(created_at=at(number), properties={"n": number}) for number in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        made = list(pool.map(lambda racer: people.add(tenant, racer), racers))
    assert sum(made) == 1
    winner = people.get(tenant, "ada")
    assert winner == racers[made.index(True)]
    assert people.newest(tenant, None, 10) == [(at(made.index(True)), "ada")]


def test_properties_are_replaced_as_a_whole(people: People, tenant: str) -> None:
    assert people.replace(tenant, "ada", {"n": 1}, at(1)) is None
    assert people.get(tenant, "ada") is None
    people.add(tenant, person(properties={"a": 1, "b": 2}))
    expected = Person("ada", {"b": {"c": 3}}, NOON, at(2))
    assert people.replace(tenant, "ada", {"b": {"c": 3}}, at(2)) == expected == people.get(tenant, "ada")
    assert people.newest(tenant, None, 10) == [(NOON, "ada")]


def test_three_hundred_kilobytes_of_properties_fit(people: People, tenant: str) -> None:
    noise = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(100_000))
    assert people.add(tenant, person(properties={"text": noise}))
    found = people.get(tenant, "ada")
    assert found is not None
    assert found.properties == {"text": noise}


@pytest.mark.parametrize("limit", [1, 4, 200])
def test_people_are_listed_newest_first_whatever_their_ids(people: People, tenant: str, limit: int) -> None:
    everybody = [person(name, at(number // 3)) for number, name in enumerate(AWKWARD_IDS)]
    for each in everybody:
        people.add(tenant, each)
    listed: list[Position] = []
    while page := people.newest(tenant, listed[-1] if listed else None, limit):
        assert len(page) <= limit
        listed += page
    assert listed == sorted(((each.created_at, each.person_id) for each in everybody), reverse=True)
    assert people.some(tenant, [*AWKWARD_IDS, "nobody"]) == {each.person_id: each for each in everybody}
    assert people.some(tenant, []) == {}


def test_people_are_in_no_list_of_generations(people: People, ground: Ground, tenant: str) -> None:
    people.add(tenant, person())
    assert ground.ports.index.oldest(tenant, ("person", "ada")) is None


@pytest.mark.parametrize("session_id", AWKWARD_IDS)
def test_the_first_session_of_an_id_stands(people: People, tenant: str, session_id: str) -> None:
    assert people.session(tenant, session_id) is None
    assert people.open_session(tenant, Session(session_id, NOON))
    assert not people.open_session(tenant, Session(session_id, at(1)))
    assert people.session(tenant, session_id) == Session(session_id, NOON)
    assert people.session(f"{tenant}!", session_id) is None


def test_a_removed_person_is_neither_read_nor_listed_and_may_come_anew(people: People, tenant: str) -> None:
    people.remove(tenant, "ada")
    people.add(tenant, person(properties={"n": 1}))
    people.add(tenant, person("bob"))
    people.remove(f"{tenant}!", "ada")
    people.remove(tenant, "ada")
    people.remove(tenant, "ada")
    assert people.get(tenant, "ada") is None
    assert people.newest(tenant, None, 10) == [(NOON, "bob")]
    assert people.add(tenant, person(created_at=at(3)))
    assert people.newest(tenant, None, 10) == [(at(3), "ada"), (NOON, "bob")]


def test_removing_and_creating_at_once_leaves_no_row_behind(people: People, tenant: str) -> None:
    """Whoever removes what was read before must not take another person, nor leave that one's row in the list."""

    def churn(number: int) -> None:
        people.add(tenant, person(created_at=at(number)))
        people.remove(tenant, "ada")

    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(churn, range(RACERS)))
    people.remove(tenant, "ada")
    assert people.get(tenant, "ada") is None
    assert people.newest(tenant, None, 100) == []
