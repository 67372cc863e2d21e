"""Empty what tells of a generation's content beside it: scores, the steps that it was made in, ratings of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from chalicelib.domain.times import format_time
from chalicelib.services.ports import Clock, NewStep, Position, Ratings, Score, Scores, Steps
from chalicelib.services.ports.ratings import RatingName
from chalicelib.services.steps import emptied

PAGE = 200


@dataclass(frozen=True, slots=True)
class CompanionPorts:
    """What stands beside generations."""

    scores: Scores
    steps: Steps
    ratings: Ratings
    clock: Clock


class Companions:
    """What goes with a generation when it is purged. Everything here may be repeated."""

    def __init__(self, ports: CompanionPorts) -> None:
        self._ports = ports

    def empty(self, tenant: str, generation_id: str) -> None:
        """Explanations, states and comments; what stays of each is said by its own type."""
        self._empty_scores(tenant, generation_id)
        for step_id in self._steps_of(tenant, generation_id):
            self.empty_step(tenant, step_id)
        self._empty_ratings(tenant, generation_id)

    def empty_step(self, tenant: str, step_id: str) -> str | None:
        """Take a step's content away, whichever generations it is linked to; gives since when, None of no such step."""
        record = self._ports.steps.some(tenant, [step_id]).get(step_id)
        if record is None:
            return None
        bare = emptied(NewStep(record, b""), format_time(self._ports.clock.now()))
        self._ports.steps.replace(tenant, bare)
        return bare.record.purged_at

    def _steps_of(self, tenant: str, generation_id: str) -> Iterator[str]:
        before: Position | None = None
        while True:
            page = self._ports.steps.newest(tenant, ("generation-steps", generation_id), before, PAGE)
            yield from (step_id for _, step_id in page)
            if len(page) < PAGE:
                return
            before = page[-1]

    def _empty_scores(self, tenant: str, generation_id: str) -> None:
        before = None
        while True:
            page = self._ports.scores.of_generation(tenant, generation_id, before, PAGE)
            scores = [Score.of(document) for document in page.rows]
            bare = [score.without_words() for score in scores]
            self._ports.scores.rewrite(tenant, [new for old, new in zip(scores, bare, strict=True) if new != old])
            before = page.last
            if before is None:
                return

    def _empty_ratings(self, tenant: str, generation_id: str) -> None:
        after: RatingName | None = None
        while True:
            page = self._ports.ratings.about(tenant, generation_id, after, PAGE)
            for conversation_id, names in groupby(page, key=lambda name: name[0]):
                self._empty_ratings_of(tenant, conversation_id, [rating_id for _, rating_id in names])
            if len(page) < PAGE:
                return
            after = page[-1]

    def _empty_ratings_of(self, tenant: str, conversation_id: str, rating_ids: list[str]) -> None:
        for rating in self._ports.ratings.some(tenant, conversation_id, rating_ids).values():
            bare = rating.without_words()
            if bare != rating:
                self._ports.ratings.rewrite(tenant, bare)
