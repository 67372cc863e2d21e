"""What workers and schedules do."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.evaluation import Evaluation
from chalicelib.bootstrap.running import RunningCases
from chalicelib.services.companions import CompanionPorts, Companions
from chalicelib.services.process import Process, ProcessingPorts
from chalicelib.services.purging import Purging, PurgingPorts
from chalicelib.services.resend import Resend


@dataclass(frozen=True)
class Processing(RunningCases, Evaluation):
    """What workers and schedules do; each is made when it is first asked for."""

    @cached_property
    def process(self) -> Process:
        """Process what was taken in."""
        processing = self.narrowed(ProcessingPorts)
        return Process(
            processing, self.process_telemetry, self.settings.indexed_tags, self.patience, self.due_for_judging
        )

    @cached_property
    def resend(self) -> Resend:
        """Keep the outbox's promises."""
        ports = self.ports
        return Resend(ports.outbox, ports.queue, ports.clock, self.process_telemetry, self.settings.resend_limit)

    @cached_property
    def purging(self) -> Purging:
        """Take content away."""
        companions = Companions(self.narrowed(CompanionPorts))
        return Purging(self.narrowed(PurgingPorts), companions, self.outgoing, self.tracer)
