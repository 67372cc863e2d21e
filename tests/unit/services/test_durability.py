"""Kill it at the worst place: whatever dies, wherever, what was acknowledged is stored, processed and counted once.

The use cases run over the fakes, in chunks of two, and die before, in the middle of, or after each of their calls.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.services import ingest
from chalicelib.services.resend import WRITER_GONE_MS
from tests.fakes.queue import FakeQueue
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Call, Dying, Hook, When
from tests.unit.services.world import World, generation, hash_of

WHEN: list[When] = ["before", "halfway", "after"]
MOST_CALLS = 60
Retry = Callable[[World], object]


@pytest.fixture(autouse=True, scope="module")
def _chunks_of_two() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest, "CHUNK_ITEMS", 2)
        yield


def batch(text: str = "text") -> list[Generation]:
    """Three chunks: two agents, one without a name, and an id that comes twice."""
    names: list[str | None] = ["one", "two", None, "one"]
    five = [generation(f"g{number}", text, names[number % 4]) for number in range(5)]
    return [*five, five[0]]


def strangers(text: str = "other") -> list[Generation]:
    """Some of the same ids with other contents, and one of its own."""
    return [generation("g1", text, "two"), generation("g4", text, "late"), generation("g9", text, "late")]


def nobody(world: World) -> None:
    """The client gives up."""


def same(world: World) -> object:
    return world.send(batch())


def other(world: World) -> object:
    return world.send(strangers())


def both(world: World) -> object:
    return other(world) is None or same(world)


def same_after_the_clearing(world: World) -> object:
    world.clock.advance(WRITER_GONE_MS)
    world.resend()
    world.work()
    return world.send(batch())


def other_while_the_final_message_waits(world: World) -> object:
    world.clock.advance(WRITER_GONE_MS)
    world.resend()
    return world.send(strangers())


class Down:
    """A hook behind which every call from number `at` on fails."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, method: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._left -= 1
        if self._left <= 0:
            raise Unavailable("storage is not available")
        return method(*args, **kwargs)


class Stalled:
    """A hook that, once, before call number `at`, stands still while `meanwhile` happens."""

    def __init__(self, at: int, meanwhile: Callable[[], object]) -> None:
        self._left = at
        self._meanwhile = meanwhile

    def __call__(self, method: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._left -= 1
        if self._left == 0:
            self._meanwhile()
        return method(*args, **kwargs)


RETRIES: list[Retry] = [nobody, same, other, both, same_after_the_clearing, other_while_the_final_message_waits]


def calls(run: Callable[[Hook], object]) -> int:
    """How many calls a run makes that nobody kills."""
    counter = Dying()
    run(counter)
    assert 0 < counter.calls < MOST_CALLS
    return counter.calls


@pytest.mark.parametrize("retry", RETRIES)
@pytest.mark.parametrize("when", WHEN)
def test_a_request_may_die_at_any_call(when: When, retry: Retry) -> None:
    for at in range(1, calls(lambda hook: World().send(batch(), hook)) + 1):
        world = World()
        assert world.send(batch(), Dying(at, when)) is None
        retry(world)
        world.calm_down()
        assert world.keeps_its_promises(), at


@pytest.mark.parametrize("retry", RETRIES)
@pytest.mark.parametrize("when", WHEN)
def test_a_conflicting_request_may_die_at_any_call(when: When, retry: Retry) -> None:
    def prepared() -> World:
        world = World()
        world.send(batch())
        return world

    for at in range(1, calls(lambda hook: prepared().send(strangers(), hook)) + 1):
        world = prepared()
        world.send(strangers(), Dying(at, when))
        retry(world)
        world.calm_down()
        assert world.keeps_its_promises(), at


@pytest.mark.parametrize("when", WHEN)
def test_a_worker_may_die_at_any_call(when: When) -> None:
    def prepared() -> World:
        world = World()
        world.send(batch(), Dying(12, "before"))
        world.send(strangers())
        world.clock.advance(WRITER_GONE_MS)
        world.resend()
        return world

    for at in range(1, calls(lambda hook: prepared().work(hook)) + 1):
        world = prepared()
        world.work(Dying(at, when))
        world.calm_down()
        assert world.keeps_its_promises(), at


@pytest.mark.parametrize("when", WHEN)
def test_the_schedule_may_die_at_any_call(when: When) -> None:
    def prepared() -> World:
        world = World()
        world.send(batch(), Dying(8, "before"))
        world.clock.advance(step)
        return world

    for step in (61_000, WRITER_GONE_MS):
        for at in range(1, calls(lambda hook: prepared().resend(hook)) + 1):
            world = prepared()
            world.resend(Dying(at, when))
            world.calm_down()
            assert world.keeps_its_promises(), (step, at)


@pytest.mark.parametrize("text", ["text", "other"], ids=["same contents", "other contents"])
def test_a_request_may_stand_still_before_any_call_while_others_go_on(text: str) -> None:
    """For a minute: its message is sent and processed before it has stored everything."""
    for at in range(1, calls(lambda hook: World().send(batch(), hook)) + 1):
        world = World()

        def meanwhile(world: World = world) -> None:
            world.clock.advance(61_000)
            world.resend()
            world.work()
            world.send(batch(text)[2:])

        assert world.send(batch(), Stalled(at, meanwhile)) is not None
        world.calm_down()
        assert world.keeps_its_promises(), at


def test_messages_may_come_twice_and_in_any_order() -> None:
    world = World()
    world.send(batch())
    bodies = list(world.collect())
    world.waiting = [*reversed(bodies), *bodies, *bodies]
    world.calm_down()
    assert world.keeps_its_promises()


def test_a_message_may_come_again_long_after_everything_was_done() -> None:
    world = World()
    world.send(batch(), Dying(6, "after"))
    world.clock.advance(WRITER_GONE_MS)
    world.resend()
    bodies = list(world.collect())
    world.send(batch())
    world.calm_down()
    world.waiting += bodies
    world.calm_down()
    assert world.keeps_its_promises()


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=40), st.integers(0, 12))
def test_two_workers_may_handle_one_message_at_once(order: list[int], dies: int) -> None:
    """Also while the request that the message speaks of is still at work, and dies."""
    world = World()
    world.send(batch(), Dying(dies, "halfway"))
    world.clock.advance(61_000)
    world.resend()
    bodies = list(world.collect())
    world.waiting = []
    take_turns([lambda hook: [world.process(body, hook) for body in bodies]] * 2, order)
    world.calm_down()
    assert world.keeps_its_promises()


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.booleans(), st.booleans())
def test_clients_that_send_overlapping_batches_at_once_are_told_the_truth(
    order: list[int], agree: bool, with_worker: bool
) -> None:
    """What a client was told of an id is what stands for ever, in whichever order the calls of both come."""
    world = World()
    batches = [batch(), batch("text" if agree else "other")[::-1]]
    told: dict[int, list[str]] = {}

    def client(number: int) -> Callable[[Hook], object]:
        def act(hook: Hook) -> None:
            outcomes = world.send(batches[number], hook)
            assert outcomes is not None
            told[number] = [outcome.error for outcome in outcomes]

        return act

    def worker(hook: Hook) -> None:
        for _ in range(3 if with_worker else 0):
            world.work(hook)

    take_turns([client(0), client(1), worker], order)
    for number, errors in told.items():
        hashes = {each.id: each for each in batches[number]}
        standing = world.heads()
        for each, error in zip(batches[number], errors, strict=True):
            mine = standing[each.id].content_hash == hash_of(hashes[each.id])
            assert error == ("" if mine else ingest.ALREADY_EXISTS)
    world.calm_down()
    assert world.keeps_its_promises()


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from(WHEN), st.sampled_from([batch, strangers])), max_size=4),
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from(WHEN)), max_size=4),
    st.sampled_from([1_000, 61_000, WRITER_GONE_MS]),
)
def test_anything_may_die_again_and_again(
    requests: list[tuple[int, When, Callable[[], list[Generation]]]], workers: list[tuple[int, When]], step_ms: int
) -> None:
    world = World()
    for at, when, made in requests:
        world.send(made(), Dying(at, when))
        world.clock.advance(step_ms)
        world.resend()
    for at, when in workers:
        world.work(Dying(at, when))
    world.calm_down()
    assert world.keeps_its_promises()


def test_a_queue_that_is_down_is_unavailable_and_a_retry_finds_each_generation_once() -> None:
    world = World()
    queue = world.ground.ports.queue
    assert isinstance(queue, FakeQueue)
    queue.down = True
    assert world.send(batch()) is None
    for _ in range(3):
        world.clock.advance(61_000)
        world.resend()
    queue.down = False
    assert [outcome.error for outcome in world.send(batch()) or []] == [""] * 6
    world.calm_down()
    assert world.keeps_its_promises()


@pytest.mark.parametrize(("at", "retried"), list(product(range(1, 15), [False, True])))
def test_storage_that_is_down_from_any_call_on_is_unavailable(at: int, retried: bool) -> None:
    world = World()
    answer = world.send(batch(), Down(at))
    if retried:
        assert world.send(batch()) is not None
    world.calm_down()
    assert world.keeps_its_promises()
    if answer is not None:
        assert [outcome.error for outcome in answer] == [""] * 6
