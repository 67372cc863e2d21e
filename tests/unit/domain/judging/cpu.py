"""Time that the code under test has used; that of other processes does not count."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chalicelib.domain.evaluator import Judgement, JudgingFailed

BOUND = 2.0
"""Seconds of CPU that no judgement exceeds."""


@contextmanager
def bounded_cpu(seconds: float = BOUND) -> Iterator[None]:
    """What is inside takes less."""
    began = time.process_time()
    try:
        yield
    finally:
        took = time.process_time() - began
    assert took < seconds


def outcome(judge: Callable[[], Judgement]) -> str:
    """What a judgement says, or why there is none; it comes soon."""
    with bounded_cpu():
        try:
            return judge().explanation
        except JudgingFailed as failed:
            return failed.message
