"""Who holds a key: one strong read, remembered for a short while.

What is remembered is bounded, and apart for keys that are there and keys that are not, so that guessing drives nobody's
key out. A key is remembered by its digest; the key itself is nowhere.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.api_key import ApiKey, digest_of, looks_like_a_key
from chalicelib.domain.times import format_time
from chalicelib.services.ports import ApiKeys, Clock

KNOWN_FOR, UNKNOWN_FOR = timedelta(seconds=20), timedelta(seconds=10)
MOST_KNOWN = MOST_UNKNOWN = 10_000


class KeyRing:
    """Finds keys. Thread-safe."""

    def __init__(self, keys: ApiKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._known = _Memory(MOST_KNOWN, KNOWN_FOR)
        self._unknown = _Memory(MOST_UNKNOWN, UNKNOWN_FOR)

    def holder(self, shown: str) -> ApiKey | None:
        """The key behind what a caller shows, if it is good now. Raises Unavailable when that cannot be found out."""
        if not looks_like_a_key(shown):
            return None
        now = self._clock.now()
        key = self._look_up(digest_of(shown), now)
        return key if key is not None and key.good_at(format_time(now)) else None

    def _look_up(self, digest: str, now: datetime) -> ApiKey | None:
        """`now` is taken before the read, so that nothing remembered is older than it seems."""
        answer = self._known.get(digest, now) or self._unknown.get(digest, now)
        if answer is None:
            answer = _Answer(self._keys.find(digest), now)
            (self._unknown if answer.key is None else self._known).put(digest, answer)
        return answer.key


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a read found, and when it began."""

    key: ApiKey | None
    read_at: datetime


class _Memory:
    """The `most` answers used last, each for `age`; a clock that was set back makes them old, not young."""

    def __init__(self, most: int, age: timedelta) -> None:
        self._most = most
        self._age = age
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str, now: datetime) -> _Answer | None:
        with self._lock:
            answer = self._answers.get(digest)
            if answer is None or not timedelta() <= now - answer.read_at < self._age:
                return None
            self._answers.move_to_end(digest)
            return answer

    def put(self, digest: str, answer: _Answer) -> None:
        with self._lock:
            self._answers[digest] = answer
            self._answers.move_to_end(digest)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
