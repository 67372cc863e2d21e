"""How long one validation may take. Time of this thread's CPU counts, so that a busy machine changes no verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import thread_time

from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.domain.judging.regex import Pattern

SECONDS = 1.0
"""A step that is begun within it may go beyond by what one look at half a million characters takes."""

_present: ContextVar["Budget"] = ContextVar("budget")


class Budget:
    """The time that is left, and the patterns in use."""

    def __init__(self) -> None:
        self._until = thread_time() + SECONDS
        self._patterns: dict[str, Pattern] = {}

    def spend(self) -> None:
        """Begin a step. Raises JudgingFailed when there is no time left."""
        if thread_time() > self._until:
            raise JudgingFailed("the schema takes too long on this value")

    def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern matches somewhere in a text."""
        self.spend()
        if pattern not in self._patterns:
            self._patterns[pattern] = Pattern(pattern)
        return self._patterns[pattern].found_at(text) is not None


def budget() -> Budget:
    """That of the validation which is going on."""
    return _present.get()


@contextmanager
def budgeted() -> Iterator[Budget]:
    """A new budget for what is inside."""
    token = _present.set(Budget())
    try:
        yield _present.get()
    finally:
        _present.reset(token)
