"""Time and keys that a test moves by hand."""

from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


class FixedClock:
    """The `Clock` port; stands still until told otherwise."""

    def __init__(self, at: datetime = START) -> None:
        self._at = at

    def now(self) -> datetime:
        """The moment it stands at."""
        return self._at

    def advance(self, milliseconds: int) -> None:
        """Move on."""
        self._at += timedelta(milliseconds=milliseconds)

    @property
    def milliseconds(self) -> int:
        """The moment in milliseconds since the epoch."""
        return int(self._at.timestamp() * 1000)


class SequentialKeys:
    """The `Keys` port: 26 characters that sort in the order they were made. Thread-safe: `count` steps atomically."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next key."""
        return f"K{next(self._numbers):025d}"


class SequentialTokens:
    """Makes the 43 characters of keys, none twice."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next token."""
        return f"{next(self._numbers):043d}"
