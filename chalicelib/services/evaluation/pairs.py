"""Pairs of an evaluator and a generation, and what becomes of them within a slice of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.evaluator import Evaluator, Judgement, JudgingFailed
from chalicelib.domain.judging.matching import score_id_of
from chalicelib.services.ports import AtOnce, Clock
from chalicelib.services.showing import Resource

WAVE = 16
"""Hooks that are called at once."""

Judge = Callable[[Evaluator, Resource], Judgement]
"""Raises JudgingFailed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One evaluator and one generation that it wants; with a `fault`, nobody can judge the generation."""

    evaluator: Evaluator
    resource: Resource
    fault: str = ""

    @property
    def generation_id(self) -> str:
        """The generation's id."""
        return str(self.resource["id"])

    @property
    def asks(self) -> bool:
        """Whether judging asks somebody outside."""
        return self.evaluator.asks and not self.fault

    @property
    def score_id(self) -> str:
        """The id of the score there is, or will be."""
        return score_id_of(self.evaluator, self.generation_id)


@dataclass
class Outcome:
    """What has become of pairs: judgements, failures for good, failures that may pass, and pairs there was no time for.

    Failures come with their reasons.
    """

    judged: list[tuple[Pair, Judgement]] = field(default_factory=list)
    failed: list[tuple[Pair, str]] = field(default_factory=list)
    again: list[tuple[Pair, str]] = field(default_factory=list)
    left: list[Pair] = field(default_factory=list)

    def note(self, pair: Pair, answer: Judgement | JudgingFailed) -> None:
        """Add an answer where it belongs."""
        if isinstance(answer, Judgement):
            self.judged.append((pair, answer))
        else:
            (self.again if answer.again else self.failed).append((pair, answer.message))


@dataclass(frozen=True, slots=True)
class Bench:
    """Judges pairs: the pure ones one after the other, hooks at once, in waves."""

    judge: Judge
    at_once: AtOnce
    clock: Clock

    def __call__(self, pairs: Sequence[Pair], end: datetime) -> Outcome:
        """Judge until `end`, and at least one pair, so that what is sent on comes to an end.

        When nobody of a wave of hooks has answered, those after it are left, too: they would wait as long.
        """
        outcome = Outcome()
        asking = [pair for pair in pairs if pair.asks]
        waves = [[pair] for pair in pairs if not pair.asks]
        waves += [asking[at : at + WAVE] for at in range(0, len(asking), WAVE)]
        stalled = False
        for number, wave in enumerate(waves):
            if stalled or (number and self.clock.now() >= end):
                outcome.left += wave
            elif wave[0].asks:
                before = len(outcome.again)
                for pair, answer in zip(wave, self.at_once(self._answer, wave), strict=True):
                    outcome.note(pair, answer)
                stalled = len(outcome.again) - before == len(wave)
            else:
                outcome.note(wave[0], self._answer(wave[0]))
        return outcome

    def _answer(self, pair: Pair) -> Judgement | JudgingFailed:
        if pair.fault:
            return JudgingFailed(pair.fault)
        try:
            return self.judge(pair.evaluator, pair.resource)
        except JudgingFailed as failed:
            return failed
