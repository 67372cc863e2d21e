"""Which of the generations that were just processed are to be judged.

What has ended for good is judged, and nothing else: a run that counts as abandoned has not, for somebody may still say
how it went.
"""

from collections.abc import Callable, Iterable, Sequence

from chalicelib.domain.evaluator import Evaluator
from chalicelib.domain.judging.matching import matches, sampled
from chalicelib.domain.resource import expand
from chalicelib.domain.run import ENDS, Course
from chalicelib.services.evaluation.evaluate_messages import judge_messages
from chalicelib.services.evaluation.evaluator_sets import EvaluatorSets
from chalicelib.services.messages import ProcessMessage
from chalicelib.services.ports import Entry, Head
from chalicelib.services.showing import Resource, Stored
from chalicelib.services.stored import Stored as StoredGeneration

Due = Callable[[ProcessMessage, Sequence[tuple[StoredGeneration, Entry]]], list[str]]
"""Bodies for the evaluate queue, of what a message has had listed."""


def nothing_due(_cause: ProcessMessage, _listed: Sequence[tuple[StoredGeneration, Entry]]) -> list[str]:
    """For where nobody judges."""
    return []


def can_be_judged(head: Head, summary: Stored, course: Course | None) -> bool:
    """Whether a generation is processed, has ended for good and still has its content."""
    final = course is None or (course.ended and not course.abandoned)
    processed = summary.get("processing", {}).get("state") == "processed"
    return final and processed and summary.get("status") in ENDS and head.purged_at is None


def wanted_by(evaluators: Iterable[Evaluator], resource: Resource) -> list[Evaluator]:
    """The evaluators that judge a generation, by their filters and samples."""
    return [
        one
        for one in evaluators
        if sampled(one.id, resource["id"], one.sampling_rate) and matches(one.filter, resource)
    ]


class DueForJudging:
    """Finds what is due. An evaluator is known here 30 s after it was configured at the latest."""

    def __init__(self, sets: EvaluatorSets) -> None:
        self._sets = sets

    def __call__(self, cause: ProcessMessage, listed: Sequence[tuple[StoredGeneration, Entry]]) -> list[str]:
        """Messages about what some evaluator wants. Raises Unavailable."""
        ended = [entry for one, entry in listed if can_be_judged(one.head, entry.summary, one.course)]
        evaluators = self._sets.recent(cause.tenant) if ended else []
        if not evaluators:
            return []
        wanted = [entry.id for entry in ended if wanted_by(evaluators, expand(entry.summary))]
        return judge_messages(cause.tenant, cause.correlation_id, wanted)
