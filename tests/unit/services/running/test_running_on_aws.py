"""Agents that run over AWS, any of whose answers is lost: each request is made once, and its outcome is kept."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib.services.resend import WRITER_GONE_MS
from tests.contract.aws_ground import AwsGround
from tests.fakes.providers import said
from tests.unit.services.reaped import reaped_ground
from tests.unit.services.reaper import Reaper
from tests.unit.services.running.world import AgentWorld, asked, calling

SMALL_INLINE_BYTES = 100
MOST_CALLS = 120

pytestmark = [pytest.mark.moto, pytest.mark.exhaustive]


@pytest.fixture(scope="module")
def ground() -> Iterator[tuple[AwsGround, Reaper]]:
    """A ground in which nearly all that moves say is an object."""
    with reaped_ground(SMALL_INLINE_BYTES) as made:
        yield made


def calls_tools(world: AgentWorld) -> None:
    world.generate()
    world.submit("c")


def later(world: AgentWorld) -> None:
    world.generate(asked(later=True))
    for body in world.due():
        assert world.carry_on(body)
    world.submit("c", later=True)
    for body in world.due():
        assert world.carry_on(body)


@pytest.mark.parametrize(("act", "each"), [(calls_tools, True), (later, False)], ids=["at once", "later"])
def test_any_answer_may_be_lost(
    ground: tuple[AwsGround, Reaper], act: Callable[[AgentWorld], None], *, each: bool
) -> None:
    engine, reaper = ground
    ports = engine.ports

    def fresh() -> AgentWorld:
        engine.empty_table()
        engine.ports = ports
        return AgentWorld(calling("c"), said("Done."), ground=engine)

    world = fresh()
    reaper.arm(0)
    act(world)
    assert 0 < reaper.calls < MOST_CALLS
    for at in range(reaper.calls + 1 if each else 1):  # all at 0
        world = fresh()
        with reaper.answers.losing(at):
            act(world)
        course = world.course
        assert (world.calls, course.status) == (2, "completed"), at
        assert [attempt.status_code for attempt in course.attempts] == [200, 200], at
        world.calm_down(WRITER_GONE_MS)
        assert engine.named_objects(world.tenant) <= engine.objects(world.tenant), at
