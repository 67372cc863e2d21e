"""Run tasks one at a time, in an order drawn at random: each call to something outside is where the turn may pass on.

A task is a thread that waits for its turn, so that the real code runs as it is. One random generator decides
everything, so that a seed gives the same schedule again.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.errors import Unavailable

Ending = Literal["done", "killed", "failed"]
Work = Callable[[], object]
Ended = Callable[[Ending], object]

MOST_STEPS = 60_000
"""Far more than any schedule of a few generations takes: one that goes on longer does not end."""


class Killed(BaseException):
    """The process of a task dies here."""


class Endless(AssertionError):
    """A schedule that does not end."""


@dataclass(frozen=True, slots=True)
class Temper:
    """How a schedule goes: chances per call of staying with the task at hand, stalling it, and of a fault."""

    stay: float = 0.5
    stall: float = 0.02
    longest_stall: int = 200
    fault: float = 0.02
    faults: int = 3
    at_once: int = 4


class Seat:
    """A thread that is used for one task after the other."""

    def __init__(self, *, threaded: bool = True) -> None:
        self.turn = threading.Lock()
        self.turn.acquire()
        self.job: Callable[[], Seat] | None = None
        if threaded:
            threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self.turn.acquire()
            if self.job is not None:
                following = self.job()
                _idle.append(self)
                following.turn.release()


_idle: list[Seat] = []


class Task:
    """One handler at work. `calls` are its calls to the clock."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.stalled_until = 0
        self.calls = 0


class Scheduler:
    """One schedule. The thread that made it is where tasks are started; it has a turn of its own."""

    def __init__(self, rng: random.Random, temper: Temper) -> None:
        self.rng = rng
        self.temper = temper
        self.steps = 0
        self.error: BaseException | None = None
        self.tasks: list[Task] = []
        self._faults = temper.faults
        self._main = Task(Seat(threaded=False))
        self.current = self._main

    def start(self, work: Work, ended: Ended) -> None:
        """Add a task; `ended` is told how it ended."""
        task = Task(_idle.pop() if _idle else Seat())
        task.seat.job = lambda: self._run(task, work, ended)
        self.tasks.append(task)

    def rest(self) -> None:
        """Let tasks work until it is the main thread's turn again."""
        self._pass_on(self._next(main=False))

    def point(self) -> None:
        """Something outside is called here: another task may go first, or this call fail, or the process die."""
        task = self.current
        if task is self._main:
            return
        self._count()
        rng, temper = self.rng, self.temper
        if self._faults and rng.random() < temper.fault:
            self._faults -= 1
            raise Unavailable("drawn") if rng.random() < 0.3 else Killed
        if rng.random() < temper.stay:
            return
        if rng.random() < temper.stall:
            task.stalled_until = self.steps + rng.randint(5, temper.longest_stall)
        self._pass_on(self._next(main=rng.random() < 0.2))
        if self.error:
            raise Killed

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS and self.error is None:
            self.error = Endless(f"not ended after {MOST_STEPS} calls")
        if self.error:
            raise Killed

    def _next(self, *, main: bool) -> Task:
        if main or not self.tasks:
            return self._main
        ready = [task for task in self.tasks if task.stalled_until <= self.steps]
        return self.rng.choice(ready or self.tasks)

    def _pass_on(self, following: Task) -> None:
        task = self.current
        if following is not task:
            self.current = following
            following.seat.turn.release()
            task.seat.turn.acquire()

    def _run(self, task: Task, work: Work, ended: Ended) -> Seat:
        ending: Ending = "done"
        try:
            work()
        except Killed:
            ending = "killed"
        except Unavailable:
            ending = "failed"
        except BaseException as error:  # noqa: BLE001 - told to the one who runs the schedule
            self.error = self.error or error
        self.tasks.remove(task)
        ended(ending)
        self.current = self._next(main=self.rng.random() < 0.2)
        return self.current.seat
