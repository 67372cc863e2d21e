"""Runs, killed at each call of AWS, or left without its answer: a move is made whole or not at all, and all follows."""

import random
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from chalicelib.domain.generation import Generation, Message, Part
from chalicelib.domain.run import blank
from chalicelib.services.resend import WRITER_GONE_MS
from tests.contract.aws_ground import AwsGround
from tests.unit.services.reaped import Reaped, reaped_ground
from tests.unit.services.reaper import Reaper
from tests.unit.services.run_world import RUN, RunWorld
from tests.unit.services.test_runs import STALE_MS

SMALL_INLINE_BYTES = 1_000
MOST_CALLS = 60
SPOKEN = (Message(role="assistant", parts=(Part(text=random.Random(7).randbytes(2_000).hex()),)),)
ASKED = blank(RUN, status="requires_action", output=SPOKEN, depends_on=("q",))
ENDS = [
    blank(RUN, status="completed", output=SPOKEN, depends_on=("r",)),
    blank(RUN, status="failed", call_error="broken"),
]

pytestmark = [pytest.mark.moto, pytest.mark.exhaustive]


class AwsRunWorld(Reaped, RunWorld):
    """One run over moto."""

    def __init__(self, ground: AwsGround, reaper: Reaper, tenant: str) -> None:
        ground.empty_table()
        super().__init__(ground, tenant)
        self.reaper = reaper

    def leaves_no_object_behind(self) -> bool:
        """Every object of the run is named by a row."""
        assert isinstance(self.ground, AwsGround)
        return self.ground.objects(self.tenant) == self.ground.named_objects(self.tenant)


@pytest.fixture(scope="module")
def new_world() -> Iterator[Callable[[], AwsRunWorld]]:
    """Makes worlds with a run that is under way and processed; what moves say is long enough to be an object."""
    numbers = count(1)
    with reaped_ground(SMALL_INLINE_BYTES) as (ground, reaper):

        def made() -> AwsRunWorld:
            world = AwsRunWorld(ground, reaper, f"tenant-{next(numbers)}")
            assert world.open()
            world.work()
            return world

        yield made


def each_call(world: AwsRunWorld, act: Callable[[AwsRunWorld], object]) -> range:
    """The numbers of all the calls of an act that nobody kills."""
    calls = world.dies(0, lambda: act(world))
    assert 0 < calls < MOST_CALLS
    return range(1, calls + 1)


def asked(world: AwsRunWorld) -> AwsRunWorld:
    assert world.move(ASKED)
    world.work()
    return world


@pytest.mark.parametrize("end", ENDS, ids=lambda end: str(end.status))
def test_a_move_may_die_at_any_call(new_world: Callable[[], AwsRunWorld], end: Generation) -> None:
    for at in each_call(asked(new_world()), lambda world: world.move(end)):
        world = asked(new_world())
        world.dies(at, lambda world=world: world.move(end))  # type: ignore[misc]
        assert world.course.version in {1, 2}
        world.calm_down(WRITER_GONE_MS)
        assert world.is_listed_as_it_is(), at
        assert world.move(end)
        assert world.course.version == 2
        world.calm_down(WRITER_GONE_MS)
        assert world.is_listed_as_it_is(), at


@pytest.mark.parametrize("end", ENDS, ids=lambda end: str(end.status))
def test_a_move_may_lose_any_answer(new_world: Callable[[], AwsRunWorld], end: Generation) -> None:
    for at in each_call(asked(new_world()), lambda world: world.move(end)):
        world = asked(new_world())
        world.loses(at, lambda world=world: world.move(end))  # type: ignore[misc]
        assert world.course.version == 2, at
        assert world.leaves_no_object_behind(), at
        world.calm_down(WRITER_GONE_MS)
        assert world.is_listed_as_it_is(), at


def test_a_move_may_lose_any_answer_to_another_that_promises_nothing(new_world: Callable[[], AwsRunWorld]) -> None:
    again = blank(RUN, status="in_progress", tags={"a": "b"}, output=SPOKEN)
    for at in each_call(asked(new_world()), lambda world: world.move(again)):
        world = asked(new_world())
        world.loses(at, lambda world=world: world.move(again), lambda world=world: world.move(blank(RUN)))  # type: ignore[misc]
        assert world.course.status == "in_progress", at
        assert world.leaves_no_object_behind(), at
        world.calm_down(WRITER_GONE_MS)
        assert world.is_listed_as_it_is(), at


def test_a_worker_may_die_at_any_call(new_world: Callable[[], AwsRunWorld]) -> None:
    def prepared(world: AwsRunWorld) -> AwsRunWorld:
        asked(world).move(ENDS[1])
        world.collect()
        return world

    for at in each_call(prepared(new_world()), lambda world: world.work_off()):
        world = prepared(new_world())
        world.dies(at, world.work_off)
        world.calm_down(WRITER_GONE_MS)
        assert world.is_listed_as_it_is(), at


def test_opening_and_processing_may_lose_any_answer(new_world: Callable[[], AwsRunWorld]) -> None:
    def moved(world: AwsRunWorld) -> None:
        asked(world).move(ENDS[1])
        world.work()

    world = new_world()
    world.loses(0, lambda: moved(world))
    assert world.course.status == "failed"
    world.calm_down(WRITER_GONE_MS)
    assert world.is_listed_as_it_is()
    assert world.leaves_no_object_behind()


def test_the_schedule_may_die_at_any_call(new_world: Callable[[], AwsRunWorld]) -> None:
    def silent(world: AwsRunWorld) -> AwsRunWorld:
        world.clock.advance(STALE_MS + 1)
        return world

    for at in each_call(silent(new_world()), lambda world: world.abandon()):
        world = silent(new_world())
        world.dies(at, world.abandon)
        world.abandon()
        assert world.course.abandoned, at
        assert not world.is_watched(), at
        world.calm_down(WRITER_GONE_MS)
        assert world.is_listed_as_it_is(), at


def test_the_schedule_may_lose_any_answer(new_world: Callable[[], AwsRunWorld]) -> None:
    world = new_world()
    world.clock.advance(STALE_MS + 1)
    world.loses(0, world.abandon)
    assert world.course.abandoned
    assert not world.is_watched()
    world.calm_down(WRITER_GONE_MS)
    assert world.is_listed_as_it_is()


def test_moves_one_after_the_other_leave_one_object(new_world: Callable[[], AwsRunWorld]) -> None:
    world = asked(new_world())
    world.move(ENDS[0])
    assert len(world.ground.objects(world.tenant)) == 1
    assert world.leaves_no_object_behind()
