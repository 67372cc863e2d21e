"""Store what evaluators say as scores, and list what they could not judge; each is counted with its own write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.evaluator import Judgement
from chalicelib.domain.times import format_time
from chalicelib.services.evaluation.judged_scores import judged_at, score_of
from chalicelib.services.evaluation.pairs import Pair
from chalicelib.services.lineage.scoring import Scoring
from chalicelib.services.ports import Clock, Failure, Judgements, Score
from chalicelib.services.telemetry import Telemetry

MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Writes judgements. Repeating it, by anybody, writes what is missing and counts nothing twice."""

    judgements: Judgements
    scoring: Scoring
    clock: Clock
    telemetry: Telemetry

    def store(self, tenant: str, judged: Sequence[tuple[Pair, Judgement]]) -> None:
        """Store scores as any others; those that a generation has no room for are listed. Raises Unavailable."""
        day = self._now()[: len("2026-01-01")]

        def commit(of: str, owner: str, scores: Sequence[Score]) -> list[bool]:
            fresh = self.judgements.commit(of, owner, scores, day)
            self.telemetry.metrics.count("judged", sum(fresh))
            return fresh

        scores = [score_of(pair.evaluator, pair.resource, judgement) for pair, judgement in judged]
        outcomes = self.scoring(tenant, scores, commit)
        refused = [(pair, outcome.error) for (pair, _), outcome in zip(judged, outcomes, strict=True) if outcome.error]
        self.list_failed(tenant, refused)

    def list_failed(self, tenant: str, failed: Iterable[tuple[Pair, str]]) -> None:
        """List pairs under the failures of their evaluators, each with its reason. Raises Unavailable."""
        now = self._now()
        failures = [
            Failure(
                score_id=pair.score_id,
                evaluator_id=pair.evaluator.id,
                version=pair.evaluator.version,
                generation_id=pair.generation_id,
                created_at=judged_at(pair.evaluator, pair.resource["created_at"]),
                reason=reason[:MOST_REASON],
                failed_at=now,
            )
            for pair, reason in failed
        ]
        if failures:
            fresh = self.judgements.fail(tenant, failures, now[: len("2026-01-01")])
            self.telemetry.metrics.count("not_judged", sum(fresh))

    def missing(self, tenant: str, pairs: Sequence[Pair], *, look: bool) -> list[Pair]:
        """The pairs without a score. Looked up for hooks, and for all with `look`: it is right without, and dearer."""
        asked = [pair.score_id for pair in pairs if look or pair.asks]
        known = self.judgements.scored(tenant, asked) if asked else set()
        return [pair for pair in pairs if pair.score_id not in known]

    def _now(self) -> str:
        return format_time(self.clock.now())
