"""The clock, the maker of keys, and threads."""

import os
import secrets
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_BYTES = 32
RANDOM_BITS, DIGIT_BITS, DIGITS = 80, 5, 26


T = TypeVar("T")
R = TypeVar("R")


class Threads:
    """The `AtOnce` port: a fixed number of threads.

    Work must not wait for other work of the same threads: each layer that maps over items has threads of its own.
    """

    def __init__(self, number: int) -> None:
        self._pool = ThreadPoolExecutor(number)

    def __call__(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Run `work` on each item at once; the first error is raised after all have ended."""
        futures = [self._pool.submit(work, one) for one in items]
        errors = [error for error in (future.exception() for future in futures) if error]
        if errors:
            raise errors[0]
        return [future.result() for future in futures]


class SystemClock:
    """The `Clock` port."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


def new_secret() -> str:
    """A key for signatures: 256 random bits."""
    return f"whsec_{new_token()}"


def new_token() -> str:
    """The random part of an API key: 256 bits in 43 url-safe characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_key() -> str:
    """The `Keys` port: a ULID (48 bits of milliseconds, 80 random bits, Crockford's base 32).

    Layout: https://github.com/ulid/spec
    """
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << RANDOM_BITS) | int.from_bytes(os.urandom(RANDOM_BITS // 8))
    shifts = range((DIGITS - 1) * DIGIT_BITS, -1, -DIGIT_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in shifts)
