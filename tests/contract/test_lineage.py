"""The `Lineage` port: edges, states, reach and the list of failing roots."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

from chalicelib.domain.lineage import Latest, State, verdict
from chalicelib.services.ports import Edge, Score, Window
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS

EARLY, NOON, LATE = (f"2026-11-21T{hour}:00:00.000000Z" for hour in ("09", "12", "18"))


def edge(parent: str, child: str) -> Edge:
    return Edge(parent, child, NOON)


def score(score_id: str, at: str, *, passed: bool | None, evaluator: str = "e", generation_id: str = "g") -> Score:
    return Score(score_id, generation_id, evaluator, "k", at, passed, {})


def every_child(ground: Ground, tenant: str, parent: str, limit: int) -> list[Edge]:
    found: list[Edge] = []
    after: str | None = None
    for _ in range(10_000):
        page = ground.ports.lineage.children(tenant, parent, after, limit)
        found += page.edges
        after = page.after
        if after is None:
            return found
    raise AssertionError("the children never end")


def state(ground: Ground, tenant: str, generation_id: str = "g") -> State:
    return ground.ports.lineage.states(tenant, [generation_id])[generation_id]


def test_every_edge_is_kept_once(ground: Ground, tenant: str) -> None:
    edges = [edge(parent, child) for parent in AWKWARD_IDS for child in AWKWARD_IDS]
    ground.ports.lineage.put_edges(tenant, edges)
    ground.ports.lineage.put_edges(tenant, edges[::-1])
    ground.ports.lineage.put_edges(tenant, [])
    assert ground.edges(tenant) == {(each.parent, each.child) for each in edges}
    assert {each.child for each in every_child(ground, tenant, AWKWARD_IDS[0], 2)} == set(AWKWARD_IDS)


def test_edges_are_the_tenants_own(ground: Ground, tenant: str) -> None:
    ground.ports.lineage.put_edges(tenant, [edge("p", "c")])
    assert ground.edges(f"{tenant}!") == set()


def test_children_come_in_pages_without_gaps_or_repeats(ground: Ground, tenant: str) -> None:
    children = [f"c{number:03}" for number in range(130)]
    ground.ports.lineage.put_edges(tenant, [edge("p", child) for child in children])
    for limit in (1, 7, 130, 131):
        found = every_child(ground, tenant, "p", limit)
        assert sorted(each.child for each in found) == children
        assert {each.listed_at for each in found} == {NOON}


def test_what_is_touched_stays_touched(ground: Ground, tenant: str) -> None:
    lineage = ground.ports.lineage
    lineage.touch(tenant, ["a", "b"])
    lineage.touch(tenant, ["a"])
    assert lineage.touched(tenant, ["a", "b", "c"]) == {"a", "b"}


def test_the_latest_score_of_a_pair_stands_whatever_the_order(ground: Ground, tenant: str) -> None:
    scores = [
        score("s1", EARLY, passed=False),
        score("s2", NOON, passed=True),
        score("s3", NOON, passed=None),
        score("s4", EARLY, passed=True, evaluator="other"),
    ]
    for number, order in enumerate(permutations(scores)):
        generation_id = f"g{number}"
        for each in order:
            mine = Score(each.score_id, generation_id, each.evaluator_id, "k", each.created_at, each.passed, {})
            ground.ports.lineage.apply_score(tenant, mine)
            ground.ports.lineage.apply_score(tenant, mine)
        found = state(ground, tenant, generation_id)
        assert found.latest == {("e", "k"): Latest(NOON, "s3", None), ("other", "k"): Latest(EARLY, "s4", passed=True)}
        assert [latest.passed for latest in found.latest.values()] in ([None, True], [True, None])
        assert verdict(found) == "pass"


def test_a_failed_score_activates_for_ever(ground: Ground, tenant: str) -> None:
    lineage = ground.ports.lineage
    lineage.apply_score(tenant, score("s1", EARLY, passed=True))
    assert not state(ground, tenant).activated
    lineage.apply_score(tenant, score("s2", NOON, passed=False))
    lineage.apply_score(tenant, score("s3", LATE, passed=True))
    assert state(ground, tenant).activated
    assert verdict(state(ground, tenant)) == "pass"


def test_a_score_that_is_superseded_already_activates_nothing(ground: Ground, tenant: str) -> None:
    ground.ports.lineage.apply_score(tenant, score("s2", NOON, passed=True))
    ground.ports.lineage.apply_score(tenant, score("s1", EARLY, passed=False))
    assert not state(ground, tenant).activated


def test_a_hundred_evaluators_count_and_no_more(ground: Ground, tenant: str) -> None:
    for number in range(101):
        ground.ports.lineage.apply_score(tenant, score(f"s{number}", NOON, passed=True, evaluator=f"e{number}"))
    assert len(state(ground, tenant).latest) == 100


def test_scores_of_many_evaluators_at_once_are_all_kept(ground: Ground, tenant: str) -> None:
    scores = [score(f"s{number}", NOON, passed=bool(number % 2), evaluator=f"e{number}") for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda each: ground.ports.lineage.apply_score(tenant, each), scores))
    assert len(state(ground, tenant).latest) == 16


def test_the_first_failure_stands(ground: Ground, tenant: str) -> None:
    ground.ports.lineage.apply_failure(tenant, "g", NOON)
    ground.ports.lineage.apply_failure(tenant, "g", LATE)
    assert state(ground, tenant).failed_at == NOON
    assert state(ground, tenant).activated


def test_the_latest_waiver_stands(ground: Ground, tenant: str) -> None:
    lineage = ground.ports.lineage
    lineage.apply_waiver(tenant, "g", waived=True, reason="known", at=NOON)
    lineage.apply_waiver(tenant, "g", waived=False, reason="", at=EARLY)
    assert state(ground, tenant).waived
    lineage.apply_waiver(tenant, "g", waived=False, reason="", at=LATE)
    assert not state(ground, tenant).waived


def test_walked_is_remembered(ground: Ground, tenant: str) -> None:
    ground.ports.lineage.apply_failure(tenant, "g", NOON)
    ground.ports.lineage.mark_walked(tenant, "g")
    ground.ports.lineage.mark_walked(tenant, "g")
    assert state(ground, tenant).walked


def test_the_failing_list_follows_the_state_and_says_so_once(ground: Ground, tenant: str) -> None:
    lineage, index = ground.ports.lineage, ground.ports.index
    lineage.apply_score(tenant, score("s1", EARLY, passed=False))
    assert [lineage.relist(tenant, "g") for _ in range(2)] == ["started", None]
    assert index.newest(tenant, ("failing", ""), Window(), 5) == [(EARLY, "g")]
    lineage.apply_score(tenant, score("s2", NOON, passed=False, evaluator="other"))
    assert lineage.relist(tenant, "g") is None
    assert index.newest(tenant, ("failing", ""), Window(), 5) == [(NOON, "g")]
    lineage.apply_waiver(tenant, "g", waived=True, reason="known", at=NOON)
    assert [lineage.relist(tenant, "g") for _ in range(2)] == ["stopped", None]
    assert index.newest(tenant, ("failing", ""), Window(), 5) == []


def test_reach_is_kept_and_listed_under_its_roots(ground: Ground, tenant: str) -> None:
    lineage = ground.ports.lineage
    for root in AWKWARD_IDS:
        lineage.put_reach(tenant, edge("p", "c"), {root: "p"}, NOON, overflow=False)
    lineage.put_reach(tenant, edge("p", "d"), {AWKWARD_IDS[0]: "q"}, NOON, overflow=True)
    found = lineage.reach(tenant, "c")
    assert set(found.roots) == set(AWKWARD_IDS)
    assert {(one.via, one.at) for one in found.roots.values()} == {("p", NOON)}
    assert not found.overflow
    assert lineage.reach(tenant, "d").overflow
    assert lineage.touched(tenant, ["c", "d", "p"]) == {"c", "d"}
    assert ground.ports.index.newest(tenant, ("root", AWKWARD_IDS[0]), Window(), 5) == [(NOON, "d"), (NOON, "c")]


def test_a_healthy_generation_is_nowhere(ground: Ground, tenant: str) -> None:
    assert ground.ports.lineage.states(tenant, ["g"]) == {}
    assert ground.ports.lineage.reach(tenant, "g").roots == {}
    assert ground.ports.lineage.touched(tenant, ["g"]) == set()
