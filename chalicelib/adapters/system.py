"""The clock and the maker of keys."""

import os
import time
from datetime import UTC, datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS, DIGIT_BITS, DIGITS = 80, 5, 26


class SystemClock:
    """The `Clock` port."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


def new_key() -> str:
    """The `Keys` port: a ULID (48 bits of milliseconds, 80 random bits, Crockford's base 32).

    Layout: https://github.com/ulid/spec
    """
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << RANDOM_BITS) | int.from_bytes(os.urandom(RANDOM_BITS // 8))
    shifts = range((DIGITS - 1) * DIGIT_BITS, -1, -DIGIT_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in shifts)
