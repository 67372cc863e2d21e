"""Committed generations as processing and reading see them."""

from dataclasses import dataclass

from chalicelib.domain.extraction import Reading
from chalicelib.domain.generation import Generation
from chalicelib.domain.resource import Findings
from chalicelib.domain.run import Course, whole
from chalicelib.services.ports import Head

REDACTION_FAILED = "REDACTION_FAILED"


@dataclass(frozen=True, slots=True)
class Stored:
    """A committed generation as its content reads; a run's as it now is, by its course."""

    head: Head
    reading: Reading
    course: Course | None = None

    @property
    def generation(self) -> Generation:
        """The generation, with what its exchange says."""
        return whole(self.reading.generation, self.course) if self.course else self.reading.generation

    @property
    def version(self) -> int | None:
        """Of a run, that of its course."""
        return self.course.version if self.course else None

    @property
    def findings(self) -> Findings:
        """How reading went, before anything else is known."""
        if self.generation.content_dropped == REDACTION_FAILED:
            came_raw = self.generation.exchange is not None
            return Findings(
                state="failed", extraction="failed" if came_raw else "not_applicable", error=REDACTION_FAILED
            )
        return Findings(extraction=self.reading.outcome, error=self.reading.reason)
