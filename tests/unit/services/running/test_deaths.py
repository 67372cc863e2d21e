"""Whatever dies, wherever: no request without its attempt, none made twice in silence, no run in progress for ever."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import CatchmentError, Conflict, Unavailable
from chalicelib.domain.generation import ToolResult
from chalicelib.domain.run import DEFAULT_PATIENCE
from chalicelib.services.running.agents import LATER
from chalicelib.services.running.messages import decode
from chalicelib.services.running.standing import LAST_BREATH
from tests.fakes.providers import said
from tests.unit.services.running.world import RUN, AgentWorld, asked, calling
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Dying, Hook, Killed, When

WHEN: list[When] = ["before", "halfway", "after"]
MOST_CALLS = 30
EVERY_DEATH = list(product(range(1, MOST_CALLS), WHEN))
GONE_MS = int(LATER.seconds + LAST_BREATH.total_seconds()) * 1000
LATEST_MS = 10**13 - 1
STALE_MS = DEFAULT_PATIENCE.run * 1000
ORDERS = st.lists(st.integers(0, 1), max_size=40)


def dies(act: Callable[[], object]) -> bool:
    """Whether a process has died of it; being told that it cannot be done is no death."""
    try:
        act()
    except Killed:
        return True
    except CatchmentError:
        return False
    return False


def settled(world: AgentWorld) -> AgentWorld:
    """After all workers and schedules have had their time."""
    bodies: list[str] = []
    for _ in range(3):
        world.calm_down()
        bodies = [body for body in bodies + world.due() if not world.carry_on(body)]
        world.clock.advance(GONE_MS)
    world.calm_down()
    world.clock.advance(STALE_MS)
    world.abandon()
    world.calm_down()
    return world


def is_honest(world: AgentWorld, *, most: int = 1) -> bool:
    """Raises AssertionError where a request was not listed, was made too often, or the run goes on for ever."""
    if not world.is_there:
        assert world.calls == 0
        return True
    course = world.course
    assert world.calls <= len(course.attempts)
    assert world.calls <= most
    assert course.ended
    return True


@pytest.mark.parametrize(("at", "when"), EVERY_DEATH)
def test_a_request_that_dies_anywhere_asks_once_and_ends(at: int, when: When) -> None:
    world = AgentWorld(said("Hello."))
    dies(lambda: world.generate(hook=Dying(at, when)))
    assert is_honest(settled(world))


@pytest.mark.parametrize(("at", "when"), EVERY_DEATH)
def test_a_request_that_died_and_is_sent_again_asks_once(at: int, when: When) -> None:
    world = AgentWorld(said("Hello."))
    dies(lambda: world.generate(hook=Dying(at, when)))
    dies(world.generate)
    world.clock.advance(GONE_MS)
    dies(world.generate)
    assert world.calls <= 1
    assert (world.course.status == "completed") == (world.course.attempts[-1].status_code == 200)
    assert is_honest(settled(world))


@pytest.mark.parametrize(("at", "when"), EVERY_DEATH)
def test_a_promise_that_dies_anywhere_is_kept(at: int, when: When) -> None:
    world = AgentWorld(said("Hello."))
    died = dies(lambda: world.generate(asked(later=True), Dying(at, when)))
    settled(world)
    assert is_honest(world)
    assert not world.promises()
    assert died or world.course.status == "completed"
    assert not world.is_there or world.course.status == "completed"


@pytest.mark.parametrize(("at", "when"), EVERY_DEATH)
def test_a_worker_that_dies_anywhere_asks_once_and_the_run_ends(at: int, when: When) -> None:
    world = AgentWorld(said("Hello."))
    world.generate(asked(later=True))
    [body] = world.due()
    world.carry_on(body, Dying(at, when))
    world.carry_on(body)
    assert world.calls <= 1
    world.clock.advance(GONE_MS)
    assert world.carry_on(body)
    assert world.course.ended
    if world.course.status == "failed":
        assert world.course.overlay.error_code == "RUN_INTERRUPTED"
        assert world.course.attempts[-1].error
    assert is_honest(settled(world))


@pytest.mark.parametrize(("at", "when"), EVERY_DEATH)
def test_where_the_operator_wants_it_a_further_attempt_is_listed(at: int, when: When) -> None:
    world = AgentWorld(said("Hello."), retries=True)
    world.generate(asked(later=True))
    [body] = world.due()
    world.carry_on(body, Dying(at, when))
    world.clock.advance(GONE_MS)
    assert world.carry_on(body)
    assert world.course.status == "completed"
    assert is_honest(settled(world), most=2)


@pytest.mark.parametrize(("at", "when"), EVERY_DEATH)
def test_answers_that_die_anywhere_ask_once_more_at_most(at: int, when: When) -> None:
    world = AgentWorld(calling("c"), said("Done."))
    world.generate()
    dies(lambda: world.submit("c", hook=Dying(at, when)))
    dies(lambda: world.submit("c"))
    assert world.calls <= 2
    world.clock.advance(GONE_MS)
    dies(lambda: world.submit("c"))
    assert is_honest(settled(world), most=2)


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("processed", ["before the attempt", "after the attempt", "never"])
def test_a_run_whose_process_was_killed_is_interrupted_by_the_schedule(processed: str, *, later: bool) -> None:
    counter = Dying()
    AgentWorld().generate(hook=counter)
    interrupted = 0
    for at in range(1, counter.calls + 1):
        world = AgentWorld(said("Hello."))
        if processed == "before the attempt":
            world.generate(asked(later=True))
            world.calm_down()
        hook = None if later else Dying(at, "after")
        dies(lambda world=world, hook=hook: world.generate(asked(later=later), hook))  # type: ignore[misc]
        for body in world.due():
            world.carry_on(body, Dying(at, "after"))
        if not world.is_there or world.course.ended or not world.course.attempts:
            continue
        if processed == "after the attempt":
            world.calm_down()
        world.clock.advance(GONE_MS)
        assert world.abandon() == 1
        assert world.course.overlay.error_code == "RUN_INTERRUPTED"
        assert world.course.attempts[-1].ended_at
        interrupted += 1
    assert interrupted


def test_a_run_that_was_made_is_looked_after_no_longer_than_it_could_have_been_made() -> None:
    world = AgentWorld(said("Hello."))
    world.generate()
    world.calm_down()
    assert world.ground.ports.courses.due(LATEST_MS, 9)
    world.clock.advance(GONE_MS)
    assert world.abandon() == 0
    assert not world.ground.ports.courses.due(LATEST_MS, 9)


def test_a_run_whose_attempts_are_to_be_repeated_is_left_to_its_message() -> None:
    world = AgentWorld(said("Hello."), retries=True)
    world.generate(asked(later=True))
    world.calm_down()
    claimed = Dying(6, "after")
    for body in world.due():
        world.carry_on(body, claimed)
    world.clock.advance(GONE_MS)
    assert world.abandon() == 0


@given(ORDERS)
def test_two_deliveries_at_once_ask_once(order: list[int]) -> None:
    world = AgentWorld(said("Hello."))
    world.generate(asked(later=True))
    [body] = world.due()
    take_turns([lambda hook: world.carry_on(body, hook)] * 2, order)
    assert (world.calls, world.course.status, len(world.course.attempts)) == (1, "completed", 1)


@given(ORDERS, st.booleans())
def test_of_two_submissions_at_once_one_wins(order: list[int], same: bool) -> None:
    world = AgentWorld(calling("c"), said("Done."))
    world.generate()
    told: list[str] = []

    def client(text: str) -> Callable[[Hook], None]:
        def act(hook: Hook) -> None:
            result = ToolResult(tool_call_id="c", content=text)
            try:
                standing = world.running(hook).submit(world.tenant, "agent", "run", [result])
                told.append(standing.course.status)
            except CatchmentError as error:
                told.append(error.code)

        return act

    take_turns([client("a"), client("a" if same else "b")], order)
    assert world.calls == 2
    assert world.course.status == "completed"
    assert "completed" in told
    lost = {"CONFLICT", "GENERATION_ALREADY_IN_PROGRESS", "GENERATION_NOT_FOUND"}
    assert same or sorted(each in lost for each in told) == [False, True]


@given(ORDERS)
def test_two_of_the_same_request_at_once_ask_once(order: list[int]) -> None:
    world = AgentWorld(said("Hello."))
    busy: list[str] = []

    def client(hook: Hook) -> None:
        try:
            world.generate(hook=hook)
        except Conflict as error:
            busy.append(error.code)

    take_turns([client] * 2, order)
    assert world.calls == 1
    assert set(busy) <= {"GENERATION_ALREADY_IN_PROGRESS"}
    assert len(busy) <= 1
    assert world.course.status == "completed"


def test_a_message_for_a_run_that_has_ended_changes_nothing() -> None:
    world = AgentWorld(said("Hello."))
    world.generate(asked(later=True))
    [body] = world.due()
    assert world.carry_on(body)
    before = world.course
    assert world.carry_on(body)
    assert (world.course, world.calls) == (before, 1)


def test_a_message_comes_back_while_somebody_may_be_at_the_run() -> None:
    world = AgentWorld(said("Hello."))
    world.generate(asked(later=True))
    [body] = world.due()
    for at in range(1, MOST_CALLS):
        world.carry_on(body, Dying(at, "after"))
        if world.course.attempts:
            break
    assert not world.carry_on(body)
    assert (world.calls, world.course.status) == (0, "in_progress")


def test_a_run_that_nobody_could_carry_on_fails_unless_somebody_may_be_at_it() -> None:
    for at, code in ((1, "RUN_GIVEN_UP"), (MOST_CALLS, None)):
        world = AgentWorld(said("Hello."))
        world.generate(asked(later=True))
        [body] = world.due()
        for calls in range(1, at):
            if not world.course.attempts:
                world.carry_on(body, Dying(calls, "after"))
        world.running().give_up(decode(body), "processing failed 5 times")
        assert (world.course.overlay.error_code, world.course.ended) == (code, code is not None)
        world.clock.advance(GONE_MS)
        world.calm_down()
        world.abandon()
        assert is_honest(settled(world))


def test_storage_that_is_away_behind_the_answer_tells_which_run_it_was() -> None:
    world = AgentWorld(said("Hello."))

    def hook(method: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        if world.calls:
            raise Unavailable("storage is not available")
        return method(*args, **kwargs)

    with pytest.raises(Unavailable) as refused:
        world.generate(hook=hook)
    assert refused.value.meta == {"generation_id": RUN}
    assert is_honest(settled(world))
    assert world.course.overlay.error_code == "RUN_INTERRUPTED"
