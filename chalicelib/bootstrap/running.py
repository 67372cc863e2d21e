"""What runs agents."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.runs import RunCases
from chalicelib.services.run_configs import RunConfiguring
from chalicelib.services.running.agents import Running, RunningPorts
from chalicelib.services.running.carrying import Carrying, CarryingPorts
from chalicelib.services.running.sessions import SessionPorts, SessionRuns


@dataclass(frozen=True)
class RunningCases(RunCases):
    """What runs agents; each is made when it is first asked for."""

    @cached_property
    def carrying(self) -> Carrying:
        """Carry runs on."""
        return Carrying(
            self.runs,
            self.narrowed(CarryingPorts),
            self.settings.providers,
            retry_interrupted=self.settings.retry_interrupted_runs,
        )

    @cached_property
    def running(self) -> Running:
        """Run agents."""
        ports = self.narrowed(RunningPorts)
        return Running(self.runs, self.carrying, ports, self.outgoing, self.settings.providers)

    @cached_property
    def session_runs(self) -> SessionRuns:
        """Run agents in sessions."""
        return SessionRuns(self.narrowed(SessionPorts), self.running, self.carrying, self.redactor)

    @cached_property
    def run_configs(self) -> RunConfiguring:
        """Say with what agents run."""
        return RunConfiguring(self.ports.run_configs, self.roster, self.ports.clock, self.settings.providers)
