"""The composition root: settings → adapters → services, made once per process, on first use.

Nothing here runs at import. Tests make their own `Ports` and install a container over them.
"""

from dataclasses import dataclass, field
from functools import cached_property

from chalicelib.observability.logs import configure, log
from chalicelib.observability.metrics import Metrics
from chalicelib.observability.tracing import NullTracer, Tracer, tracer_for
from chalicelib.services.agents import Agents
from chalicelib.services.ingest import Ingest
from chalicelib.services.ports import Ports
from chalicelib.services.process import Process, ProcessingPorts
from chalicelib.services.reading import Reading
from chalicelib.services.resend import Resend
from chalicelib.services.telemetry import Telemetry
from chalicelib.settings import Settings, invocation_trace_header

SERVICE = "catchment"


@dataclass(frozen=True)
class Container:
    """The use cases of one process; each is made when it is first asked for."""

    settings: Settings
    ports: Ports
    tracer: Tracer = field(default_factory=NullTracer)

    @cached_property
    def ingest_telemetry(self) -> Telemetry:
        """Trace and metrics of the way in."""
        return Telemetry(self.tracer, Metrics("ingest"))

    @cached_property
    def process_telemetry(self) -> Telemetry:
        """Trace and metrics of the workers."""
        return Telemetry(self.tracer, Metrics("process"))

    @cached_property
    def ingest(self) -> Ingest:
        """Take generations in."""
        ports = self.ports
        return Ingest(ports.store, ports.outbox, ports.queue, ports.clock, ports.new_key, self.ingest_telemetry)

    @cached_property
    def process(self) -> Process:
        """Process what was taken in."""
        ports = self.ports
        processing = ProcessingPorts(
            ports.store, ports.index, ports.dependencies, ports.catalog, ports.prices, ports.clock
        )
        return Process(processing, self.process_telemetry, self.settings.indexed_tags)

    @cached_property
    def resend(self) -> Resend:
        """Keep the outbox's promises."""
        ports = self.ports
        return Resend(ports.outbox, ports.queue, ports.clock, self.process_telemetry, self.settings.resend_limit)

    @cached_property
    def reading(self) -> Reading:
        """Read generations."""
        return Reading(self.ports.store, self.ports.index)

    @cached_property
    def agents(self) -> Agents:
        """Read the agent catalog."""
        return Agents(self.ports.catalog, self.ports.store)


_installed: Container | None = None


def container() -> Container:
    """This process's container. Raises InvalidSettings when the environment is contradictory or unsafe."""
    return _installed or install(over_aws(Settings.from_env()))


def install(made: Container) -> Container:
    """Make `made` this process's container."""
    global _installed  # noqa: PLW0603 - one per process is the point
    configure(made.settings.log_level, SERVICE)
    if made.settings.auth_enabled and not made.settings.auth_require_key:
        log("tenant_header_trusted", level="WARNING")
    _installed = made
    return made


def uninstall() -> None:
    """Forget the container; the next call of `container` makes a new one."""
    global _installed  # noqa: PLW0603 - one per process is the point
    _installed = None


def over_aws(settings: Settings) -> Container:
    """A container over the AWS adapters, which are imported only here."""
    from chalicelib.adapters.aws_ports import aws_ports

    tracer = tracer_for(settings.tracing_enabled, settings.in_lambda, invocation_trace_header)
    return Container(settings, aws_ports(settings), tracer)
