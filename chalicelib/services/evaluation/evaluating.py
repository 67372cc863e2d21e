"""Have generations judged by their tenant's evaluators, and store what these say as scores.

A message is worked off within a slice of time, and what is left of it is sent on before it is done. Hooks are asked by
messages of their own, within a shorter slice and a few at once for each tenant: nobody else's scores wait for them.
Whatever is written has an id that follows from evaluator, version and generation, so that a message which comes again,
at any point, writes what is missing and counts nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.evaluator import Evaluator
from chalicelib.services.evaluation.due import wanted_by
from chalicelib.services.evaluation.evaluate_messages import (
    EVALUATE_QUEUE,
    ToJudge,
    ToTryAgain,
    again_messages,
    judge_messages,
    lacking_messages,
)
from chalicelib.services.evaluation.evaluator_sets import EvaluatorSets
from chalicelib.services.evaluation.pairs import Bench, Pair
from chalicelib.services.evaluation.places import Places
from chalicelib.services.evaluation.subjects import Subject, Subjects
from chalicelib.services.evaluation.verdicts import Verdicts
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Clock

SLICE = timedelta(seconds=45)
HOOK_SLICE = timedelta(seconds=10)
"""A wave of hooks takes little over 10 s: one that has begun by then ends after twice as long."""
PAUSE_SECONDS = 5
"""Between the parts of a message about hooks; meanwhile others have their turn."""
FIRST_DELAY_SECONDS = 30
"""Before a hook is asked again for the first time."""
LAST_TRY = 4
"""Of a message about what is to be tried again. Its queue gives it one more: this one may die."""

GIVEN_UP = "judging has failed over and over"


class NotJudged(Unavailable):
    """Some hooks have not answered; trying again later is right."""

    code = "NOT_JUDGED"


@dataclass
class _Rest:
    """What is left of a message's work.

    `again` are the pairs that may be judged later, with reasons; `left` those there was no time for; `unread` the
    generations that nobody has looked at; `to_ask` those that hooks want.
    """

    again: list[tuple[Pair, str]] = field(default_factory=list)
    left: list[Pair] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    to_ask: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Evaluating:
    """The use case behind the messages of the evaluate queue that name generations."""

    sets: EvaluatorSets
    subjects: Subjects
    bench: Bench
    verdicts: Verdicts
    outgoing: Outgoing
    clock: Clock
    places: Places = field(default_factory=Places)

    def judge(self, message: ToJudge) -> None:
        """Judge what a message names; hooks are asked by it only if it names nobody else. Raises Unavailable."""
        evaluators = self._named(message.tenant, message.evaluator_ids)
        hooks = [one for one in evaluators if one.asks]
        pure = [one for one in evaluators if not one.asks]
        if pure:
            self._judge_at_once(message, pure, hooks)
        elif hooks:
            self._ask(message, hooks)

    def try_again(self, message: ToTryAgain, received: int) -> None:
        """Ask a hook once more; what it does not answer the last time is listed. Raises NotJudged and Unavailable."""
        tenant, tried = message.tenant, message.tried + received
        hooks = self._named(tenant, (message.evaluator_id,))
        with self.places.one(tenant) as free:
            if not free:
                self._send(tenant, [message.model_copy(update={"tried": tried - 1}).encode()], PAUSE_SECONDS)
                return
            rest = self._work(tenant, message.generation_ids, hooks, HOOK_SLICE)
        if rest.again and tried < LAST_TRY:
            raise NotJudged(rest.again[0][1])  # all of the message comes again, with what there was no time for
        self.verdicts.list_failed(tenant, rest.again)
        self._send_on(message, rest, (message.evaluator_id,), PAUSE_SECONDS)

    def give_up(self, message: ToJudge | ToTryAgain) -> None:
        """List what has no score yet: the message has failed for the last time. Raises Unavailable."""
        named = message.evaluator_ids if isinstance(message, ToJudge) else (message.evaluator_id,)
        evaluators = self._named(message.tenant, named)
        for subjects in self.subjects.of(message.tenant, message.generation_ids) if evaluators else ():
            left = self.verdicts.missing(message.tenant, _pairs(evaluators, subjects), look=True)
            self.verdicts.list_failed(message.tenant, [(pair, GIVEN_UP) for pair in left])

    def _judge_at_once(self, message: ToJudge, pure: Sequence[Evaluator], hooks: Sequence[Evaluator]) -> None:
        named = message.evaluator_ids is not None
        rest = self._work(message.tenant, message.generation_ids, pure, SLICE, hooks, look=named)
        self._send_on(message, rest, message.evaluator_ids)
        asking = judge_messages(message.tenant, message.correlation_id, rest.to_ask, [one.id for one in hooks])
        self._send(message.tenant, asking)

    def _ask(self, message: ToJudge, hooks: Sequence[Evaluator]) -> None:
        with self.places.one(message.tenant) as free:
            if not free:
                self._send(message.tenant, [message.encode()], PAUSE_SECONDS)
                return
            rest = self._work(message.tenant, message.generation_ids, hooks, HOOK_SLICE)
        self._send_on(message, rest, [one.id for one in hooks], PAUSE_SECONDS)
        pairs = [pair for pair, _ in rest.again]
        bodies = again_messages(message.tenant, message.correlation_id, pairs)
        self._send(message.tenant, bodies, FIRST_DELAY_SECONDS)

    def _named(self, tenant: str, evaluator_ids: Sequence[str] | None) -> list[Evaluator]:
        current = self.sets.current(tenant)
        return [one for one in current if evaluator_ids is None or one.id in evaluator_ids]

    def _work(
        self,
        tenant: str,
        generation_ids: Sequence[str],
        evaluators: Sequence[Evaluator],
        slice_: timedelta,
        hooks: Sequence[Evaluator] = (),
        *,
        look: bool = True,
    ) -> _Rest:
        """Judge by `evaluators` and store, for as long as the slice lasts; says what `hooks` are to be asked about."""
        end = self.clock.now() + slice_
        rest = _Rest()
        unread = dict.fromkeys(generation_ids)
        for subjects in self.subjects.of(tenant, generation_ids) if evaluators else ():
            pairs = _pairs(evaluators, subjects)
            outcome = self.bench(self.verdicts.missing(tenant, pairs, look=look), end)
            self.verdicts.store(tenant, outcome.judged)
            self.verdicts.list_failed(tenant, outcome.failed)
            rest.again += outcome.again
            rest.left += outcome.left
            for subject in subjects:
                unread.pop(subject.resource["id"])
            rest.to_ask += [subject.resource["id"] for subject in subjects if wanted_by(hooks, subject.resource)]
            if unread and self.clock.now() >= end:
                rest.unread = list(unread)
                break
        return rest

    def _send_on(
        self, message: ToJudge | ToTryAgain, rest: _Rest, evaluator_ids: Sequence[str] | None, delay_s: int = 0
    ) -> None:
        bodies = lacking_messages(message.tenant, message.correlation_id, rest.left)
        bodies += judge_messages(message.tenant, message.correlation_id, rest.unread, evaluator_ids)
        self._send(message.tenant, bodies, delay_s)

    def _send(self, tenant: str, bodies: Sequence[str], delay_s: int = 0) -> None:
        self.outgoing.send(EVALUATE_QUEUE, bodies, delay_s=delay_s, group=tenant)


def _pairs(evaluators: Sequence[Evaluator], subjects: Sequence[Subject]) -> list[Pair]:
    """Each generation with the evaluators that want it."""
    return [
        Pair(one, subject.resource, subject.fault)
        for subject in subjects
        for one in wanted_by(evaluators, subject.resource)
    ]
