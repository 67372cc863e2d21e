"""Backfills: everything in range is judged once, by the present version, whoever dies; slowly; until it is stopped."""

from collections.abc import Callable

import pytest

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.evaluator import Filter
from chalicelib.domain.times import format_time
from chalicelib.services.evaluation import backfilling
from chalicelib.services.evaluation.due import DueForJudging
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE
from chalicelib.services.evaluation.evaluator_sets import EvaluatorSets
from chalicelib.services.messages import decode
from chalicelib.services.ports import Backfill, Counts
from chalicelib.services.process import Process
from tests.fakes.queue import FakeQueue
from tests.unit.services.judging_world import JudgingWorld, evaluator
from tests.unit.services.watched import Dying, When
from tests.unit.services.world import generation, processing_ports, quiet

WHEN: list[When] = ["before", "after"]
MOST_CALLS = 200
NUMBER = 7


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows a page."""
    monkeypatch.setattr(backfilling, "PAGE", 3)


def stored(*texts: str) -> JudgingWorld:
    """Generations from before there was an evaluator."""
    world = JudgingWorld()
    for number, text in enumerate(texts or ["so bad", *["fine"] * (NUMBER - 1)]):
        world.send([generation(f"g{number}", text, agent=f"agent-{number % 2}")])
        world.work()
        world.clock.advance(1_000)
    world.configure(evaluator())
    world.clock.advance(60_000)
    return world


def latest(world: JudgingWorld) -> Backfill:
    backfill = world.ground.ports.backfills.get(world.tenant, "judge")
    assert backfill is not None
    return backfill


def test_everything_that_is_there_is_judged_and_progress_can_be_read() -> None:
    world = stored()
    assert world.backfill()
    assert (latest(world).state, latest(world).examined) == ("running", 0)
    world.work_evaluations()
    assert (latest(world).state, latest(world).examined, latest(world).queued) == ("running", 3, 3)
    world.rest()
    assert (latest(world).state, latest(world).examined, latest(world).queued) == ("done", NUMBER, NUMBER)
    assert world.counts() == {1: Counts(NUMBER, NUMBER - 1, 1)}
    assert world.verdict("g0") == "fail"


def backfilled(hook: Dying) -> JudgingWorld:
    """One hook for all: whoever is at that call dies, and the others go on."""
    world = stored()
    if not world.backfill(hook=hook) and world.ground.ports.backfills.get(world.tenant, "judge") is None:
        assert world.backfill()
    for _ in range(NUMBER):
        world.work_evaluations(hook)
    return world


def calls_of(act: Callable[[Dying], object]) -> range:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(backfilling, "PAGE", 3)
        counter = Dying()
        act(counter)
    assert 0 < counter.calls < MOST_CALLS
    return range(1, counter.calls + 1)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("at", calls_of(backfilled))
def test_whoever_dies_wherever_the_backfill_comes_to_its_end(at: int, when: When) -> None:
    world = backfilled(Dying(at, when))
    world.rest()
    assert latest(world).state == "done"
    assert world.counts() == {1: Counts(NUMBER, NUMBER - 1, 1)}


@pytest.mark.parametrize("changed", [False, True])
def test_nothing_falls_between_a_change_and_a_backfill_that_follows_at_once(changed: bool) -> None:
    """A worker that has read the set before the change goes by it for half a minute."""
    world = JudgingWorld(*([evaluator(filter=Filter(agent_name="another"))] if changed else []))
    stale = EvaluatorSets(world.ground.ports.evaluators, world.clock)
    assert len(stale.recent(world.tenant)) == changed
    now = format_time(world.clock.now())
    if changed:
        world.change("judge", filter=Filter(), created_at=now)
    else:
        world.configure(evaluator(created_at=now))
    assert world.backfill()
    queue = world.ground.ports.queue
    assert isinstance(queue, FakeQueue)
    delay = queue.delays[-1]
    held = world.ground.take(EVALUATE_QUEUE)

    for number in range(5):
        world.clock.advance(7_000)
        world.send([generation(f"g{number}", "so bad")])
        [body] = world.collect()
        world.waiting.clear()
        due = DueForJudging(stale)
        Process(processing_ports(world.ground.ports), quiet(), due=due)(decode(body))
    for message in held:
        assert world.handle(message.body)
    world.rest()
    assert [world.verdict(f"g{number}") for number in range(5)] == ["fail"] * 5
    assert delay == 35  # by when all of that has been listed


def test_a_message_that_is_lost_ends_nothing() -> None:
    world = stored()
    world.backfill()
    world.ground.take(EVALUATE_QUEUE)
    world.clock.advance(110_000)
    world.wake()
    assert world.ground.take(EVALUATE_QUEUE) == []
    world.clock.advance(20_000)
    world.wake()
    world.rest()
    assert latest(world).state == "done"
    assert world.counts()[1].judged == NUMBER


def test_messages_of_another_step_or_backfill_do_nothing() -> None:
    world = stored()
    world.backfill()
    [first] = world.ground.take(EVALUATE_QUEUE)
    assert world.handle(first.body)
    queued = len(world.ground.take(EVALUATE_QUEUE))
    assert queued == 2
    assert world.handle(first.body)
    assert world.ground.take(EVALUATE_QUEUE) == []


def test_it_keeps_to_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    world = stored()
    monkeypatch.setattr(backfilling, "SECONDS_OF_A_PAGE", 2)
    world.backfill(rate=1)
    world.rest()
    queue = world.ground.ports.queue
    assert isinstance(queue, FakeQueue)
    assert [delay for delay in queue.delays if delay] == [2, 2, 2]


@pytest.mark.parametrize(("rate", "delays"), [(3, [1, 1]), (6, [1]), (1_000, [])])
def test_a_page_is_never_less_than_a_second_of_its_rate(rate: int, delays: list[int]) -> None:
    """Pages of three rows, each a second after the one before, would be three generations per second at any rate."""
    world = stored()
    queue = world.ground.ports.queue
    assert isinstance(queue, FakeQueue)
    assert world.backfill(rate=rate)
    queue.delays.clear()
    world.rest()
    assert [delay for delay in queue.delays if delay] == delays
    assert world.counts()[1].judged == NUMBER


def test_a_stop_is_kept_to_within_a_page() -> None:
    world = stored()
    world.backfill()
    world.work_evaluations()
    use = world.backfilling_of(world.ground.ports)
    stopped = use.stop(world.tenant, "judge")
    assert (stopped.state, stopped.examined) == ("stopped", 3)
    assert use.stop(world.tenant, "judge") == stopped
    world.rest()
    assert latest(world) == stopped
    assert world.counts()[1].judged == 3
    assert world.backfill()
    world.rest()
    assert world.counts()[1].judged == NUMBER


def test_one_at_a_time_of_an_evaluator_that_is_there_and_enabled() -> None:
    world = stored()
    use = world.backfilling_of(world.ground.ports)
    assert world.backfill()
    with pytest.raises(Conflict):
        world.backfill()
    with pytest.raises(NotFound):
        world.backfill("nobody")
    with pytest.raises(NotFound):
        use.get(world.tenant, "nobody")
    world.change("judge", enabled=False)
    world.rest()
    assert latest(world).state == "stopped"
    with pytest.raises(Conflict):
        world.backfill()
    assert world.counts() == {}


@pytest.mark.parametrize(
    ("of_evaluator", "asked", "judged"),
    [
        (Filter(), Filter(agent_name="agent-1"), 3),
        (Filter(agent_name="agent-1"), Filter(), 3),
        (Filter(agent_name="agent-0"), Filter(agent_name="agent-1"), 0),
        (Filter(status="completed"), Filter(conversation_id="conversation"), NUMBER),
        (Filter(), Filter(tags={"team": "blue"}), 0),
    ],
)
def test_both_filters_hold(of_evaluator: Filter, asked: Filter, judged: int) -> None:
    world = stored()
    world.change("judge", filter=of_evaluator)
    world.backfill(filter=asked)
    world.rest()
    assert sum(one.judged for one in world.counts().values()) == judged


def test_only_what_lies_in_the_range_is_judged() -> None:
    world = stored()
    listed = sorted(head.listed_at for head in world.heads().values())
    world.backfill(since=listed[1], until=listed[3])
    world.rest()
    assert (latest(world).examined, world.counts()[1].judged) == (3, 3)


def test_a_present_version_judges_what_an_earlier_one_has_judged() -> None:
    world = stored()
    world.backfill()
    world.rest()
    assert world.verdict("g0") == "fail"
    world.change("judge", config={"word": "worse"})
    world.backfill()
    world.rest()
    assert world.verdict("g0") == "pass"
    assert world.counts() == {1: Counts(NUMBER, NUMBER - 1, 1), 2: Counts(NUMBER, NUMBER)}


def test_judging_again_asks_nobody() -> None:
    world = stored()
    world.backfill()
    world.rest()
    asked = len(world.asked)
    world.backfill()
    world.rest()
    assert len(world.asked) == asked
