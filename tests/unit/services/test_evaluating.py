"""Judging: one score per work and exact counts, whoever dies where; and the latest version has the last word."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.evaluator import Evaluator, Filter, Judgement, JudgingFailed
from chalicelib.services.evaluation import evaluating, subjects
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE, ToJudge, ToTryAgain, decode
from chalicelib.services.evaluation.judged_scores import judged_at
from chalicelib.services.evaluation.pairs import WAVE
from chalicelib.services.evaluation.places import MOST, Places
from chalicelib.services.lineage.scoring import MOST_PAIRS, TOO_MANY_PAIRS
from chalicelib.services.ports import Counts
from tests.fakes.evaluators import FakeEvaluators
from tests.fakes.queue import FakeQueue
from tests.unit.services.judging_world import JudgingWorld, by_text, evaluator
from tests.unit.services.watched import Dying, When
from tests.unit.services.world import generation

WHEN: list[When] = ["before", "after"]
MOST_CALLS = 80
HOOK = "hook"


def down(evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
    """A hook that cannot be reached, beside an evaluator that needs none."""
    if evaluator.id == HOOK:
        raise JudgingFailed("the hook does not answer", again=True)
    return by_text(evaluator, resource)


def processed(*evaluators: Evaluator) -> JudgingWorld:
    """A good and a bad generation, processed and not judged yet."""
    world = JudgingWorld(*evaluators)
    world.send([generation("good", "fine"), generation("bad", "so bad")])
    world.work()
    return world


def test_what_is_processed_is_judged_and_scored_as_by_an_export() -> None:
    world = processed(evaluator())
    world.rest()
    [score] = world.scores("bad")
    assert (score["evaluator_id"], score["evaluator_version"], score["score_key"]) == ("judge", "1", "quality")
    assert (score["value"], score["passed"], score["explanation"]) == ({"bool": False}, False, "judged by version 1")
    assert score["source"] == {"kind": "evaluator", "id": "judge"}
    assert (score["conversation_id"], score["trace_id"]) == ("conversation", "trace")
    assert [world.verdict(name) for name in ("good", "bad")] == ["pass", "fail"]
    assert world.counts() == {1: Counts(judged=2, passed=1, failed=1)}


def test_a_tenant_without_evaluators_costs_one_read_in_half_a_minute_and_no_message() -> None:
    world = JudgingWorld()
    world.send([generation(f"g{number}") for number in range(250)])
    world.work()
    assert isinstance(world.ground.ports.evaluators, FakeEvaluators)
    assert world.ground.take(EVALUATE_QUEUE) == []
    assert world.ground.ports.evaluators.reads <= 3  # one for each process that this world starts


def test_filters_and_samples_decide_before_anything_is_sent() -> None:
    other = evaluator("other", filter=Filter(agent_name="another"))
    never = evaluator("never", sampling_rate=0.0)
    disabled = evaluator("disabled", enabled=False)
    assert processed(other, never, disabled).ground.take(EVALUATE_QUEUE) == []
    world = processed(other, never, disabled, evaluator())
    world.rest()
    assert {name for name, _, _ in world.asked} == {"judge"}


def test_a_message_that_comes_again_judges_nothing_twice() -> None:
    world = processed(evaluator(), evaluator(HOOK, kind="http"))
    [message] = world.ground.take(EVALUATE_QUEUE)
    for _ in range(3):
        assert world.handle(message.body)
    asking = world.ground.take(EVALUATE_QUEUE)
    assert len(asking) == 3
    for each in (*asking, *asking):
        assert world.handle(each.body)
    world.rest()
    assert world.counts() == {1: Counts(2, 1, 1)}
    assert world.counts(HOOK) == {1: Counts(2, 1, 1)}
    assert [name for name, _, _ in world.asked].count(HOOK) == 2
    assert len(world.scores("good")) == 2


def calls_of(act: Any) -> range:
    """The numbers of all calls of an act that nobody kills."""
    counter = Dying()
    act(counter)
    assert 0 < counter.calls < MOST_CALLS
    return range(1, counter.calls + 1)


def judge_once(hook: Dying) -> JudgingWorld:
    world = processed(evaluator(), evaluator(HOOK, kind="http"))
    world.judge = down
    [message] = world.ground.take(EVALUATE_QUEUE)
    if not world.handle(message.body, hook):
        assert world.handle(message.body)
    [asking, *_] = world.ground.take(EVALUATE_QUEUE)
    if not world.handle(asking.body, hook):
        assert world.handle(asking.body)
    return world


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("at", calls_of(judge_once))
def test_whoever_dies_wherever_leaves_one_score_one_failure_and_exact_counts(at: int, when: When) -> None:
    world = judge_once(Dying(at, when))
    world.rest()
    assert world.counts() == {1: Counts(2, 1, 1)}
    assert world.counts(HOOK) == {1: Counts(errors=2)}
    assert [len(world.scores(name)) for name in ("good", "bad")] == [1, 1]
    assert [world.verdict(name) for name in ("good", "bad")] == ["pass", "fail"]
    assert sorted(one.generation_id for one in world.failures(HOOK)) == ["bad", "good"]


def try_again(hook: Dying) -> JudgingWorld:
    """The last receive of a message about a hook that answers for one generation only."""
    world = processed(evaluator(HOOK, kind="http"))
    world.judge = down
    world.work_evaluations()

    def half(evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
        return by_text(evaluator, resource) if resource["id"] == "good" else down(evaluator, resource)

    world = processed(evaluator(HOOK, kind="http"))
    world.judge = half
    [message] = world.ground.take(EVALUATE_QUEUE)
    assert world.handle(message.body)
    [again] = world.ground.take(EVALUATE_QUEUE)
    if not world.handle(again.body, hook, last=True):
        assert world.handle(again.body, last=True)
    return world


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("at", calls_of(try_again))
def test_the_same_holds_for_the_last_try_of_a_hook(at: int, when: When) -> None:
    world = try_again(Dying(at, when))
    world.rest()
    assert world.counts(HOOK) == {1: Counts(judged=1, passed=1, errors=1)}
    [failure] = world.failures(HOOK)
    assert (failure.generation_id, failure.reason, failure.version) == ("bad", "the hook does not answer", 1)


def process_once(hook: Dying) -> JudgingWorld:
    world = JudgingWorld(evaluator())
    world.send([generation("bad", "so bad")])
    world.collect()
    world.work_off(hook)
    return world


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("at", calls_of(process_once))
def test_processing_that_dies_anywhere_has_everything_judged_in_the_end(at: int, when: When) -> None:
    world = process_once(Dying(at, when))
    world.rest()
    assert world.counts() == {1: Counts(1, 0, 1)}
    assert world.verdict("bad") == "fail"


def test_a_hook_that_fails_holds_up_nobody_else_and_is_asked_again_by_itself() -> None:
    world = processed(evaluator(), evaluator(HOOK, kind="http"))
    world.judge = down
    [message] = world.ground.take(EVALUATE_QUEUE)
    assert world.handle(message.body)
    assert world.counts() == {1: Counts(2, 1, 1)}
    assert {name for name, _, _ in world.asked} == {"judge"}
    [asking] = world.ground.take(EVALUATE_QUEUE)
    assert world.handle(asking.body)
    [again] = world.ground.take(EVALUATE_QUEUE)
    assert not world.handle(again.body)
    world.judge = by_text
    world.asked.clear()
    assert world.handle(again.body)
    assert {name for name, _, _ in world.asked} == {HOOK}
    assert world.counts(HOOK) == {1: Counts(2, 1, 1)}
    assert world.failures(HOOK) == []


def test_what_can_never_be_judged_is_listed_at_once() -> None:
    world = processed(evaluator())

    def never(_evaluator: Evaluator, _resource: Mapping[str, Any]) -> Judgement:
        raise JudgingFailed("the generation has no such field" * 100)

    world.judge = never
    world.work_evaluations()
    assert [len(one.reason) for one in world.failures()] == [500, 500]
    assert world.ground.take(EVALUATE_QUEUE) == []
    assert world.counts() == {1: Counts(errors=2)}


def test_a_generation_without_room_for_another_pair_is_listed() -> None:
    world = processed(*(evaluator(f"e{number:03}") for number in range(MOST_PAIRS)))
    world.rest()
    world.change("e000", score_key="another")
    assert world.backfill("e000")
    world.rest()
    assert {one.reason for one in world.failures("e000")} == {TOO_MANY_PAIRS}
    assert world.counts("e000") == {1: Counts(2, 1, 1), 2: Counts(errors=2)}


def test_a_disabled_evaluator_judges_no_more_and_what_it_said_stands() -> None:
    world = processed(evaluator())
    world.rest()
    world.send([generation("later", "so bad")])
    world.work()
    world.change("judge", enabled=False)
    world.rest()
    assert world.scores("later") == []
    assert world.verdict("bad") == "fail"


def test_a_purged_generation_is_not_judged() -> None:
    world = processed(evaluator())
    head = world.heads()["bad"]
    world.ground.ports.purge.replace(world.tenant, head, b"{}", "2026-05-01T12:00:00.000000Z")
    world.rest()
    assert world.counts() == {1: Counts(1, 1)}
    assert world.scores("bad") == []


def test_the_latest_version_has_the_last_word_whatever_order_messages_come_in() -> None:
    """A redelivery of an earlier version's work, late as it may be, takes nothing back."""
    for seed in range(20):
        order = random.Random(seed)
        world = processed(evaluator(word="bad"))
        [message] = world.ground.take(EVALUATE_QUEUE)
        versions = [evaluator(word="bad")]
        versions += [world.change("judge", config={"word": word}) for word in ("fine", "neither", "so", "none")]
        works = [one for one in versions for _ in range(2)]
        order.shuffle(works)
        for one in works:
            assert world.handle(message.body, as_of=one)
            if order.random() < 0.5:
                world.work_flags()
        world.rest()
        assert [world.verdict(name) for name in ("good", "bad")] == ["pass", "pass"]
        assert {version: one.judged for version, one in world.counts().items()} == dict.fromkeys(range(1, 6), 2)


def test_scores_of_later_versions_are_later_whenever_they_are_made() -> None:
    first = evaluator(created_at="2026-05-01T12:00:00.000000Z")
    second = replace(first, version=2)
    third = replace(first, version=3, created_at="2026-05-01T13:00:00.000000Z")
    for received in ("2026-01-01T00:00:00.000000Z", "2026-05-01T12:30:00.000000Z", "2026-12-31T23:59:59.999999Z"):
        times = [judged_at(one, received) for one in (first, second, third)]
        assert times == sorted(set(times))
        assert all(at > one.created_at for at, one in zip(times, (first, second, third), strict=True))
        assert min(times) > received
        assert times == [judged_at(one, received) for one in (first, second, third)]


def test_a_message_that_takes_too_long_is_sent_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time at all each message does one pair, and all of them do everything, once."""
    monkeypatch.setattr(evaluating, "SLICE", timedelta())
    monkeypatch.setattr(evaluating, "HOOK_SLICE", timedelta())
    hooks = [evaluator(f"{HOOK}{number}", kind="http") for number in range(20)]
    world = processed(evaluator("a"), evaluator("b"), *hooks)
    world.rest()
    assert world.counts("a") == world.counts("b") == world.counts("hook19") == {1: Counts(2, 1, 1)}
    assert len(world.asked) == len(set(world.asked)) == 44


def test_what_is_not_there_is_passed_over() -> None:
    world = processed(evaluator())
    message = ToJudge(tenant=world.tenant, correlation_id="c", generation_ids=("nobody",))
    assert world.handle(message.encode())
    assert world.asked == []


def test_what_no_response_can_hold_is_judged_as_it_is() -> None:
    world = JudgingWorld(evaluator())
    world.send([generation("large", "x" * 6_000_000 + "bad"), generation("small", "fine")])
    seen: list[Mapping[str, Any]] = []

    def judge(evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
        seen.append(resource)
        return by_text(evaluator, resource)

    world.judge = judge
    world.work()
    world.rest()
    assert [world.verdict(name) for name in ("large", "small")] == ["fail", "pass"]
    assert [("payload_url" in one, len(one["output"])) for one in seen] == [(False, 1), (False, 1)]


def test_what_no_worker_can_hold_is_listed_and_never_judged_without_its_payload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subjects, "MOST_BYTES", 2_000)
    world = JudgingWorld(evaluator(), evaluator(HOOK, kind="http"))
    world.send([generation("large", "x" * 2_000), generation("small", "fine")])
    world.work()
    world.rest()
    assert [(one.generation_id, one.reason) for one in world.failures()] == [("large", subjects.TOO_LARGE)]
    assert [(one.generation_id, one.reason) for one in world.failures(HOOK)] == [("large", subjects.TOO_LARGE)]
    assert {name for _, _, name in world.asked} == {"small"}


def many_stalled() -> tuple[JudgingWorld, FakeQueue]:
    """A hook that answers nobody, and the message that asks it about more than one wave."""
    world = JudgingWorld(evaluator(HOOK, kind="http"))
    world.judge = down
    world.send([generation(f"g{number:02}") for number in range(3 * WAVE)])
    world.work()
    queue = world.ground.ports.queue
    assert isinstance(queue, FakeQueue)
    return world, queue


def test_a_hook_that_answers_nobody_is_asked_one_wave_at_a_time_and_others_have_their_turn() -> None:
    world, queue = many_stalled()
    [message] = world.ground.take(EVALUATE_QUEUE)
    queue.delays.clear()
    assert world.handle(message.body)
    assert len(world.asked) == WAVE
    rest, again = (decode(one.body) for one in world.ground.take(EVALUATE_QUEUE))
    assert isinstance(rest, ToJudge)
    assert isinstance(again, ToTryAgain)
    assert (len(rest.generation_ids), len(again.generation_ids)) == (2 * WAVE, WAVE)
    assert [delay for delay in queue.delays if delay] == [evaluating.PAUSE_SECONDS, evaluating.FIRST_DELAY_SECONDS]
    assert {group for name, group in queue.groups if name == EVALUATE_QUEUE} == {world.tenant}


def test_a_hook_is_asked_five_times_and_never_twice_by_one_message() -> None:
    world, _ = many_stalled()
    world.rest()
    assert len(world.asked) == 5 * 3 * WAVE
    assert world.counts(HOOK) == {1: Counts(errors=3 * WAVE)}


def test_a_message_that_found_no_place_keeps_its_tries() -> None:
    places = Places()
    world = processed(evaluator(HOOK, kind="http"))
    world.places = places
    world.judge = down
    with places.one(world.tenant), places.one(world.tenant):
        [asking] = world.ground.take(EVALUATE_QUEUE)
        assert world.handle(asking.body)
        assert world.ground.take(EVALUATE_QUEUE) == [asking]
    assert world.handle(asking.body)
    [again] = world.ground.take(EVALUATE_QUEUE)
    asked = len(world.asked)
    with places.one(world.tenant), places.one(world.tenant):
        assert world.handle(again.body, last=True)
    assert len(world.asked) == asked
    [later] = world.ground.take(EVALUATE_QUEUE)
    assert not world.handle(again.body)
    assert world.handle(later.body)  # it is the fourth time
    assert len(world.failures(HOOK)) == 2


def test_places_are_per_tenant_and_given_back() -> None:
    places = Places()
    for _ in range(3):
        with places.one("a") as first, places.one("a") as second, places.one("a") as third, places.one("b") as other:
            assert (first, second, third, other) == (True, True, False, True)
    assert MOST == 2


def test_what_a_hook_says_while_its_generation_is_purged_is_not_kept() -> None:
    """Whoever purges marks first and empties the scores that are there; a later one is emptied as it is filed."""
    world = processed(evaluator(HOOK, kind="http"))
    head = world.heads()["bad"]

    def judge(_evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
        if resource["id"] == "bad":
            world.ground.ports.purge.replace(world.tenant, head, b"{}", "2026-05-01T12:00:00.000000Z")
        return Judgement(f"it says: {resource['completion']}", False, resource["completion"])

    world.judge = judge
    world.rest()
    [kept], [emptied] = world.scores("good"), world.scores("bad")
    assert (kept["value"], emptied["value"]) == ({"string": "it says: fine"}, None)
    assert (emptied["passed"], emptied["explanation"]) == (False, None)
    assert "it says: so bad" not in world.ground.everything(world.tenant)


def test_what_a_message_named_that_fails_for_ever_is_listed() -> None:
    """Whatever of it has no score yet; a redrive judges it after all."""
    world = processed(evaluator(), evaluator(HOOK, kind="http"))
    [message] = world.ground.take(EVALUATE_QUEUE)
    assert world.handle(message.body)
    world.evaluate_of(world.ground.ports).give_up(decode(message.body), "processing failed 5 times")
    assert world.failures() == []
    assert [one.reason for one in world.failures(HOOK)] == [evaluating.GIVEN_UP] * 2
    world.rest()
    assert world.counts(HOOK) == {1: Counts(2, 1, 1, errors=2)}
