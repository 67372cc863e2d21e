"""Try an evaluator on one generation: nothing is written, and nobody remembers."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.content import stored_json
from chalicelib.domain.evaluator import Evaluator, Judgement, JudgingFailed
from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.generation import Generation
from chalicelib.domain.judging.matching import matches, sampled
from chalicelib.domain.resource import Findings, Receipt, payload_of, summarise
from chalicelib.domain.times import format_time
from chalicelib.services.evaluation.pairs import Judge
from chalicelib.services.evaluation.subjects import Subject, Subjects
from chalicelib.services.ports import Clock, Prices
from chalicelib.services.pricing import cost_of


@dataclass(frozen=True, slots=True)
class Trial:
    """What an evaluator would do with a generation. Either `judgement` or `error` is there."""

    matches: bool
    sampled: bool
    judgement: Judgement | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Trying:
    """The use case behind `POST /evaluators/{evaluator_id}/test`."""

    subjects: Subjects
    judge: Judge
    redact: Callable[[Generation, bytes], Generation]
    prices: Prices
    clock: Clock

    def stored(self, tenant: str, evaluator: Evaluator, generation_id: str) -> Trial:
        """On one that is stored. Raises NotFound."""
        return self._try(evaluator, self.subjects.one(tenant, generation_id))

    def sent(self, tenant: str, evaluator: Evaluator, generation: Generation) -> Trial:
        """On one that comes with the request, as it would be stored and processed."""
        kept = self.redact(generation, stored_json(generation))
        reading = read_exchange(kept)
        findings = Findings(
            cost_usd=cost_of(reading.generation, self.prices),
            state="processed",
            extraction=reading.outcome,
            error=reading.reason,
        )
        receipt = Receipt(tenant, format_time(self.clock.now()))
        resource = {**summarise(reading.generation, receipt, findings), **payload_of(reading.generation)}
        return self._try(evaluator, Subject(resource))

    def _try(self, evaluator: Evaluator, subject: Subject) -> Trial:
        resource = subject.resource
        matched = matches(evaluator.filter, resource)
        chosen = sampled(evaluator.id, resource["id"], evaluator.sampling_rate)
        if subject.fault:
            return Trial(matched, chosen, error=subject.fault)
        try:
            return Trial(matched, chosen, self.judge(evaluator, resource))
        except JudgingFailed as failed:
            return Trial(matched, chosen, error=failed.message)
