"""How many items a second a key may send, counted over all processes.

A key has a bucket in the table (`RateLimits`). What is drawn from it moves on the moment at which it is out of debt; a
request is admitted when that moment has passed, however many items it has, and the bucket is then in debt for as long
as these items take. So the rate holds over time, and no size of request is shut out.
"""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.errors import TooManyRequests
from chalicelib.services.ports import Clock, RateLimits

SECOND = 1_000_000  # microseconds, the unit of buckets
LEASES_PER_SECOND = 100
"""Small requests draw for a hundredth of a second at once: few draws, and little that is lost in idle processes."""
SAVED = SECOND
MOST_KEYS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Pot:
    """What this process still has of its last draw (until a moment), and when it need not ask again."""

    items: int = 0
    good_until: int = 0
    blocked_until: int = 0


class Limiter:
    """Admits the items of callers with a key. `per_second` 0 admits everything. Thread-safe."""

    def __init__(self, limits: RateLimits, clock: Clock, per_second: int) -> None:
        self._limits = limits
        self._clock = clock
        self._per_second = per_second
        self._lease = max(1, per_second // LEASES_PER_SECOND)
        self._pots: OrderedDict[tuple[str, str], _Pot] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, tenant: str, key_id: str, items: int) -> None:
        """Let so many items in. Raises TooManyRequests, which says when to come again, or Unavailable."""
        if not self._per_second or not items:
            return
        now = (self._clock.now() - _EPOCH) // timedelta(microseconds=1)
        pot = self._pot((tenant, key_id))
        if self._taken(pot, items, now):
            return
        drawing = max(items, self._lease)
        cost = -(-drawing * SECOND // self._per_second)
        wait = self._limits.draw(tenant, key_id, cost, now, SAVED)
        with self._lock:
            if wait:
                pot.blocked_until = now + wait
                raise _too_many(wait)
            pot.items = drawing - items + (pot.items if now < pot.good_until else 0)
            pot.good_until = now + SECOND

    def _taken(self, pot: _Pot, items: int, now: int) -> bool:
        """Whether what was drawn before is enough. Raises TooManyRequests while the bucket is known to be in debt."""
        with self._lock:
            if now < pot.good_until and items <= pot.items:
                pot.items -= items
                return True
            if now < pot.blocked_until:
                raise _too_many(pot.blocked_until - now)
            return False

    def _pot(self, key: tuple[str, str]) -> _Pot:
        with self._lock:
            pot = self._pots.setdefault(key, _Pot())
            self._pots.move_to_end(key)
            if len(self._pots) > MOST_KEYS:
                self._pots.popitem(last=False)
            return pot


def _too_many(wait: int) -> TooManyRequests:
    seconds = max(1, math.ceil(wait / SECOND))
    return TooManyRequests("this key sends more items a second than it may", retry_after=seconds)
