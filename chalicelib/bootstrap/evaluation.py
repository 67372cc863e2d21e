"""What judges generations, and what sets it up."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.lineage import LineageCases
from chalicelib.bootstrap.views import Views
from chalicelib.services.evaluation.backfilling import Backfilling, BackfillingPorts
from chalicelib.services.evaluation.due import DueForJudging
from chalicelib.services.evaluation.evaluate import Evaluate
from chalicelib.services.evaluation.evaluating import Evaluating
from chalicelib.services.evaluation.evaluator_results import EvaluatorResults
from chalicelib.services.evaluation.evaluator_sets import EvaluatorSets
from chalicelib.services.evaluation.evaluators import EvaluatorSettings
from chalicelib.services.evaluation.judging import Judging
from chalicelib.services.evaluation.pairs import Bench
from chalicelib.services.evaluation.subjects import Subjects
from chalicelib.services.evaluation.trying import Trying
from chalicelib.services.evaluation.verdicts import Verdicts
from chalicelib.services.showing import Showing


@dataclass(frozen=True)
class Evaluation(LineageCases, Views):
    """What judges generations, and what sets it up; each is made when it is first asked for."""

    @cached_property
    def evaluator_sets(self) -> EvaluatorSets:
        """Know tenants' evaluators."""
        return EvaluatorSets(self.ports.evaluators, self.ports.clock)

    @cached_property
    def due_for_judging(self) -> DueForJudging:
        """Find what is to be judged."""
        return DueForJudging(self.evaluator_sets)

    @cached_property
    def evaluators(self) -> EvaluatorSettings:
        """Set evaluators."""
        ports = self.ports
        return EvaluatorSettings(ports.evaluators, ports.clock, ports.new_secret, self.settings.evaluator_allowed_hosts)

    @cached_property
    def evaluator_results(self) -> EvaluatorResults:
        """Read what evaluators have judged."""
        return EvaluatorResults(self.ports.judgements)

    @cached_property
    def subjects(self) -> Subjects:
        """Read what is to be judged."""
        ports = self.ports
        showing = Showing(ports.store, self.flags, ports.courses)
        return Subjects(ports.store, ports.index, ports.courses, showing)

    @cached_property
    def trying(self) -> Trying:
        """Try evaluators."""
        return Trying(self.subjects, self.judging, self.redactor, self.ports.prices, self.ports.clock)

    @cached_property
    def evaluate(self) -> Evaluate:
        """Have generations judged."""
        return Evaluate(self.evaluating, self.backfilling, self.evaluate_telemetry)

    @cached_property
    def evaluating(self) -> Evaluating:
        """Judge what messages name."""
        ports = self.ports
        return Evaluating(
            self.evaluator_sets,
            self.subjects,
            Bench(self.judging, ports.at_once, ports.clock),
            Verdicts(ports.judgements, self.scoring, ports.clock, self.evaluate_telemetry),
            self.outgoing,
            ports.clock,
        )

    @cached_property
    def backfilling(self) -> Backfilling:
        """Judge what is there already."""
        return Backfilling(self.narrowed(BackfillingPorts), self.outgoing, self.settings.indexed_tags)

    @cached_property
    def judging(self) -> Judging:
        """Judge by an evaluator of any kind."""
        return Judging(self.ports.courier, self.ports.clock, self.settings.evaluator_allowed_hosts)
