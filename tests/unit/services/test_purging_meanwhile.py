"""Purging while others go on: workers, retries and scores that are under way, or come late, bring nothing back."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.services.messages import GenerationsStored
from chalicelib.services.process import Process
from chalicelib.services.purge_messages import PURGE_QUEUE, ContentPurged
from tests.contract.grounds import promised
from tests.unit.services.purge_world import (
    HALF_AN_HOUR_MS,
    WHEN,
    Before,
    PurgeWorld,
    asked_to_purge,
    batch,
    calls,
    score_of,
    secret,
    sent,
    telling,
)
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Call, Dying, Hook, When
from tests.unit.services.world import EVERYTHING, processing_ports, quiet, reading_of


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("swept", [False, True])
def test_a_late_retry_may_die_at_any_call_and_restores_nothing(when: When, swept: bool) -> None:
    def prepared() -> PurgeWorld:
        world = asked_to_purge()
        if swept:
            world.calm_down()
        return world

    for at in [0, *calls(prepared, lambda world, hook: world.send(batch(), hook))]:
        world = prepared()
        told = world.send(batch(), Dying(at, when))
        assert told is None or [outcome.error for outcome in told] == ["", "", ""]
        world.calm_down()
        assert world.is_at_rest("a"), at


def test_a_retry_with_other_content_is_refused_and_leaves_nothing() -> None:
    world = asked_to_purge()
    world.calm_down()
    other = telling("a").model_copy(update={"prompt": f"other {secret('a')}"})
    [outcome] = world.send([other]) or []
    assert outcome.error == "generation already exists"
    world.sent.remove(other)
    world.calm_down()
    assert world.is_at_rest("a")


def test_a_worker_in_flight_may_write_what_it_has_read_and_it_goes_again() -> None:
    """It stands still before any call while the purge, and its first clean-up, run from end to end."""
    for at in calls(sent, lambda world, hook: world.work(hook)):
        world = sent()
        world.work(Before(at, lambda world=world: (world.purge("a"), world.work_purges())))  # type: ignore[misc]
        shown = reading_of(world.ground.ports).one(world.tenant, "a")
        assert secret("a") not in str(shown), at
        world.calm_down()
        assert world.is_at_rest("a"), at


@pytest.mark.parametrize("final", [True, False])
def test_a_worker_in_flight_may_meet_a_purge_that_no_message_follows(final: bool) -> None:
    """As of people's lists, or out of the dead-letter queue; the worker that marks promises the clean-up itself."""
    for at in calls(sent, lambda world, hook: world.work(hook)):
        world = sent()
        told = ContentPurged(tenant=world.tenant, correlation_id="c", generation_ids=("a",), final=final)

        def meanwhile(world: PurgeWorld = world, told: ContentPurged = told) -> None:
            world.ground.ports.queue.send(PURGE_QUEUE, [told.encode()])
            world.work_purges()

        world.work(Before(at, meanwhile))
        world.calm_down()
        assert world.is_at_rest("a"), at


def test_a_purge_that_was_done_long_ago_promises_nothing_more() -> None:
    world = asked_to_purge()
    world.calm_down()
    world.clock.advance(HALF_AN_HOUR_MS)
    told = ContentPurged(tenant=world.tenant, correlation_id="c", generation_ids=("a",), final=True)
    world.ground.ports.queue.send(PURGE_QUEUE, [told.encode()])
    assert world.work_purges() == 1
    assert promised(world.ground) == []


def test_a_request_in_flight_may_stand_still_while_its_generation_is_purged() -> None:
    def prepared() -> PurgeWorld:
        world = PurgeWorld()
        world.send([telling("a")])
        world.work_all()
        return world

    for at in calls(prepared, lambda world, hook: world.send(batch(), hook)):
        world = prepared()
        world.send(batch(), Before(at, lambda world=world: (world.purge("a"), world.work_purges())))  # type: ignore[misc]
        world.calm_down()
        assert world.is_at_rest("a"), at


def test_a_score_in_flight_may_be_filed_with_the_words_it_was_read_with_and_they_go() -> None:
    def prepared() -> PurgeWorld:
        world = sent()
        world.work_all()
        world.score([score_of("a"), score_of("b")])
        return world

    for at in calls(prepared, lambda world, hook: world.work_flags(hook)):
        world = prepared()
        world.work_flags(Before(at, lambda world=world: (world.purge("a"), world.work_purges())))  # type: ignore[misc]
        world.calm_down()
        assert world.is_at_rest("a"), at


@pytest.mark.parametrize("when", WHEN)
def test_a_score_that_comes_after_the_purge_is_filed_without_words(when: When) -> None:
    """However long its message took: no clean-up is left to come."""

    def prepared() -> PurgeWorld:
        world = asked_to_purge()
        world.calm_down()
        world.score([score_of("a", 7)])
        return world

    for at in [0, *calls(prepared, lambda world, hook: world.work_flags(hook))]:
        world = prepared()
        world.work_flags(Dying(at, when))
        world.calm_down()
        assert world.is_at_rest("a"), at
        assert len(world.ground.ports.scores.of_generation(world.tenant, "a", None, EVERYTHING).rows) == 3


@settings(deadline=None, max_examples=120)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_everything_may_happen_at_once(order: list[int]) -> None:
    """Two purges, a retry, a worker and a clean-up, in any order."""
    world = sent()

    def work(hook: Hook) -> None:
        world.work(hook)
        world.work_flags(hook)
        world.work_purges(hook)

    acts: list[Callable[[Hook], object]] = [
        lambda hook: world.purge("a", hook),
        lambda hook: world.purge("a", hook),
        lambda hook: world.send(batch(), hook),
        work,
    ]
    take_turns(acts, order)
    world.calm_down()
    assert world.is_at_rest("a")


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=80))
def test_a_redrive_of_what_failed_is_not_lost_to_a_purge(order: list[int]) -> None:
    """The entry that says `failed` is rewritten while a redriven worker writes the one that says `processed`."""
    world = sent()
    [body] = world.collect()
    process = Process(processing_ports(world.ground.ports), quiet())
    process.give_up(GenerationsStored.decode(body), "tried five times")
    take_turns([lambda hook: world.process(body, hook), lambda hook: world.purge("a", hook)], order)
    world.calm_down()
    assert world.is_at_rest("a")


def test_nobody_asks_after_the_generation_of_a_score_without_words() -> None:
    asked: list[str] = []

    def note(method: Call, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        asked.append(method.__name__)
        return method(*args, **kwargs)

    world = sent()
    world.work_all()
    world.score([score_of("a").without_words()])
    world.work_flags(note)
    assert "file" in asked
    assert "heads" not in asked
