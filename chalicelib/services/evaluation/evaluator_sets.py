"""A tenant's evaluators, remembered by a process: a tenant without any costs next to nothing."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.evaluator import Evaluator
from chalicelib.services.ports import Clock, Evaluators, EvaluatorSet

KNOWN_FOR = timedelta(seconds=30)
MOST_TENANTS = 1_000


@dataclass(frozen=True, slots=True)
class _Read:
    """What a read found, and when it began."""

    found: EvaluatorSet
    at: datetime


class EvaluatorSets:
    """Reads sets of evaluators. Thread-safe."""

    def __init__(self, evaluators: Evaluators, clock: Clock) -> None:
        self._evaluators = evaluators
        self._clock = clock
        self._reads: OrderedDict[str, _Read] = OrderedDict()
        self._lock = threading.Lock()

    def recent(self, tenant: str) -> list[Evaluator]:
        """Those that are enabled, as they were at most 30 s ago."""
        known = self._known(tenant)
        fresh = known is not None and timedelta() <= self._clock.now() - known.at < KNOWN_FOR
        return _enabled(known.found if known and fresh else self._read(tenant, known))

    def current(self, tenant: str) -> list[Evaluator]:
        """Those that are enabled, as they are now: one small read, unless something has changed."""
        return _enabled(self._read(tenant, self._known(tenant)))

    def _known(self, tenant: str) -> _Read | None:
        with self._lock:
            return self._reads.get(tenant)

    def _read(self, tenant: str, known: _Read | None) -> EvaluatorSet:
        """The time is taken before the read, so that nothing remembered is older than it seems."""
        now = self._clock.now()
        version = self._evaluators.version(tenant)
        if known is None or known.found.version != version:
            found = self._evaluators.all(tenant) if version else EvaluatorSet()
        else:
            found = known.found
        with self._lock:
            self._reads[tenant] = _Read(found, now)
            self._reads.move_to_end(tenant)
            if len(self._reads) > MOST_TENANTS:
                self._reads.popitem(last=False)
        return found


def _enabled(found: EvaluatorSet) -> list[Evaluator]:
    return [one for one in found.members if one.enabled]
