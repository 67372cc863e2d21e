"""Kill it at each call of AWS: the same promises, down to the rows and objects that the adapters leave behind."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from chalicelib.domain.generation import Generation
from chalicelib.services.resend import WRITER_GONE_MS
from tests.contract.aws_ground import AwsGround, clients_of, provisioned
from tests.unit.services.reaped import Reaped, reaped_ground
from tests.unit.services.reaper import Reaper
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Hook
from tests.unit.services.world import World, generation

SMALL_INLINE_BYTES = 200
MOST_CALLS = 60
LARGE = random.Random(7).randbytes(600).hex()

pytestmark = [pytest.mark.moto, pytest.mark.exhaustive]


class AwsWorld(Reaped, World):
    """A world whose processes the reaper may visit."""

    def __init__(self, ground: AwsGround, reaper: Reaper, tenant: str, others: AwsGround) -> None:
        ground.empty_table()
        super().__init__(ground, tenant)
        self.reaper = reaper
        self.others = World(others, tenant)

    def stalls(self, at: int, act: Callable[[], object], meanwhile: Callable[[World], object]) -> None:
        """Let a process stand still before a call, while another process, with clients of its own, goes on."""
        self.reaper.arm(at, lambda: meanwhile(self.others))
        act()
        self.reaper.arm(0)
        self.sent += self.others.sent
        self.acknowledged |= self.others.acknowledged
        self.waiting += self.others.waiting


@pytest.fixture(scope="module")
def new_world() -> Iterator[Callable[[], AwsWorld]]:
    """Makes worlds over moto, in which contents of 200 compressed bytes are large enough to become objects."""
    numbers = count(1)
    with reaped_ground(SMALL_INLINE_BYTES) as (ground, reaper):
        others = AwsGround("moto", clients_of(None), provisioned(None), inline_bytes=SMALL_INLINE_BYTES)
        others.ports = replace(others.ports, clock=ground.ports.clock, new_key=ground.ports.new_key)
        yield lambda: AwsWorld(ground, reaper, f"tenant-{next(numbers)}", others)


def batch(text: str = "text") -> list[Generation]:
    """One small and two large generations."""
    return [generation("small", text), generation("large", text + LARGE), generation("huge", text + LARGE * 2)]


def nobody(world: World) -> None:
    """The client gives up."""


def same(world: World) -> object:
    return world.send(batch())


def other(world: World) -> object:
    return world.send(batch("other"))


def same_after_the_clearing(world: World) -> object:
    world.clock.advance(WRITER_GONE_MS)
    world.resend()
    world.work()
    return world.send(batch())


def each_call(new_world: Callable[[], AwsWorld], prepare: Callable[[AwsWorld], Callable[[], object]]) -> Iterator[int]:
    """The numbers of all the calls that an act makes when nobody kills it."""
    world = new_world()
    calls = world.dies(0, prepare(world))
    assert 0 < calls < MOST_CALLS
    yield from range(1, calls + 1)


@pytest.mark.parametrize("retry", [nobody, same, other, same_after_the_clearing])
def test_a_request_may_die_at_any_call(new_world: Callable[[], AwsWorld], retry: Callable[[World], object]) -> None:
    for at in each_call(new_world, lambda world: lambda: world.send(batch())):
        world = new_world()
        world.dies(at, lambda world=world: world.send(batch()))  # type: ignore[misc]
        retry(world)
        world.calm_down()
        assert world.keeps_its_promises(), at


def test_requests_and_workers_may_lose_any_answer(new_world: Callable[[], AwsWorld]) -> None:
    def all_of_it(world: AwsWorld) -> None:
        for text in ("text", "other"):
            world.send(batch(text))
        world.work()

    for at in [0, *each_call(new_world, lambda world: lambda: all_of_it(world))]:
        world = new_world()
        world.loses(at, lambda world=world: all_of_it(world))  # type: ignore[misc]
        world.calm_down()
        assert world.keeps_its_promises(), at


@pytest.mark.parametrize("text", ["text", "other"], ids=["same contents", "other contents"])
def test_a_late_request_may_die_at_any_call(new_world: Callable[[], AwsWorld], text: str) -> None:
    """It comes while another one's heads stand."""

    def prepared(world: AwsWorld) -> Callable[[], object]:
        world.send(batch())
        return lambda: world.send(batch(text))

    for at in each_call(new_world, prepared):
        world = new_world()
        world.dies(at, prepared(world))
        world.calm_down()
        assert world.keeps_its_promises(), at


def test_a_worker_may_die_at_any_call(new_world: Callable[[], AwsWorld]) -> None:
    """Its first message is final and has remains to clear away: one generation lost, one never committed."""

    def prepared(world: AwsWorld) -> Callable[[], object]:
        abandoned = [generation("large", "other" + LARGE), generation("gone", LARGE)]
        world.dies(6, lambda: world.send(abandoned))
        world.send(batch())
        world.clock.advance(WRITER_GONE_MS)
        world.resend()
        world.collect()
        return world.work_off

    for at in each_call(new_world, prepared):
        world = new_world()
        world.dies(at, prepared(world))
        world.calm_down()
        assert world.keeps_its_promises(), at


def test_the_schedule_may_die_at_any_call(new_world: Callable[[], AwsWorld]) -> None:
    def prepared(world: AwsWorld) -> Callable[[], object]:
        world.dies(9, lambda: world.send(batch()))
        world.clock.advance(WRITER_GONE_MS)
        return world.resend

    for at in list(each_call(new_world, prepared))[-6:]:
        world = new_world()
        world.dies(at, prepared(world))
        world.calm_down()
        assert world.keeps_its_promises(), at


def a_minute_later(others: World) -> None:
    """The message of a request that stands still is sent and processed; its contents come by another way, too."""
    others.send(batch()[1:2])
    others.clock.advance(61_000)
    others.resend()
    others.work()
    others.send(batch()[2:])
    others.work()


def test_a_request_may_stand_still_before_any_call(new_world: Callable[[], AwsWorld]) -> None:
    for at in each_call(new_world, lambda world: lambda: world.send(batch())):
        world = new_world()
        world.stalls(at, lambda world=world: world.send(batch()), a_minute_later)  # type: ignore[misc]
        world.calm_down()
        assert world.keeps_its_promises(), at


def test_a_worker_may_stand_still_before_any_call_while_the_client_tries_again(
    new_world: Callable[[], AwsWorld],
) -> None:
    """It clears away what a dead request has left uncommitted, while that is sent, and committed, once more."""

    def prepared(world: AwsWorld) -> Callable[[], object]:
        world.dies(7, lambda: world.send(batch()))
        world.clock.advance(WRITER_GONE_MS)
        world.resend()
        world.collect()
        return world.work_off

    for at in each_call(new_world, prepared):
        world = new_world()
        world.stalls(at, prepared(world), same)
        world.calm_down()
        assert world.keeps_its_promises(), at


@pytest.mark.parametrize("clients", [2, 3])
@pytest.mark.parametrize("order", [[0, 1, 2], [0, 0, 1, 2, 2, 1], [2, 1, 1, 0], [0, 1, 1, 0, 2]])
def test_clients_that_send_the_same_large_contents_at_once_leave_one_object_each(
    new_world: Callable[[], AwsWorld], clients: int, order: list[int]
) -> None:
    world = new_world()
    acts: list[Callable[[Hook], object]] = [lambda hook: world.send(batch(), hook)] * clients
    take_turns(acts, order)
    world.calm_down()
    assert world.keeps_its_promises()


def test_the_large_contents_of_these_tests_are_objects(new_world: Callable[[], AwsWorld]) -> None:
    world = new_world()
    world.send(batch())
    assert len(world.ground.objects(world.tenant)) == 2
