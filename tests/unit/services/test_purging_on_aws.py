"""Purging, killed at each call of AWS: nothing of the content is left in any row or object."""

import random
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from chalicelib.domain.generation import Generation
from chalicelib.services.resend import WRITER_GONE_MS
from tests.contract.aws_ground import AwsGround
from tests.unit.services.purge_world import PurgeWorld, score_of, telling
from tests.unit.services.reaped import Reaped, reaped_ground
from tests.unit.services.reaper import Reaper

SMALL_INLINE_BYTES = 1_500
MOST_CALLS = 80
NOISE = random.Random(7).randbytes(2_000).hex()

pytestmark = [pytest.mark.moto, pytest.mark.exhaustive]


class AwsPurgeWorld(Reaped, PurgeWorld):
    """A world over moto whose processes the reaper may visit."""

    def __init__(self, ground: AwsGround, reaper: Reaper, tenant: str) -> None:
        ground.empty_table()
        super().__init__(ground, tenant)
        self.reaper = reaper

    def calm_down(self, step_ms: int = WRITER_GONE_MS) -> None:
        super().calm_down(step_ms)


@pytest.fixture(scope="module")
def new_world() -> Iterator[Callable[[], AwsPurgeWorld]]:
    """Makes worlds with a small generation, one that is an object, and scores, all processed."""
    numbers = count(1)
    with reaped_ground(SMALL_INLINE_BYTES) as (ground, reaper):

        def made() -> AwsPurgeWorld:
            world = AwsPurgeWorld(ground, reaper, f"tenant-{next(numbers)}")
            world.send(batch())
            world.score([score_of("large"), score_of("small")])
            world.work_all()
            return world

        yield made


def batch() -> list[Generation]:
    """One that fits into its row and one that does not."""
    return [telling("small"), telling("large", noise=NOISE)]


def each_call(world: AwsPurgeWorld, act: Callable[[AwsPurgeWorld], object]) -> range:
    """The numbers of all the calls of an act that nobody kills."""
    calls = world.dies(0, lambda: act(world))
    assert 0 < calls < MOST_CALLS
    return range(1, calls + 1)


def asked(world: AwsPurgeWorld) -> AwsPurgeWorld:
    assert world.ground.objects(world.tenant)
    assert world.ground.ports.store.link(world.tenant, world.heads()["small"])
    assert world.purge("small")
    assert world.purge("large")
    return world


def test_a_purge_may_die_at_any_call(new_world: Callable[[], AwsPurgeWorld]) -> None:
    for at in each_call(new_world(), lambda world: world.purge("large")):
        world = new_world()
        world.dies(at, lambda world=world: world.purge("large"))  # type: ignore[misc]
        assert world.purge("large")
        world.calm_down()
        assert world.is_at_rest("large"), at


def test_the_worker_may_die_at_any_call(new_world: Callable[[], AwsPurgeWorld]) -> None:
    for at in each_call(asked(new_world()), lambda world: world.work_purges()):
        world = asked(new_world())
        world.dies(at, world.work_purges)
        world.calm_down()
        assert world.is_at_rest("small", "large"), at


def test_a_purge_and_its_worker_may_lose_every_answer(new_world: Callable[[], AwsPurgeWorld]) -> None:
    world = new_world()
    world.loses(0, lambda: asked(world).work_purges())
    world.calm_down()
    assert world.is_at_rest("small", "large")


def test_a_late_retry_may_die_at_any_call(new_world: Callable[[], AwsPurgeWorld]) -> None:
    for at in [0, *each_call(asked(new_world()), lambda world: world.send(batch()))]:
        world = asked(new_world())
        world.work_purges()
        world.dies(at, lambda world=world: world.send(batch()))  # type: ignore[misc]
        world.calm_down()
        assert world.is_at_rest("small", "large"), at


def test_a_person_and_what_still_arrives(new_world: Callable[[], AwsPurgeWorld]) -> None:
    world = new_world()
    world.send([telling("of-nobody", person=None, noise=NOISE)])
    world.work_all()
    assert world.forget("ada")
    world.calm_down()
    world.send([telling("late", noise=NOISE)])
    world.calm_down()
    assert world.is_at_rest("small", "large", "late")
