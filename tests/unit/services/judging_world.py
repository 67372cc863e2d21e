"""A world in which generations are judged while workers die, and what must hold when it has come to rest."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.evaluator import Evaluator, Filter, Judgement, Kind
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.evaluation.backfilling import Backfilling, BackfillingPorts, BackfillWanted
from chalicelib.services.evaluation.due import DueForJudging
from chalicelib.services.evaluation.evaluate import Evaluate
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE, decode
from chalicelib.services.evaluation.evaluating import LAST_TRY, Evaluating
from chalicelib.services.evaluation.evaluator_sets import EvaluatorSets
from chalicelib.services.evaluation.pairs import Bench
from chalicelib.services.evaluation.places import Places
from chalicelib.services.evaluation.subjects import Subjects
from chalicelib.services.evaluation.verdicts import Verdicts
from chalicelib.services.lineage.flag_messages import decode as decode_flag
from chalicelib.services.lineage.flagging import FLAG_QUEUE, Flagging, FlaggingPorts
from chalicelib.services.lineage.flags import Flags
from chalicelib.services.lineage.scoring import Scoring
from chalicelib.services.lineage.walk import Walker
from chalicelib.services.messages import decode as decode_process
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Counts, EvaluatorSet, Failure, Ports
from chalicelib.services.process import Process
from chalicelib.services.showing import Showing
from tests.contract.grounds import promised
from tests.fakes.evaluators import FakeEvaluators
from tests.unit.services.watched import Dying, Hook, Killed, watched
from tests.unit.services.world import LONGEST_CALM, World, processing_ports, quiet

FIRST_DAY, LAST_DAY = "2000-01-01", "9999-12-31"
FAR_ROW = 1_000

Judging = Callable[[Evaluator, Mapping[str, Any]], Judgement]


def by_text(evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
    """Fails what has the word of the evaluator's config in its completion."""
    failed = evaluator.config["word"] in resource["completion"]
    return Judgement(not failed, not failed, f"judged by version {evaluator.version}")


def evaluator(name: str = "judge", word: str = "bad", kind: Kind = "regex", **fields: Any) -> Evaluator:
    """The first version of an evaluator."""
    made = Evaluator(name, 1, "regex", {"word": word}, "quality", "2026-05-01T11:00:00.000000Z", Filter())
    return replace(made, kind=kind, **fields)


class Frozen(FakeEvaluators):
    """Evaluators as they were when only one of them was there."""

    def __init__(self, one: Evaluator) -> None:
        super().__init__()
        self._set = EvaluatorSet(1, (one,))

    def version(self, tenant: str) -> int:  # noqa: ARG002 - of any tenant
        return self._set.version

    def all(self, tenant: str) -> EvaluatorSet:  # noqa: ARG002 - of any tenant
        return self._set


class JudgingWorld(World):
    """One tenant with evaluators. `judge` may be changed; `asked` notes every judgement that was made."""

    def __init__(self, *evaluators: Evaluator) -> None:
        super().__init__()
        self.judge: Judging = by_text
        self.asked: list[tuple[str, int, str]] = []
        self.places = Places()
        for one in evaluators:
            self.configure(one)

    def configure(self, one: Evaluator) -> None:
        """Set an evaluator, or its next version."""
        assert self.ground.ports.evaluators.put(self.tenant, one)

    def change(self, name: str, **fields: Any) -> Evaluator:
        """The next version of an evaluator, made now."""
        present = self.ground.ports.evaluators.get(self.tenant, name)
        assert present is not None
        changed = replace(present, version=present.version + 1, **fields)
        self.configure(changed)
        return changed

    def process(self, body: str, hook: Hook | None = None) -> bool:
        """Whether a message of the process queue was worked off."""
        ports = watched(self.ground.ports, hook or Dying())
        due = DueForJudging(EvaluatorSets(ports.evaluators, ports.clock))
        try:
            Process(processing_ports(ports), quiet(), due=due)(decode_process(body))
        except (Killed, Unavailable):
            return False
        return True

    def evaluate_of(self, ports: Ports) -> Evaluate:
        """The use case behind the evaluate queue, in a process of its own."""
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        redact = Redactor(Rules()).value
        scoring = Scoring(ports.scores, ports.lineage, outgoing, ports.new_key, redact)
        showing = Showing(ports.store, Flags(ports.lineage, ports.store, ports.index), ports.courses)
        evaluating = Evaluating(
            EvaluatorSets(ports.evaluators, ports.clock),
            Subjects(ports.store, ports.index, ports.courses, showing),
            Bench(self._judged, ports.at_once, ports.clock),
            Verdicts(ports.judgements, scoring, ports.clock, quiet()),
            outgoing,
            ports.clock,
            self.places,
        )
        return Evaluate(evaluating, self.backfilling_of(ports), quiet())

    def backfilling_of(self, ports: Ports) -> Backfilling:
        """The use cases of backfills."""
        narrowed = BackfillingPorts(
            ports.evaluators, ports.backfills, ports.index, ports.queue, ports.clock, ports.new_key
        )
        return Backfilling(narrowed, Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer()), ())

    def backfill(self, name: str = "judge", hook: Hook | None = None, rate: int = 3, **wanted: Any) -> bool:
        """Whether the request to backfill was answered."""
        asked = replace(BackfillWanted(None, None, Filter(), rate), **wanted)
        ports = watched(self.ground.ports, hook or Dying())
        try:
            self.backfilling_of(ports).start(self.tenant, name, asked)
        except (Killed, Unavailable):
            return False
        return True

    def _judged(self, one: Evaluator, resource: Mapping[str, Any]) -> Judgement:
        self.asked.append((one.id, one.version, resource["id"]))
        return self.judge(one, resource)

    def handle(
        self, body: str, hook: Hook | None = None, *, last: bool = False, as_of: Evaluator | None = None
    ) -> bool:
        """Whether a message of the evaluate queue was worked off, by a worker that may know an earlier version."""
        ports = watched(self.ground.ports, hook or Dying())
        if as_of:
            ports = replace(ports, evaluators=Frozen(as_of))
        try:
            self.evaluate_of(ports)(decode(body), LAST_TRY if last else 1)
        except (Killed, Unavailable):
            return False
        return True

    def work_evaluations(self, hook: Hook | None = None) -> int:
        """Handle each message, up to its last receive; gives how many there were."""
        bodies = [message.body for message in self.ground.take(EVALUATE_QUEUE)]
        for body in bodies:
            for received in range(1, LAST_TRY + 1):
                if self.handle(body, hook, last=received == LAST_TRY):
                    break
        return len(bodies)

    def work_flags(self) -> int:
        """The same of the flag queue."""
        bodies = [message.body for message in self.ground.take(FLAG_QUEUE)]
        ports = self.ground.ports
        narrowed = FlaggingPorts(ports.store, ports.lineage, ports.scores, ports.walks, ports.queue, ports.clock)
        walker = Walker(ports.lineage, ports.clock, ports.at_once)
        for body in bodies:
            Flagging(narrowed, walker, lambda *_: None, NullTracer(), flag_failed_runs=True)(decode_flag(body))
        return len(bodies)

    def wake(self) -> None:
        """One run of the schedule's part for backfills."""
        self.backfilling_of(self.ground.ports).wake()

    def rest(self) -> None:
        """Let time pass until there is nothing left to do."""
        for _ in range(LONGEST_CALM * 5):
            self.work()
            worked = self.work_evaluations() + self.work_flags()
            running = self.ground.ports.backfills.due(10**15, FAR_ROW)
            if not worked and not self.collect() and not promised(self.ground) and not running:
                return
            if not worked:
                self.clock.advance(61_000)
                self.resend()
                self.wake()
        raise AssertionError("the work does not end")

    def scores(self, generation_id: str) -> list[dict[str, Any]]:
        """The scores filed with a generation, newest first."""
        rows = self.ground.ports.scores.of_generation(self.tenant, generation_id, None, 1_000).rows
        return [dict(row) for row in rows]

    def verdict(self, generation_id: str) -> str:
        """What a reader is told."""
        ports = self.ground.ports
        flags = Flags(ports.lineage, ports.store, ports.index)
        return str(flags.of(self.tenant, [generation_id])[generation_id]["verdict"])

    def counts(self, name: str = "judge") -> dict[int, Counts]:
        """What was counted of each version, whatever the day."""
        counted = self.ground.ports.judgements.counts(self.tenant, name, FIRST_DAY, LAST_DAY)
        sums: dict[int, Counts] = {}
        for (_, version), one in counted.items():
            old = sums.get(version, Counts())
            sums[version] = Counts(
                old.judged + one.judged, old.passed + one.passed, old.failed + one.failed, old.errors + one.errors
            )
        return sums

    def failures(self, name: str = "judge") -> list[Failure]:
        """What is listed as a failure."""
        return list(self.ground.ports.judgements.failures(self.tenant, name, None, 1_000).rows)
