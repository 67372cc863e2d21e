"""What each message of the evaluate queue asks for."""

from dataclasses import dataclass

from chalicelib.observability.logs import log
from chalicelib.services.evaluation.backfilling import Backfilling
from chalicelib.services.evaluation.evaluate_messages import BackfillGoesOn, EvaluateMessage, ToTryAgain
from chalicelib.services.evaluation.evaluating import Evaluating
from chalicelib.services.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Evaluate:
    """The use case behind the evaluate queue."""

    evaluating: Evaluating
    backfilling: Backfilling
    telemetry: Telemetry

    def __call__(self, message: EvaluateMessage, received: int = 1) -> None:
        """Do what a message asks for that came for so many times. Raises Unavailable to be called again."""
        with self.telemetry.tracer.subsegment("evaluate", kind=message.kind):
            if isinstance(message, BackfillGoesOn):
                self.backfilling.go_on(message)
            elif isinstance(message, ToTryAgain):
                self.evaluating.try_again(message, received)
            else:
                self.evaluating.judge(message)

    def give_up(self, message: EvaluateMessage, reason: str) -> None:
        """Tell of a message that has failed for the last time; what it named is listed, and may be redriven."""
        log("evaluation_given_up", level="ERROR", tenant=message.tenant, kind=message.kind, reason=reason)
        if not isinstance(message, BackfillGoesOn):
            self.evaluating.give_up(message)
