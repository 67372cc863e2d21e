"""A purge and the moves of a run at the same time: nothing that a move has said outlives it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.generation import Message, Part
from chalicelib.domain.run import blank
from chalicelib.services.purge_messages import PURGE_QUEUE
from chalicelib.services.purge_messages import decode as decode_purge
from tests.unit.services.purge_world import purging_of
from tests.unit.services.run_world import RUN, RunWorld
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Hook

SECRET = "nobody must know"
ORDERS = st.lists(st.integers(0, 2), max_size=30)
SAID = (Message(role="assistant", parts=(Part(text=SECRET),)),)


def purge(world: RunWorld, hook: Hook | None = None) -> None:
    """The request, then its worker."""
    ports = world.ports(hook)
    purging_of(ports).generation(world.tenant, RUN)
    for message in world.ground.take(PURGE_QUEUE):
        purging_of(ports)(decode_purge(message.body))


def settle(world: RunWorld) -> None:
    """All that is promised comes, and comes again."""
    for _ in range(4):
        world.clock.advance(600_000)
        world.resend()
        for message in world.ground.take(PURGE_QUEUE):
            purging_of(world.ground.ports)(decode_purge(message.body))
        world.work()


@given(ORDERS)
def test_no_move_outlives_a_purge_at_the_same_time(order: Sequence[int]) -> None:
    world = RunWorld()
    world.open()
    asked = blank(RUN, status="requires_action", output=SAID, metadata={"m": SECRET})
    ended = blank(RUN, status="failed", call_error=SECRET, error_code="E", input=SAID)

    def mover(hook: Hook) -> None:
        assert world.move(asked, hook)
        assert world.move(ended, hook)

    def worker(hook: Hook) -> None:
        for body in list(world.collect()):
            world.process(body, hook)

    take_turns([mover, lambda hook: purge(world, hook), worker], list(order))
    settle(world)
    assert SECRET not in world.ground.everything(world.tenant)
    assert (world.course.status, world.course.overlay.error_code) == ("failed", "E")
    world.calm_down()
    assert world.is_listed_as_it_is()


@pytest.mark.parametrize("calls", range(1, 16))
def test_a_move_that_sleeps_anywhere_is_not_made_after_a_purge(calls: int) -> None:
    world = RunWorld()
    world.open()
    asked = blank(RUN, status="requires_action", output=SAID)
    take_turns([lambda hook: world.move(asked, hook), lambda hook: purge(world, hook)], [0] * calls + [1] * 100)
    settle(world)
    assert SECRET not in world.ground.everything(world.tenant)
    assert world.course.status == "requires_action"


def test_a_purge_leaves_how_the_run_went() -> None:
    world = RunWorld()
    world.open()
    assert world.move(blank(RUN, status="completed", output=SAID, tags={"kept": "1"}))
    purge(world)
    purge(world)
    assert world.course.version == 2
    settle(world)
    assert world.course.overlay.tags == {"kept": "1"}
    assert SECRET not in world.ground.everything(world.tenant)
    assert world.is_listed_as_it_is()
