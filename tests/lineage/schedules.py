"""Run one schedule: everything that is taken in, in some order, with faults, until nothing is left to do."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.lineage import limits, plans
from tests.lineage.checks import differences
from tests.lineage.scheduler import Ending, Scheduler, Temper
from tests.lineage.world import Message, Side, Variant, World

LATER = timedelta(hours=3)
"""After this no writer of before is alive, and every row of the outbox is due."""
MOST_RUNS = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What was wrong, and how many calls the schedule made."""

    differences: list[str]
    steps: int


def run(seed: int, variant: Variant | None = None) -> Result:
    """The schedule of a seed."""
    rng = random.Random(seed)
    plan = plans.draw(rng)
    if seed % 2:
        plan = plans.with_runs(random.Random(seed), plan)
    small, crowded = limits.draw(rng)
    scheduler = Scheduler(rng, _temper(rng))
    with limits.in_force(small):
        world = World(scheduler, plan, variant or Variant(), hurry=rng.choice((0.0, 0.2, 1.0)))
        Conductor(world, variant or Variant()).run()
        if scheduler.error is not None:
            return Result([f"{type(scheduler.error).__name__}: {scheduler.error}"], scheduler.steps)
        world.table.settle()
        return Result(differences(plan, world, crowded=crowded), scheduler.steps)


Part = tuple[int, int, list[tuple[int, Result]]]
"""How many schedules, how many calls, and those that went wrong by seed."""


def part(seeds: range) -> Part:
    """Run the schedules of some seeds."""
    results = [(seed, run(seed)) for seed in seeds]
    steps = sum(result.steps for _, result in results)
    return len(seeds), steps, [(seed, result) for seed, result in results if result.differences]


def _temper(rng: random.Random) -> Temper:
    return Temper(
        stay=rng.choice((0.2, 0.5, 0.8, 0.9)),
        stall=rng.choice((0.0, 0.05, 0.2)),
        longest_stall=rng.choice((20, 100, 400)),
        fault=rng.choice((0.0, 0.01, 0.05)),
        faults=rng.randint(0, 4),
        at_once=rng.randint(1, 5),
    )


class Conductor:
    """Starts requests and handlers, now this one, now that."""

    def __init__(self, world: World, variant: Variant) -> None:
        self._world = world
        self._variant = variant
        self._rng = world.scheduler.rng
        self._running: list[Message] = []
        self._done: list[Message] = []
        self._repeats = self._rng.randint(0, 4)

    def run(self) -> None:
        """Until everything is taken in, and the queue and the outbox are empty."""
        self._drain()
        for _ in range(MOST_RUNS):
            self._world.clock.base += LATER
            due = len(self._world.queue.waiting)
            self._start(lambda side: side.resend(), lambda ending: None)  # noqa: ARG005 - it runs again anyway
            self._drain()
            if self._world.scheduler.error or not (due or self._world.table.holds_any("OUTBOX")):
                return

    def _drain(self) -> None:
        scheduler = self._world.scheduler
        while True:
            if scheduler.error is None and len(scheduler.tasks) < scheduler.temper.at_once:
                self._begin()
            if not scheduler.tasks:
                return
            scheduler.rest()

    def _begin(self) -> None:
        """Start something, if there is anything: each kind as likely as the other."""
        world, rng = self._world, self._rng
        kinds: list[Callable[[], None]] = []
        if world.requests:
            kinds.append(self._request)
        if world.queue.waiting:
            kinds.append(lambda: self._deliver(world.queue.waiting.pop(rng.randrange(len(world.queue.waiting)))))
        if self._repeats and (self._running or self._done):
            kinds.append(self._repeat)
        if kinds:
            rng.choice(kinds)()

    def _repeat(self) -> None:
        """Hand out again what is being worked on, or was done with: an at-least-once queue may."""
        self._repeats -= 1
        self._deliver(self._rng.choice([*self._running, *self._done]))

    def _request(self) -> None:
        request = self._world.requests.pop()

        def ended(ending: Ending) -> None:
            if ending != "done" and request.insists:
                self._world.requests.append(request)

        self._start(request.work, ended)

    def _deliver(self, message: Message) -> None:
        self._running.append(message)

        def ended(ending: Ending) -> None:
            self._running.remove(message)
            if ending == "done" or self._variant.deletes_first:
                self._done.append(message)
            elif message not in self._done:
                self._world.queue.waiting.append(message)

        self._start(message.work, ended)

    def _start(self, work: Callable[[Side], object], ended: Callable[[Ending], None]) -> None:
        side = self._rng.choice(self._world.sides)
        self._world.scheduler.start(lambda: work(side), ended)
