"""Steps in drawings: between the generations before them and their own, within the bounds of the picture."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.workflow_step import WorkflowStep
from chalicelib.services.lineage import step_picture as module
from chalicelib.services.lineage.graph import Ask, Drawing
from chalicelib.services.lineage.step_picture import MOST_EACH, StepPicture
from chalicelib.services.ports import Steps
from chalicelib.services.steps import StepIntake, StepPorts
from tests.fakes.all_ports import fake_ports
from tests.unit.services.graph_world import TENANT, World, one_by_one


def kept(**steps: tuple[str, str]) -> Steps:
    """Steps by id: the generations made in them, and their parents."""
    ports = fake_ports()
    made = [
        WorkflowStep(
            id=own_id,
            conversation_id="c",
            step_name=f"name of {own_id}",
            linked_generation_ids=tuple(links),
            parent_step_ids=tuple(parents),
            error="bad" if own_id == "X" else None,
        )
        for own_id, (links, parents) in steps.items()
    ]
    StepIntake(StepPorts(ports.steps, ports.store, ports.clock), lambda value: value)(TENANT, made)
    return ports.steps


def draw(world: World, steps: Steps, start: str, limit: int = 200) -> Drawing:
    return StepPicture(world.graph(), steps, one_by_one).draw(TENANT, start, Ask("both", 10, limit))


def arrows(drawing: Drawing) -> set[str]:
    return {f"{start[1]}>{end[1]}" for start, end in drawing.step_edges}


def stepped(drawing: Drawing) -> dict[str, Any]:
    return {node["id"]: node for node in drawing.nodes if node["kind"] == "step"}


CHAIN = {"a": (), "b": ("a",), "c": ("b",)}


def test_a_step_stands_between_what_was_made_before_it_and_what_was_made_in_it() -> None:
    drawing = draw(World(**CHAIN), kept(P=("a", ""), S=("b", "P"), X=("c", "S")), "b")

    assert arrows(drawing) == {"P>a", "a>S", "S>b", "b>X", "X>c"}
    assert drawing.edges == [("a", "b"), ("b", "c")]
    assert not drawing.truncated
    node = stepped(drawing)["X"]
    expected = {"kind": "step", "id": "X", "status": "failed", "step_name": "name of X", "framework": None}
    assert node == expected | {"agent_name": None, "depth": 1, "missing": False}


def test_a_parent_without_a_generation_in_the_picture_leads_to_its_step_itself() -> None:
    """Whether it made none, made one elsewhere, or has not come yet."""
    drawing = draw(World(**CHAIN), kept(P=("", ""), Q=("z", ""), S=("a", "PQR")), "a")

    assert arrows(drawing) == {"P>S", "Q>S", "R>S", "S>a"}
    assert {own_id: node["missing"] for own_id, node in stepped(drawing).items()} == {
        "S": False,
        "P": False,
        "Q": False,
        "R": True,
    }


def test_a_step_may_have_the_id_of_a_generation() -> None:
    drawing = draw(World(**CHAIN), kept(a=("a", ""), b=("b", "a")), "a")

    assert set(drawing.step_edges) == {
        (("step", "a"), ("generation", "a")),
        (("generation", "a"), ("step", "b")),
        (("step", "b"), ("generation", "b")),
    }


def test_cycles_of_steps_end() -> None:
    drawing = draw(World(a=()), kept(P=("a", "S"), S=("a", "P")), "a")

    assert arrows(drawing) == {"P>a", "S>a", "P>S", "S>P"}


def test_what_is_linked_to_no_generation_of_the_picture_is_not_in_it() -> None:
    assert stepped(draw(World(**CHAIN, z=()), kept(P=("z", "")), "a")) == {}


@pytest.mark.parametrize(("limit", "steps", "truncated"), [(3, 0, True), (4, 1, True), (5, 2, True), (6, 3, False)])
def test_steps_have_the_room_that_generations_leave(limit: int, steps: int, truncated: bool) -> None:
    drawing = draw(World(**CHAIN), kept(P=("", ""), S=("b", "P"), T=("c", "S")), "b", limit)

    assert (len(stepped(drawing)), drawing.truncated) == (steps, truncated)
    assert len(drawing.nodes) <= limit


def test_a_generation_of_many_steps_shows_some_and_says_so() -> None:
    many = {f"s{number}": ("a", "") for number in range(MOST_EACH + 1)}

    drawing = draw(World(a=()), kept(**many), "a")

    assert (len(stepped(drawing)), drawing.truncated) == (MOST_EACH, True)


def test_edges_stop_where_an_answer_would_grow_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EDGE_BYTES", 7)

    drawing = draw(World(**CHAIN), kept(P=("a", ""), S=("b", "P"), T=("c", "S")), "b")

    assert (len(drawing.step_edges), drawing.truncated) == (1, True)


GENERATIONS, STEPS = "abcd", "PQRS"
LINKS = st.text(GENERATIONS, max_size=3).map(lambda text: "".join(dict.fromkeys(text)))


@given(
    st.dictionaries(st.sampled_from(GENERATIONS), st.text(GENERATIONS, max_size=2), min_size=1),
    st.dictionaries(st.sampled_from(STEPS), st.tuples(LINKS, st.text(STEPS, max_size=2))),
    st.integers(1, 9),
)
def test_whatever_is_drawn_was_sent_and_stands_in_the_picture(
    depends_on: dict[str, str], sent: dict[str, tuple[str, str]], limit: int
) -> None:
    world = World(**{child: tuple(p for p in parents if p != child) for child, parents in depends_on.items()})
    drawing = draw(world, kept(**sent), next(iter(depends_on)), limit)
    places = [(node["kind"], node["id"]) for node in drawing.nodes]
    assert len(places) == len(set(places)) <= limit
    for start, end in drawing.step_edges:
        assert {start, end} <= set(places)
        links, parents = sent[end[1] if end[0] == "step" else start[1]]
        if end[0] == "generation":
            assert end[1] in links
        elif start[0] == "step":
            assert start[1] in parents
        else:
            assert any(start[1] in sent[parent][0] for parent in parents if parent in sent)
    if not drawing.truncated:
        drawn = {own_id for kind, own_id in places if kind == "generation"}
        linked = {own_id for own_id, (links, _) in sent.items() if drawn & set(links)}
        assert linked <= {own_id for kind, own_id in places if kind == "step"}
