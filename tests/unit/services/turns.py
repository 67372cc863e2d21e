"""Several actors in threads of their own, of which exactly one runs at any time, in an order that a test decides."""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import Any

from tests.unit.services.watched import Call, Hook

PATIENCE_S = 20


class _Actor:
    def __init__(self, act: Callable[[Hook], object]) -> None:
        self._act = act
        self._go = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self.ended = False
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Run until its next call of a port, or its end."""
        self._go.release()
        assert self._back.acquire(timeout=PATIENCE_S)

    def _run(self) -> None:
        self._go.acquire()
        try:
            self._act(self._wait_for_turn)
        except BaseException as error:  # noqa: BLE001 - it is raised again in the test's own thread
            self.error = error
        self.ended = True
        self._back.release()

    def _wait_for_turn(self, method: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._back.release()
        self._go.acquire()
        return method(*args, **kwargs)


def take_turns(acts: Sequence[Callable[[Hook], object]], order: Sequence[int]) -> None:
    """Let the actors run one port call at a time; `order` says who is next, over and over."""
    actors = [_Actor(act) for act in acts]
    turns: Iterator[int] = cycle(order or [0])
    while alive := [actor for actor in actors if not actor.ended]:
        alive[next(turns) % len(alive)].step()
    for actor in actors:
        if actor.error is not None:
            raise actor.error
