"""The numbers that the `Catalog` port gives: 1, 2, 3 … without gap or repeat, however many create at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from chalicelib.adapters.dynamodb.catalog import DynamoCatalog
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.table import Record, Table
from chalicelib.services.ports import AgentRecord, Catalog, NamedVersion, NewAgent, NewNamedVersion
from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, NOON, at

CREATORS = 100
R = TypeVar("R")


@pytest.fixture
def catalog(ground: Ground) -> Catalog:
    """With the pauses that a process makes: without them a hundred creators do nothing but lose."""
    if isinstance(ground, AwsGround):
        return DynamoCatalog(Table(ground.clients.dynamodb, ground.table.name))
    return ground.ports.catalog


def at_once(work: Callable[[int], R], number: int = CREATORS) -> list[R]:
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


def numbers_from_one(number: int) -> list[int]:
    return list(range(1, number + 1))


def test_agents_are_numbered_in_the_order_in_which_they_are_enrolled(catalog: Catalog, tenant: str) -> None:
    names = [*AWKWARD_IDS, ""]
    first, *rest = names
    assert catalog.enroll(tenant, [NewAgent(first, NOON, "the first")]) == [AgentRecord(first, NOON, 1, "the first")]
    records = catalog.enroll(tenant, [NewAgent(name, at(1)) for name in (*rest, first)])
    assert [record.number for record in records] == [*range(2, len(names) + 1), 1]
    assert records[-1] == AgentRecord(first, NOON, 1, "the first")
    assert catalog.enroll(f"{tenant}!", [NewAgent(first, NOON)])[0].number == 1
    listed = catalog.agents(tenant, None, 100).rows
    assert {record.agent_name: record for record in listed} == {record.agent_name: record for record in records}
    assert [catalog.agent(tenant, record.agent_name) for record in records] == records


def test_a_hundred_creators_at_once_give_a_hundred_numbers(catalog: Catalog, tenant: str) -> None:
    made = at_once(lambda number: catalog.enroll(tenant, [NewAgent(f"agent {number}", at(number))])[0])
    assert sorted(record.number for record in made) == numbers_from_one(CREATORS)
    assert [record.agent_name for record in made] == [f"agent {number}" for number in range(CREATORS)]
    assert sorted(catalog.agents(tenant, None, 200).rows, key=lambda each: each.created_at) == made


def test_creators_of_one_agent_get_the_same_record(catalog: Catalog, tenant: str) -> None:
    made = at_once(lambda number: catalog.enroll(tenant, [NewAgent(f"agent {number % 5}", at(number), str(number))])[0])
    assert sorted({record.number for record in made}) == numbers_from_one(5)
    assert len(set(made)) == 5
    assert len(catalog.agents(tenant, None, 200).rows) == 5


def test_messages_and_requests_number_agents_together(catalog: Catalog, tenant: str) -> None:
    """A message brings several agents, some of which others bring as well."""

    def create(number: int) -> None:
        agents = [NewAgent(f"agent {number * 4 + place}", NOON) for place in range(8)]
        if number % 2:
            catalog.register(tenant, agents, [])
        else:
            catalog.enroll(tenant, agents)

    at_once(create, 20)
    assert sorted(record.number for record in catalog.agents(tenant, None, 200).rows) == numbers_from_one(20 * 4 + 4)


def test_more_agents_than_a_transaction_takes_are_numbered(catalog: Catalog, tenant: str) -> None:
    agents = [NewAgent(f"agent {number}", NOON) for number in range(120)]
    assert [record.number for record in catalog.enroll(tenant, agents)] == numbers_from_one(120)


def test_versions_are_numbered_within_their_agent(catalog: Catalog, tenant: str) -> None:
    for agent in ("one", "two"):
        for number, name in enumerate(AWKWARD_IDS, 1):
            made = catalog.name_version(tenant, agent, NewNamedVersion(name, NOON, agent))
            assert made == NamedVersion(name, NOON, number, agent)
    again = catalog.name_version(tenant, "one", NewNamedVersion(AWKWARD_IDS[3], at(5), "another"))
    assert again == catalog.named_version(tenant, "one", AWKWARD_IDS[3]) == NamedVersion(AWKWARD_IDS[3], NOON, 4, "one")
    assert catalog.named_version(tenant, "one", "unknown") is None
    assert catalog.named_version(f"{tenant}!", "one", AWKWARD_IDS[0]) is None


def test_a_hundred_versions_at_once_get_a_hundred_numbers(catalog: Catalog, tenant: str) -> None:
    made = at_once(lambda number: catalog.name_version(tenant, "one", NewNamedVersion(f"v{number % 50}", at(number))))
    assert sorted({version.number for version in made}) == numbers_from_one(50)
    assert len(set(made)) == 50


def test_named_versions_and_effective_ones_are_apart(catalog: Catalog, tenant: str) -> None:
    catalog.name_version(tenant, "one", NewNamedVersion("v", NOON))
    assert catalog.versions(tenant, "one", None, 10).rows == []
    assert catalog.version(tenant, "one", "v") is None


class Torn(Table):
    """A table whose first batch of reads is no snapshot: it misses the records that the counter in it has counted."""

    torn = False

    def get_all(self, keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Record]:
        found = super().get_all(keys, consistent=consistent)
        if not self.torn:
            self.torn = True
            return {key: record for key, record in found.items() if key[1] == "C"}
        return found


def test_a_record_that_a_read_has_missed_keeps_its_number(ground: Ground, tenant: str) -> None:
    if not isinstance(ground, AwsGround):
        pytest.skip("memory is read at one moment")
    ground.ports.catalog.enroll(tenant, [NewAgent("one", NOON, "first")])
    torn = Torn(ground.clients.dynamodb, ground.table.name)
    assert DynamoCatalog(torn).enroll(tenant, [NewAgent("one", at(1))]) == [AgentRecord("one", NOON, 1, "first")]
    assert ground.ports.catalog.enroll(tenant, [NewAgent("two", NOON)])[0].number == 2
