"""What opens, moves and ends runs."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.intake import Intake
from chalicelib.domain.run import Patience
from chalicelib.services.abandoning import Abandoning
from chalicelib.services.runs import RunPorts, Runs


@dataclass(frozen=True)
class RunCases(Intake):
    """What opens, moves and ends runs; each is made when it is first asked for."""

    @cached_property
    def run_ports(self) -> RunPorts:
        """What runs are kept in."""
        return RunPorts(self.ports.store, self.ports.courses, self.ports.clock, self.ports.new_key)

    @cached_property
    def patience(self) -> Patience:
        """When a run counts as abandoned."""
        settings = self.settings
        return Patience(
            settings.stale_run_seconds, settings.stale_action_seconds, retries=settings.retry_interrupted_runs
        )

    @cached_property
    def runs(self) -> Runs:
        """Open and move runs."""
        return Runs(self.run_ports, self.ingest, self.outgoing, self.redactor)

    @cached_property
    def abandoning(self) -> Abandoning:
        """Fail abandoned runs."""
        return Abandoning(
            self.run_ports, self.outgoing, self.patience, self.process_telemetry, self.settings.resend_limit
        )
