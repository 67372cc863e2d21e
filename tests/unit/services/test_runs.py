"""Runs under fire: movers at once, processes that die, messages in any order, a schedule that comes between."""

from collections.abc import Callable, Sequence
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.generation import Generation
from chalicelib.domain.run import ABANDONED, DEFAULT_PATIENCE, blank
from chalicelib.services.lineage.flag_messages import decode
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.ports import Edge
from tests.unit.services.run_world import RUN, RunWorld, opened
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Dying, Hook, When

ASKED = blank(RUN, status="requires_action", tags={"a": "1"}, depends_on=("q",))
COMPLETED = blank(RUN, status="completed", tags={"a": "2"}, depends_on=("r",))
FAILED = blank(RUN, status="failed", call_error="broken")
HEARTBEAT = blank(RUN)
WHEN: list[When] = ["before", "halfway", "after"]
MOST_CALLS = 16
STALE_MS = DEFAULT_PATIENCE.run * 1000
ORDERS = st.lists(st.integers(0, 1), max_size=24)


@pytest.mark.parametrize(("at", "when"), list(product(range(1, MOST_CALLS), WHEN)))
def test_an_opening_that_dies_anywhere_leaves_a_run_that_is_whole_or_none(at: int, when: When) -> None:
    world = RunWorld()
    world.open(Dying(at, when))
    world.calm_down()
    assert RUN not in world.ground.ports.store.heads(world.tenant, [RUN]) or world.is_listed_as_it_is()
    assert world.open()
    world.calm_down()
    assert world.is_listed_as_it_is()


@pytest.mark.parametrize("move", [ASKED, COMPLETED, FAILED], ids=lambda move: str(move.status))
@pytest.mark.parametrize(("at", "when"), list(product(range(1, MOST_CALLS), WHEN)))
def test_a_move_that_dies_anywhere_is_made_whole_or_not_at_all(move: Generation, at: int, when: When) -> None:
    world = opened()
    world.move(move, Dying(at, when))
    assert world.course.status in {"in_progress", move.status}
    world.calm_down()
    assert world.is_listed_as_it_is()
    assert world.move(move)
    assert world.course.version == 1
    world.calm_down()
    assert world.is_listed_as_it_is()


@pytest.mark.parametrize(("at", "when"), list(product(range(1, MOST_CALLS), WHEN)))
def test_a_worker_that_dies_anywhere_is_made_up_for(at: int, when: When) -> None:
    world = opened()
    world.move(ASKED)
    world.move(FAILED)
    world.work(Dying(at, when))
    world.calm_down()
    assert world.is_listed_as_it_is()


@pytest.mark.parametrize(("at", "when"), list(product(range(1, MOST_CALLS), WHEN)))
def test_a_schedule_that_dies_anywhere_is_made_up_for_by_the_next(at: int, when: When) -> None:
    world = opened()
    world.clock.advance(STALE_MS + 1)
    world.abandon(Dying(at, when))
    world.abandon()
    assert world.course.abandoned
    assert not world.is_watched()
    world.calm_down()
    assert world.is_listed_as_it_is()


@given(ORDERS)
def test_of_two_ends_at_once_exactly_one_is_taken(order: list[int]) -> None:
    world = opened()
    taken: dict[str, bool | None] = {}

    def mover(name: str, move: Generation) -> Callable[[Hook], None]:
        return lambda hook: taken.update({name: world.move(move, hook)})

    take_turns([mover("completed", COMPLETED), mover("failed", FAILED)], order)
    assert sorted(map(bool, taken.values())) == [False, True]
    assert taken[world.course.status]
    assert world.course.version == 1
    world.calm_down()
    assert world.is_listed_as_it_is()


@given(ORDERS)
def test_the_same_move_twice_at_once_is_one_move(order: list[int]) -> None:
    world = opened()
    take_turns([lambda hook: world.move(ASKED, hook)] * 2, order)
    assert (world.course.status, world.course.version) == ("requires_action", 1)
    world.calm_down()
    assert world.is_listed_as_it_is()


def moved(moves: Sequence[Generation]) -> tuple[RunWorld, list[str]]:
    """A run that has moved, and the messages of all that nobody has processed yet."""
    world = RunWorld()
    world.open()
    for move in moves:
        assert world.move(move)
    bodies = list(world.collect())
    world.waiting.clear()
    return world, bodies


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_messages_in_any_order_and_twice_come_to_the_same(order: Sequence[int]) -> None:
    world, bodies = moved([ASKED, FAILED])
    assert len(bodies) == 3
    for number in (*order, *reversed(order)):
        assert world.process(bodies[number])
    world.calm_down()
    assert world.is_listed_as_it_is()


@given(ORDERS, st.sampled_from([COMPLETED, FAILED]))
def test_an_older_worker_never_has_the_last_word(order: list[int], end: Generation) -> None:
    """One has read the run before its last move, and goes on at any time after it."""
    world, [opening, asked] = moved([ASKED])

    def newer(hook: Hook) -> None:
        assert world.move(end, hook)
        for body in world.collect():
            assert world.process(body, hook)
        world.waiting.clear()

    take_turns([lambda hook: world.process(opening, hook) and world.process(asked, hook), newer], order)
    world.calm_down()
    assert world.is_listed_as_it_is()


@pytest.mark.parametrize("calls", range(1, MOST_CALLS))
def test_a_worker_that_sleeps_anywhere_writes_nothing_old(calls: int) -> None:
    world, [opening, asked] = moved([ASKED])
    assert world.process(opening)

    def newer(hook: Hook) -> None:
        assert world.move(COMPLETED, hook)
        for body in world.collect():
            assert world.process(body, hook)
        world.waiting.clear()

    take_turns([lambda hook: world.process(asked, hook), newer], [0] * calls + [1] * 100)
    assert world.is_listed_as_it_is()


@given(ORDERS)
def test_a_heartbeat_that_comes_in_time_keeps_the_run(order: list[int]) -> None:
    world = opened()
    world.clock.advance(STALE_MS + 1)
    heard: list[bool | None] = []
    take_turns([lambda hook: heard.append(world.move(HEARTBEAT, hook)), world.abandon], order)
    assert heard == [True]
    course = world.course
    assert course.version == 1
    assert course.abandoned == (course.status == "failed")
    assert course.abandoned or course.last_activity_at > begun_at(world)
    world.calm_down()
    assert world.is_listed_as_it_is()


def begun_at(world: RunWorld) -> str:
    """When the run was opened."""
    return world.ground.ports.store.heads(world.tenant, [RUN])[RUN].created_at


@given(ORDERS, st.sampled_from([COMPLETED, FAILED]))
def test_a_real_end_lands_however_the_schedule_comes_between(order: list[int], end: Generation) -> None:
    world = opened()
    world.clock.advance(STALE_MS + 1)
    take_turns([lambda hook: world.move(end, hook), world.abandon], order)
    course = world.course
    assert (course.status, course.abandoned, course.overlay.error_code) == (end.status, False, None)
    assert course.recovered == (course.version == 2)
    world.calm_down()
    assert world.is_listed_as_it_is()


def test_an_abandoned_run_is_taken_back_by_its_end_in_whatever_order_the_flag_messages_come() -> None:
    world = opened()
    world.clock.advance(STALE_MS + 1)
    assert world.abandon() == 1
    assert world.course.overlay.error_code == ABANDONED
    world.work()
    assert world.move(COMPLETED)
    world.work()
    assert len(world.ground.take("webhook")) == 0
    assert not world.fails()
    assert world.is_listed_as_it_is()


def test_a_run_is_looked_after_again_when_it_was_heard_of() -> None:
    world = opened()
    for _ in range(3):
        world.clock.advance(STALE_MS - 1)
        assert world.move(HEARTBEAT)
        assert world.abandon() == 0
        assert world.is_watched()
    world.clock.advance(STALE_MS + 1)
    assert world.abandon() == 1
    assert not world.is_watched()


def test_edges_of_a_move_meet_a_root_that_is_there() -> None:
    world = opened()
    world.ground.ports.lineage.touch(world.tenant, ["q"])
    assert world.move(ASKED)
    world.work()
    [linked] = [decode(message.body) for message in world.ground.take(FLAG_QUEUE)]
    listed_at = world.ground.ports.store.heads(world.tenant, [RUN])[RUN].listed_at
    assert linked.model_dump()["edges"] == (tuple(vars_of(Edge("q", RUN, listed_at))),)


def vars_of(edge: Edge) -> list[str]:
    """The fields of an edge."""
    return [edge.parent, edge.child, edge.listed_at]
