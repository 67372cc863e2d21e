"""A run that this service makes, as it is found while it is carried on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.generation import Generation, Plan
from chalicelib.domain.run import Course
from chalicelib.services.ports import Head
from chalicelib.services.running.answer import Before

LAST_BREATH = timedelta(seconds=30)
"""How long after its time a process may still be alive: the API's function dies 4 s after it, the worker's 30 s."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many seconds a run may take, and what its error says when they are used up."""

    seconds: float
    used_up: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A run that this service makes: what it was opened with, how it is to be made, and how far it has come."""

    head: Head
    opened: Generation
    plan: Plan
    course: Course

    @property
    def ids(self) -> dict[str, str | None]:
        """What every error of a run names."""
        return {"generation_id": self.head.id, "trace_id": self.opened.trace_id}


@dataclass(frozen=True, slots=True)
class Turn:
    """A run as one turn of carrying it on has found it, and the time that is left for it."""

    tenant: str
    standing: Standing
    deadline: datetime
    budget: Budget

    @property
    def until(self) -> datetime:
        """From when on no process can be at it any more."""
        return self.deadline + LAST_BREATH

    @property
    def before(self) -> Before:
        """What there is before the next request."""
        overlay = self.standing.course.overlay
        return Before((*self.standing.opened.input, *overlay.input), overlay.usage)
