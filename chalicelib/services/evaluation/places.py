"""How many messages about the hooks of one tenant a process works on at once.

A function of its own works on one message anyway, and its queue is fair. Where one process carries the whole queue, as
in the local run, a tenant whose hooks stall would otherwise hold all of its threads.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 2


class Places:
    """Places by tenant. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one(self, tenant: str) -> Iterator[bool]:
        """Take a place for as long as this lasts; says whether there was one."""
        with self._lock:
            free = self._taken[tenant] < MOST
            self._taken[tenant] += free
        try:
            yield free
        finally:
            with self._lock:
                self._taken[tenant] -= free
                if not self._taken[tenant]:
                    del self._taken[tenant]
