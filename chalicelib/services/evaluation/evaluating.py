"""Have generations judged by their tenant's evaluators, and store what these say as scores.

A message is worked off within a slice of time, and what is left of it is sent on before it is done. Whatever is written
has an id that follows from evaluator, version and generation, so that a message which comes again, at any point, writes
what is missing and counts nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.errors import Unavailable
from chalicelib.services.evaluation.due import wanted_by
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE, ToJudge, ToTryAgain, judge_messages
from chalicelib.services.evaluation.evaluator_sets import EvaluatorSets
from chalicelib.services.evaluation.pairs import Bench, Pair
from chalicelib.services.evaluation.subjects import Subjects
from chalicelib.services.evaluation.verdicts import Verdicts
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Clock

SLICE = timedelta(seconds=45)
"""A wave of hooks takes little over 10 s: whatever has begun by then ends well before the function has to."""


class NotJudged(Unavailable):
    """Some hooks have not answered; trying again later is right."""

    code = "NOT_JUDGED"


@dataclass(frozen=True, slots=True)
class Evaluating:
    """The use case behind the messages of the evaluate queue that name generations."""

    sets: EvaluatorSets
    subjects: Subjects
    bench: Bench
    verdicts: Verdicts
    outgoing: Outgoing
    clock: Clock

    def judge(self, message: ToJudge) -> None:
        """Judge what a message names. Hooks that may answer later get messages of their own. Raises Unavailable."""
        by_evaluator: dict[str, list[str]] = {}
        for pair, _ in self._work(message, message.generation_ids, message.evaluator_ids):
            by_evaluator.setdefault(pair.evaluator.id, []).append(pair.generation_id)
        bodies = [
            ToTryAgain(
                tenant=message.tenant,
                correlation_id=message.correlation_id,
                evaluator_id=evaluator_id,
                generation_ids=tuple(ids),
            ).encode()
            for evaluator_id, ids in by_evaluator.items()
        ]
        self.outgoing.send(EVALUATE_QUEUE, bodies)

    def try_again(self, message: ToTryAgain, *, last: bool) -> None:
        """Ask a hook once more; what it does not answer the `last` time is listed. Raises NotJudged and Unavailable."""
        again = self._work(message, message.generation_ids, (message.evaluator_id,))
        if again and not last:
            raise NotJudged(again[0][1])
        self.verdicts.list_failed(message.tenant, again)

    def _work(
        self, message: ToJudge | ToTryAgain, generation_ids: Sequence[str], evaluator_ids: Sequence[str] | None
    ) -> list[tuple[Pair, str]]:
        """Judge and store, and send on what there was no time for; gives the pairs to be tried again."""
        tenant = message.tenant
        end = self.clock.now() + SLICE
        current = self.sets.current(tenant)
        evaluators = [one for one in current if evaluator_ids is None or one.id in evaluator_ids]
        again: list[tuple[Pair, str]] = []
        if not evaluators:
            return again
        left = dict.fromkeys(generation_ids)
        for subjects in self.subjects.of(tenant, generation_ids):
            pairs = [
                Pair(one, subject.resource, subject.fault)
                for subject in subjects
                for one in wanted_by(evaluators, subject.resource)
            ]
            outcome = self.bench(self.verdicts.missing(tenant, pairs, look=evaluator_ids is not None), end)
            self.verdicts.store(tenant, outcome.judged)
            self.verdicts.list_failed(tenant, outcome.failed)
            self._send_on(message, outcome.left)
            again += outcome.again
            for subject in subjects:
                left.pop(subject.resource["id"])
            if left and self.clock.now() >= end:
                rest = judge_messages(tenant, message.correlation_id, list(left), evaluator_ids)
                self.outgoing.send(EVALUATE_QUEUE, rest)
                break
        return again

    def _send_on(self, message: ToJudge | ToTryAgain, left: Sequence[Pair]) -> None:
        """Each generation with the evaluators that it still lacks; those that lack the same travel together."""
        lacking: dict[str, list[str]] = {}
        for pair in left:
            lacking.setdefault(pair.generation_id, []).append(pair.evaluator.id)
        together: dict[tuple[str, ...], list[str]] = {}
        for generation_id, evaluator_ids in lacking.items():
            together.setdefault(tuple(evaluator_ids), []).append(generation_id)
        for named, ids in together.items():
            bodies = judge_messages(message.tenant, message.correlation_id, ids, named)
            self.outgoing.send(EVALUATE_QUEUE, bodies)
