"""The `Catalog` port: one record per name, sight times that only widen, counts that are exact."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.services.ports import (
    AgentRecord,
    Catalog,
    CatalogKey,
    CatalogPage,
    NewAgent,
    Seen,
    Tally,
    VersionRecord,
)
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID, NOON, at

VERSION = "sha256:" + "a" * 64
OTHER_VERSION = "sha256:" + "b" * 64
AGENT = CatalogKey("agent")
RACERS = 8
Positions = Mapping[int, Sequence[CatalogKey]]


@pytest.fixture
def catalog(ground: Ground) -> Catalog:
    return ground.ports.catalog


def examples(ground: Ground) -> int:
    """moto copies the whole table for each transaction."""
    return 100 if ground.name == "fake" else 8


def version(agent: str = "agent", name: str = VERSION, seen: str = NOON, definition: str = "g") -> VersionRecord:
    return VersionRecord(agent, name, seen, definition, "You are \U0001f9ea", 2, {"system_prompt": 3, "total": 9})


def counts(catalog: Catalog, tenant: str, keys: Sequence[CatalogKey]) -> list[int]:
    tallies = catalog.tallies(tenant, keys)
    return [tallies.get(key, Tally(0)).count for key in keys]


def whole(read: object, limit: int) -> list[object]:
    """Every row of a list that is read by `read(before, limit)`, page by page."""
    rows: list[object] = []
    before: str | None = None
    for _ in range(100):
        page: CatalogPage = read(before, limit)  # type: ignore[operator]
        assert len(page.rows) <= limit
        rows += page.rows
        before = page.last
        if before is None:
            return rows
    raise AssertionError("the list does not end")


def test_records_are_read_back(catalog: Catalog, tenant: str) -> None:
    catalog.register(tenant, [NewAgent("agent", NOON)], [version()])
    assert catalog.agent(tenant, "agent") == AgentRecord("agent", NOON, 1)
    assert catalog.version(tenant, "agent", VERSION) == version()
    assert catalog.versions(tenant, "agent", None, 10) == CatalogPage([version()], None)


def test_what_nobody_registered_is_absent(catalog: Catalog, tenant: str) -> None:
    catalog.register(tenant, [], [])
    assert catalog.agent(tenant, "agent") is None
    assert catalog.version(tenant, "agent", VERSION) is None
    assert catalog.agents(tenant, None, 10) == catalog.versions(tenant, "agent", None, 10) == CatalogPage([], None)
    assert catalog.tallies(tenant, [AGENT]) == catalog.breakdown(tenant, "agent", VERSION) == {}


def test_the_first_record_stands(catalog: Catalog, tenant: str, ground: Ground) -> None:
    catalog.register(tenant, [NewAgent("agent", at(5))], [version(seen=at(5), definition="first")])
    for name in (tenant, f"{tenant}!"):
        catalog.register(name, [NewAgent("agent", at(1))], [version(seen=at(1), definition="second")])
    assert catalog.agents(tenant, None, 10).rows == [AgentRecord("agent", at(5), 1)]
    assert catalog.versions(tenant, "agent", None, 10).rows == [version(seen=at(5), definition="first")]
    assert ground.ports.catalog.agent(f"{tenant}!", "agent") == AgentRecord("agent", at(1), 1)


def test_of_racing_registrations_one_stands_and_is_listed_once(catalog: Catalog, tenant: str) -> None:
    def register(number: int) -> None:
        catalog.register(tenant, [NewAgent("agent", at(number))], [version(seen=at(number), definition=f"g{number}")])

    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(register, range(RACERS)))
    assert catalog.agents(tenant, None, 10).rows == [catalog.agent(tenant, "agent")]
    assert catalog.versions(tenant, "agent", None, 10).rows == [catalog.version(tenant, "agent", VERSION)]


@pytest.mark.parametrize("limit", [1, 4, 200])
def test_agents_are_listed_newest_first_whatever_their_names(catalog: Catalog, tenant: str, limit: int) -> None:
    agents = [AgentRecord(name, at(number // 3), number + 1) for number, name in enumerate([*AWKWARD_IDS, ""])]
    catalog.register(tenant, [NewAgent(each.agent_name, each.created_at) for each in agents], [])
    expected = sorted(agents, key=lambda each: (each.created_at, each.agent_name), reverse=True)
    assert whole(lambda before, most: catalog.agents(tenant, before, most), limit) == expected
    assert [catalog.agent(tenant, each.agent_name) for each in agents] == agents


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_versions_are_listed_newest_first_for_each_agent(catalog: Catalog, tenant: str, limit: int) -> None:
    names = ["agent", "agent#V", HEAVIEST_ID]
    versions = [version(name, f"sha256:{n:064x}", at(n // 2)) for name in names for n in range(6)]
    catalog.register(tenant, [NewAgent(name, NOON) for name in names], versions)
    for name in names:
        own = [each for each in versions if each.agent_name == name]
        expected = sorted(own, key=lambda each: (each.first_seen_at, each.effective_version), reverse=True)
        assert whole(lambda before, most, of=name: catalog.versions(tenant, of, before, most), limit) == expected


def test_hundreds_of_records_are_made_at_once(catalog: Catalog, tenant: str) -> None:
    agents = [NewAgent(f"agent {number}", NOON) for number in range(120)]
    catalog.register(tenant, agents, [])
    assert len(catalog.agents(tenant, None, 200).rows) == 120


def test_sight_only_widens(catalog: Catalog, tenant: str) -> None:
    for first, last in [(5, 6), (5, 5), (4, 4), (9, 9), (6, 8)]:
        catalog.witness(tenant, "K1", {AGENT: Seen(at(first), at(last))})
    catalog.witness(tenant, "K1", {})
    assert catalog.tallies(tenant, [AGENT]) == {AGENT: Tally(0, Seen(at(4), at(9)))}


def test_sights_of_several_messages_are_one(catalog: Catalog, tenant: str) -> None:
    for number in range(12):
        catalog.witness(tenant, f"K{number}", {AGENT: Seen(at(30 - number), at(30 + number))})
    assert catalog.tallies(tenant, [AGENT])[AGENT].seen == Seen(at(19), at(41))


def test_any_order_of_sights_gives_the_same(shared_ground: Ground, tenant: str) -> None:
    if shared_ground.name not in {"fake", "moto"}:
        pytest.skip("many examples: on the engines in this process only")
    catalog, numbers = shared_ground.ports.catalog, count()
    sights = st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["K1", "K2", "K3"]))

    @settings(max_examples=examples(shared_ground), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(sights, min_size=1, max_size=6))
    def check(seen: list[tuple[int, int, str]]) -> None:
        own = f"{tenant}-{next(numbers)}"
        for first, last, owner in seen:
            catalog.witness(own, owner, {AGENT: Seen(at(min(first, last)), at(max(first, last)))})
        earliest, latest = min(min(one[:2]) for one in seen), max(max(one[:2]) for one in seen)
        assert catalog.tallies(own, [AGENT])[AGENT].seen == Seen(at(earliest), at(latest))

    check()


def test_racing_sights_lose_nothing(catalog: Catalog, tenant: str) -> None:
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda n: catalog.witness(tenant, "K1", {AGENT: Seen(at(n), at(n))}), range(24)))
    assert catalog.tallies(tenant, [AGENT])[AGENT].seen == Seen(at(0), at(23))


def test_each_position_counts_once_for_ever(catalog: Catalog, tenant: str) -> None:
    keys = [AGENT, CatalogKey("agent", VERSION)]
    assert catalog.count(tenant, "K1", {0: keys, 1: [AGENT]}) == 2
    assert catalog.count(tenant, "K1", {0: keys, 1: [AGENT]}) == 0
    assert catalog.count(tenant, "K2", {0: keys}) == 1
    assert catalog.count(tenant, "K2", {}) == 0
    assert counts(catalog, tenant, keys) == [3, 2]
    assert counts(catalog, f"{tenant}!", keys) == [0, 0]


def test_a_delivery_that_sees_more_counts_only_what_is_new(catalog: Catalog, tenant: str) -> None:
    """The first handler may come before the request has committed all of its generations."""
    assert catalog.count(tenant, "K1", {1: [AGENT]}) == 1
    assert catalog.count(tenant, "K1", {0: [AGENT], 1: [AGENT], 99: [AGENT]}) == 2
    assert catalog.count(tenant, "K1", {1: [AGENT]}) == 0
    assert catalog.count(tenant, "K1", {98: [AGENT]}) == 1
    assert counts(catalog, tenant, [AGENT]) == [4]


def test_a_message_may_count_for_more_keys_than_a_transaction_takes(
    catalog: Catalog, tenant: str, ground: Ground
) -> None:
    """Every generation of the chunk is another agent's, counted for agent, version, model and declared version."""
    agents = 30 if ground.name == "moto" else 100
    positions = {number: _four_keys(f"agent {number}") for number in range(agents)}
    assert catalog.count(tenant, "K1", positions) == agents
    assert catalog.count(tenant, "K1", positions) == 0
    keys = [key for names in positions.values() for key in names]
    assert counts(catalog, tenant, keys) == [1] * agents * 4


def _four_keys(agent: str) -> list[CatalogKey]:
    details: list[tuple[str, ...]] = [("model", "openai", "gpt"), ("declared", "1.0")]
    return [CatalogKey(agent), CatalogKey(agent, VERSION), *(CatalogKey(agent, VERSION, each) for each in details)]


def test_racing_handlers_of_one_message_count_it_once(catalog: Catalog, tenant: str) -> None:
    """Each of them misses another part, so that most of the rest is left to several at once."""
    positions = {number: [AGENT, CatalogKey("agent", VERSION)] for number in range(40)}
    parts = [{n: keys for n, keys in positions.items() if n % RACERS != racer} for racer in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        counted = list(pool.map(lambda part: catalog.count(tenant, "K1", part), parts))
    assert sum(counted) == 40
    assert counts(catalog, tenant, [AGENT, CatalogKey("agent", VERSION)]) == [40, 40]


def test_racing_messages_of_one_agent_lose_no_count(catalog: Catalog, tenant: str) -> None:
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda n: catalog.count(tenant, f"K{n}", {0: [AGENT], 1: [AGENT]}), range(RACERS * 2)))
    assert counts(catalog, tenant, [AGENT]) == [RACERS * 4]


def test_any_sequence_of_partial_deliveries_counts_each_position_once(shared_ground: Ground, tenant: str) -> None:
    if shared_ground.name not in {"fake", "moto"}:
        pytest.skip("many examples: on the engines in this process only")
    catalog, numbers = shared_ground.ports.catalog, count()
    deliveries = st.tuples(st.sampled_from(["K1", "K2"]), st.sets(st.integers(0, 12)))

    @settings(max_examples=examples(shared_ground), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(deliveries, max_size=6))
    def check(seen: list[tuple[str, set[int]]]) -> None:
        own = f"{tenant}-{next(numbers)}"
        told = sum(catalog.count(own, owner, {n: [AGENT] for n in positions}) for owner, positions in seen)
        distinct = {(owner, position) for owner, positions in seen for position in positions}
        assert told == len(distinct)
        assert counts(catalog, own, [AGENT]) == [len(distinct)]

    check()


def test_a_breakdown_holds_one_version_and_its_details_only(catalog: Catalog, tenant: str) -> None:
    details: list[tuple[str, ...]] = [("model", "", "gpt"), ("model", "a#b", "%/"), ("declared", "V#1")]
    own = [CatalogKey("agent", VERSION), *(CatalogKey("agent", VERSION, detail) for detail in details)]
    strangers = [
        AGENT,
        CatalogKey("agent", OTHER_VERSION),
        CatalogKey("agent", VERSION[:-1]),
        CatalogKey("agent", f"{VERSION}0"),
        CatalogKey("agent", f"{VERSION}0", details[0]),
        CatalogKey("agent#", VERSION),
    ]
    for owner in range(9):
        catalog.count(tenant, f"K{owner}", {0: [*own, *strangers], 1: own[:1]})
    expected = Counter(dict.fromkeys(own, 9)) + Counter({own[0]: 9})
    assert {key: tally.count for key, tally in catalog.breakdown(tenant, "agent", VERSION).items()} == expected


def test_a_tally_has_the_sum_of_counts_and_the_widest_sight(catalog: Catalog, tenant: str) -> None:
    for number in range(10):
        catalog.witness(tenant, f"K{number}", {AGENT: Seen(at(number), at(number + 20))})
        catalog.count(tenant, f"K{number}", {0: [AGENT]})
    assert catalog.tallies(tenant, [AGENT]) == {AGENT: Tally(10, Seen(at(0), at(29)))}


def test_awkward_names_are_counted_apart(catalog: Catalog, tenant: str) -> None:
    agents = [*AWKWARD_IDS, ""]
    catalog.count(tenant, "K1", {number: _four_keys(agent) * (number + 1) for number, agent in enumerate(agents)})
    for number, agent in enumerate(agents):
        assert counts(catalog, tenant, _four_keys(agent)) == [number + 1] * 4
        assert set(catalog.breakdown(tenant, agent, VERSION)) == set(_four_keys(agent)[1:])


def test_the_longest_names_can_be_counted(catalog: Catalog, tenant: str) -> None:
    """480 bytes each, agent, provider and model: more than a sort key holds, so that only their beginning is shown."""
    models = [("model", HEAVIEST_ID, HEAVIEST_ID[:-1] + last) for last in ("\U0001f9ea", "\U0001f600")]
    keys = [CatalogKey(HEAVIEST_ID, VERSION, model) for model in models]
    assert catalog.count(tenant, "K1", {0: keys, 1: keys[:1]}) == 2
    assert counts(catalog, tenant, keys) == [2, 1]
    shown = catalog.breakdown(tenant, HEAVIEST_ID, VERSION)
    assert sorted(tally.count for tally in shown.values()) == [1, 2]
    assert all(each.detail[2][:100] == HEAVIEST_ID[:100] for each in shown)


def test_a_version_can_have_thousands_of_details(catalog: Catalog, tenant: str, ground: Ground) -> None:
    if ground.name == "moto":
        pytest.skip("moto copies the whole table for each transaction")
    keys = [CatalogKey("agent", VERSION, ("declared", f"1.0.{number}")) for number in range(1500)]
    for start in range(0, len(keys), 100):
        catalog.count(tenant, "K1", dict(enumerate([[key] for key in keys[start : start + 100]], start)))
    assert len(catalog.breakdown(tenant, "agent", VERSION)) >= 1000
