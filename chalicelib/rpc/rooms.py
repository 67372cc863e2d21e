"""Room for each tenant, so that none can take all of it."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.errors import TooManyRequests


class TenantRooms:
    """Lets each tenant in `most` times at once. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._inside: Counter[str] = Counter()

    @contextmanager
    def room(self, tenant: str) -> Iterator[None]:
        """Room for one call of a tenant. Raises TooManyRequests when it has as many."""
        with self._lock:
            if self._inside[tenant] >= self._most:
                raise TooManyRequests("the tenant makes too many calls at once", retry_after=1)
            self._inside[tenant] += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside[tenant] -= 1
                if not self._inside[tenant]:
                    del self._inside[tenant]
