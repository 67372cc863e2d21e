"""Processes that send as much as they can through one key, on a simulated clock."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle

from chalicelib.domain.errors import TooManyRequests
from chalicelib.services.limiter import SECOND, Limiter
from chalicelib.services.ports import RateLimits
from tests.fakes.clock import FixedClock

__all__ = ["SECOND", "Process", "crowd", "items_admitted"]


class Process:
    """One process: its own limiter, and its own clock, which is `skew_ms` ahead."""

    def __init__(self, limits: RateLimits, rate: int, tenant: str, skew_ms: int) -> None:
        self.clock = FixedClock(FixedClock().now() + timedelta(milliseconds=skew_ms))
        self._limiter = Limiter(limits, self.clock, rate)
        self._tenant = tenant

    def sends(self, items: int) -> bool:
        """Whether so many items are admitted now."""
        try:
            self._limiter.admit(self._tenant, "k", items)
        except TooManyRequests:
            return False
        return True


def crowd(limits: Sequence[RateLimits], rate: int, tenant: str = "t", skew_ms: int = 0) -> list[Process]:
    """A process over each, their clocks spread evenly over `skew_ms`."""
    most = max(1, len(limits) - 1)
    return [Process(each, rate, tenant, skew_ms * number // most) for number, each in enumerate(limits)]


def items_admitted(processes: Sequence[Process], seconds: int, every_ms: int, items: Sequence[int]) -> int:
    """How many items get in when every process sends a request each `every_ms`, of the sizes in turn."""
    sizes = cycle(items)
    admitted = 0
    for _ in range(0, seconds * 1000, every_ms):
        for process in processes:
            size = next(sizes)
            admitted += size if process.sends(size) else 0
            process.clock.advance(every_ms)
    return admitted
