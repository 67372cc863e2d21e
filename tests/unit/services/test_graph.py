"""Drawings of lineage: complete within their bounds, honest about what is left out, cheap to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import NotFound
from chalicelib.services.lineage import graph as module
from chalicelib.services.lineage.graph import Ask, Direction, Drawing
from tests.unit.services.graph_world import TENANT, World

ORCHESTRATOR = {"a": (), "b": (), "c": ("a", "b"), "d": ("c",)}


def draw(world: World, generation_id: str, direction: Direction = "both", depth: int = 10, limit: int = 200) -> Drawing:
    return world.graph().draw(TENANT, generation_id, Ask(direction, depth, limit))


def depths(drawing: Drawing) -> dict[str, int]:
    return {node["id"]: node["depth"] for node in drawing.nodes}


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("upstream", {"c": 0, "a": 1, "b": 1}),
        ("downstream", {"c": 0, "d": 1}),
        ("both", {"c": 0, "a": 1, "b": 1, "d": 1}),
    ],
)
def test_a_direction_shows_what_lies_there(direction: Direction, expected: dict[str, int]) -> None:
    drawing = draw(World(**ORCHESTRATOR), "c", direction)

    assert (drawing.root, depths(drawing), drawing.truncated) == ("c", expected, False)
    edges = {("a", "c"), ("b", "c"), ("c", "d")}
    assert set(drawing.edges) == {edge for edge in edges if set(edge) <= set(expected)}


def test_siblings_are_not_in_the_picture() -> None:
    assert "e" not in depths(draw(World(**ORCHESTRATOR, e=("a",)), "c"))


def test_what_never_came_is_shown_as_missing() -> None:
    world = World(c=("ghost",))

    [_, ghost] = draw(world, "c").nodes

    expected = {
        "kind": "generation",
        "id": "ghost",
        "status": None,
        "verdict": "unknown",
        "flagged": False,
        "agent_name": None,
    }
    assert ghost == {**expected, "depth": 1, "missing": True}


def test_verdicts_and_flags_are_those_of_now() -> None:
    world = World(**ORCHESTRATOR)
    world.fail("a", "c", "d")

    nodes = {node["id"]: (node["verdict"], node["flagged"]) for node in draw(world, "c").nodes}

    assert nodes == {"a": ("fail", False), "b": ("unknown", False), "c": ("unknown", True), "d": ("unknown", True)}


def test_what_is_not_processed_yet_tells_its_dependencies_by_its_content() -> None:
    world = World(**ORCHESTRATOR)
    world.pending = {"c", "d"}

    drawing = draw(world, "d", "upstream")

    assert depths(drawing) == {"d": 0, "c": 1, "a": 2, "b": 2}
    assert drawing.nodes[0]["agent_name"] == "pending"


def test_cycles_end_and_their_edges_are_all_there() -> None:
    world = World(a=("c",), b=("a",), c=("b",))

    drawing = draw(world, "a")

    assert set(depths(drawing)) == {"a", "b", "c"}
    assert set(drawing.edges) == {("c", "a"), ("a", "b"), ("b", "c")}
    assert not drawing.truncated


@pytest.mark.parametrize("direction", ["upstream", "downstream"])
@pytest.mark.parametrize(("depth", "truncated"), [(1, True), (2, True), (3, False)])
def test_depth_is_bounded_and_it_is_said_when_there_is_more(direction: Direction, depth: int, truncated: bool) -> None:
    world = World(a=(), b=("a",), c=("b",), d=("c",))

    drawing = draw(world, "d" if direction == "upstream" else "a", direction, depth)

    assert len(drawing.nodes) == depth + 1
    assert drawing.truncated is truncated


@pytest.mark.parametrize(("limit", "truncated"), [(1, True), (5, True), (6, False)])
@pytest.mark.parametrize("direction", ["upstream", "downstream"])
def test_the_number_of_generations_is_bounded_and_it_is_said_when_there_are_more(
    direction: Direction, limit: int, truncated: bool
) -> None:
    many = [f"n-{number}" for number in range(5)]
    world = World(**dict.fromkeys(many, ("x",)), x=()) if direction == "downstream" else World(x=many)

    drawing = draw(world, "x", direction, limit=limit)

    assert len(drawing.nodes) == limit
    assert drawing.truncated is truncated


def test_a_level_costs_no_more_calls_upstream_the_more_generations_it_has() -> None:
    wide = [f"p-{number}" for number in range(50)]
    world = World(**dict.fromkeys(wide, ("top",)), x=wide, top=())

    assert len(draw(world, "x", "upstream").nodes) == 52
    assert world.calls["heads"] == world.calls["entries"] == 3
    assert world.calls["children"] == 0


def test_edges_stop_where_an_answer_would_grow_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EDGE_BYTES", 3)

    drawing = draw(World(**ORCHESTRATOR), "c")

    assert (len(drawing.edges), drawing.truncated) == (1, True)


def test_an_unknown_generation_has_no_drawing() -> None:
    with pytest.raises(NotFound):
        draw(World(c=("ghost",)), "ghost")


def test_the_way_to_a_root_is_a_shortest_one() -> None:
    world = World(r=(), a=("r",), b=("a",), c=("b", "x"), x=("r",))
    world.fail("r", "a", "b", "c", "x")

    drawing = world.graph().path(TENANT, "c", "r")

    assert [node["id"] for node in drawing.nodes] == ["c", "x", "r"]
    assert drawing.edges == [("x", "c"), ("r", "x")]
    assert [node["flagged"] for node in drawing.nodes] == [True, True, False]


def test_the_way_may_lead_to_what_never_came() -> None:
    drawing = World(c=("ghost",)).graph().path(TENANT, "c", "ghost")

    assert [(node["id"], node["missing"]) for node in drawing.nodes] == [("c", False), ("ghost", True)]


@pytest.mark.parametrize(("start", "root"), [("a", "c"), ("c", "nothing"), ("nothing", "a")])
def test_no_way_is_not_found(start: str, root: str) -> None:
    with pytest.raises(NotFound):
        World(**ORCHESTRATOR).graph().path(TENANT, start, root)


def test_a_search_that_runs_out_of_budget_says_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATH_BUDGET", 4)
    world = World(r=(), a=("r",), b=("a",), c=("b",), d=("c",))

    near, far = world.graph().path(TENANT, "d", "a"), world.graph().path(TENANT, "d", "r")

    assert ([node["id"] for node in near.nodes], near.truncated) == (["d", "c", "b", "a"], False)
    assert (far.nodes, far.edges, far.truncated) == ([], [], True)


IDS = st.sampled_from("abcdefgh")


@given(st.dictionaries(IDS, st.lists(IDS, max_size=4, unique=True), min_size=1), st.data())
def test_a_drawing_without_bounds_is_exactly_what_is_reachable(
    depends_on: dict[str, list[str]], data: st.DataObject
) -> None:
    """Any graph, with cycles and with ids that never came, against plain closures of it."""
    world = World(**{child: [one for one in parents if one != child] for child, parents in depends_on.items()})
    start = data.draw(st.sampled_from(sorted(depends_on)))
    pairs = {(parent, child) for child, parents in world.depends_on.items() for parent in parents}

    drawing = draw(world, start, depth=100, limit=2000)

    expected = closure(start, {(child, parent) for parent, child in pairs}) | closure(start, pairs)
    assert set(depths(drawing)) == expected
    assert set(drawing.edges) == {pair for pair in pairs if set(pair) <= expected}
    assert not drawing.truncated


def closure(start: str, steps: set[tuple[str, str]]) -> set[str]:
    """Everything that steps lead to."""
    found, frontier = {start}, {start}
    while frontier:
        frontier = {after for before, after in steps if before in frontier} - found
        found |= frontier
    return found
