"""Attempts: each request to a provider that a run has made, or may have made, recorded before it is made."""

from dataclasses import dataclass, replace

from chalicelib.domain.redaction.skeleton import PURGED

INTERRUPTED = "RUN_INTERRUPTED"
UNKNOWN_OUTCOME = "the outcome is unknown: whoever asked has died"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to a provider; until `ended_at` is known somebody may be making it, but nobody after `until`.

    `status_code` is the provider's, None where no answer came; `error` is why it brought no result.
    """

    number: int
    started_at: str
    until: str
    ended_at: str | None = None
    status_code: int | None = None
    error: str | None = None


Attempts = tuple[Attempt, ...]


def unfinished(attempts: Attempts) -> Attempt | None:
    """The attempt whose outcome is not known."""
    return attempts[-1] if attempts and attempts[-1].ended_at is None else None


def begin(attempts: Attempts, at: str, until: str) -> Attempts:
    """One attempt more; one before it that has no outcome will never have one."""
    if unfinished(attempts):
        attempts = end(attempts, len(attempts), at, error=UNKNOWN_OUTCOME)
    return (*attempts, Attempt(len(attempts) + 1, at, until))


def end(attempts: Attempts, number: int, at: str, status_code: int | None = None, error: str | None = None) -> Attempts:
    """The attempts once the outcome of one is known; what was known before stays."""
    return tuple(
        replace(each, ended_at=at, status_code=status_code, error=error)
        if each.number == number and each.ended_at is None
        else each
        for each in attempts
    )


def wordless(attempts: Attempts) -> Attempts:
    """What may stay of attempts once the content of their run is purged."""
    return tuple(replace(each, error=PURGED) if each.error else each for each in attempts)
