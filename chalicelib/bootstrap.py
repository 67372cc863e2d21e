"""The composition root: settings → adapters → services, made once per process, on first use.

Nothing here runs at import. Tests make their own `Ports` and install a container over them.
"""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TypeVar

from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.run import Patience
from chalicelib.observability.logs import configure, log
from chalicelib.observability.metrics import Metrics
from chalicelib.observability.tracing import NullTracer, Tracer, tracer_for
from chalicelib.services.abandoning import Abandoning
from chalicelib.services.agents import Agents
from chalicelib.services.ancestry import Ancestry
from chalicelib.services.announcements import Announcements
from chalicelib.services.api_keys import KeyManagement
from chalicelib.services.dependents import Dependents
from chalicelib.services.events import Events
from chalicelib.services.fingerprints import FingerprintRecords
from chalicelib.services.flagging import Flagging, FlaggingPorts
from chalicelib.services.flags import Flags
from chalicelib.services.graph import Graph
from chalicelib.services.ingest import Ingest, IngestPorts
from chalicelib.services.key_ring import KeyRing
from chalicelib.services.limiter import Limiter
from chalicelib.services.notices import Delivery, Notices
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.people import PeoplePorts, Persons, Sessions
from chalicelib.services.ports import Ports
from chalicelib.services.process import Process, ProcessingPorts
from chalicelib.services.purging import Purging, PurgingPorts
from chalicelib.services.reading import Reading
from chalicelib.services.resend import Resend
from chalicelib.services.roster import Roster
from chalicelib.services.runs import RunPorts, Runs
from chalicelib.services.scoring import Scoring
from chalicelib.services.showing import Showing
from chalicelib.services.telemetry import Telemetry
from chalicelib.services.traces import TraceReading
from chalicelib.services.waiving import Waiving
from chalicelib.services.walk import Walker
from chalicelib.services.webhooks import WebhookSettings
from chalicelib.settings import Settings, invocation_trace_header

SERVICE = "catchment"
T = TypeVar("T")


@dataclass(frozen=True)
class Container:
    """The use cases of one process; each is made when it is first asked for."""

    settings: Settings
    ports: Ports
    tracer: Tracer = field(default_factory=NullTracer)

    def _narrowed(self, kind: type[T]) -> T:
        """Of all ports those that a use case names as its own."""
        return kind(**{each.name: getattr(self.ports, each.name) for each in fields(kind)})  # type: ignore[arg-type]

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
        return Ingest(self._narrowed(IngestPorts), self.outgoing, self.redactor, self.ingest_telemetry)

    @cached_property
    def run_ports(self) -> RunPorts:
        """What runs are kept in."""
        return RunPorts(self.ports.store, self.ports.courses, self.ports.clock, self.ports.new_key)

    @cached_property
    def patience(self) -> Patience:
        """When a run counts as abandoned."""
        return Patience(self.settings.stale_run_seconds, self.settings.stale_action_seconds)

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

    @cached_property
    def redactor(self) -> Redactor:
        """Redact what is taken in."""
        return Redactor(self.settings.redaction)

    @cached_property
    def events(self) -> Events:
        """Take events in."""
        return Events(self.fingerprints, self.roster, self.ingest)

    @cached_property
    def fingerprints(self) -> FingerprintRecords:
        """Keep and read fingerprints."""
        return FingerprintRecords(self.ports.fingerprints, self.redactor.value, self.ports.clock)

    @cached_property
    def roster(self) -> Roster:
        """Make agents, versions, people and sessions."""
        return Roster(self.ports.catalog, self.ports.people, self.ports.clock)

    @cached_property
    def people(self) -> Persons:
        """Make, change and read people."""
        ports = self.ports
        people = PeoplePorts(ports.people, ports.purge, ports.index, ports.clock)
        return Persons(people, self.roster, self.redactor.value)

    @cached_property
    def sessions(self) -> Sessions:
        """Read sessions."""
        return Sessions(self.ports.people, self.ports.index, self.reading)

    @cached_property
    def traces(self) -> TraceReading:
        """Read traces."""
        return TraceReading(self.ports.traces, self.ports.index, self.reading)

    @cached_property
    def outgoing(self) -> Outgoing:
        """Promise messages and hand them over."""
        return Outgoing(self.ports.outbox, self.ports.queue, self.ports.clock, self.tracer)

    @cached_property
    def scoring(self) -> Scoring:
        """Take scores in."""
        ports = self.ports
        return Scoring(ports.scores, ports.lineage, self.outgoing, ports.new_key, self.redactor.value)

    @cached_property
    def waiving(self) -> Waiving:
        """Settle failures."""
        return Waiving(self.outgoing, self.ports.clock, self.ports.new_key)

    @cached_property
    def flagging(self) -> Flagging:
        """Keep flags right."""
        ports = self.ports
        flagging = FlaggingPorts(ports.store, ports.lineage, ports.scores, ports.walks, ports.queue, ports.clock)
        walker = Walker(ports.lineage, ports.clock, ports.at_once)
        return Flagging(flagging, walker, self.announce, self.tracer, flag_failed_runs=self.settings.flag_on_failed_run)

    @cached_property
    def announce(self) -> Announcements:
        """Tell of roots that start or stop failing."""
        return Announcements(self.ports.index, self.notices, self.flag_telemetry)

    @cached_property
    def notices(self) -> Notices:
        """Queue what webhooks are to be told."""
        ports = self.ports
        allowed = self.settings.webhook_allowed_hosts
        return Notices(ports.webhooks, ports.lineage, self.outgoing, ports.clock, ports.new_key, allowed)

    @cached_property
    def delivery(self) -> Delivery:
        """Tell webhooks."""
        ports = self.ports
        return Delivery(ports.webhooks, ports.courier, ports.clock, self.tracer, self.settings.webhook_allowed_hosts)

    @cached_property
    def webhook(self) -> WebhookSettings:
        """Set webhooks."""
        ports = self.ports
        return WebhookSettings(ports.webhooks, ports.clock, ports.new_secret, self.settings.webhook_allowed_hosts)

    @cached_property
    def key_ring(self) -> KeyRing:
        """Know callers by their keys."""
        return KeyRing(self.ports.api_keys, self.ports.clock)

    @cached_property
    def api_keys(self) -> KeyManagement:
        """Make, list and revoke keys."""
        ports = self.ports
        return KeyManagement(ports.api_keys, ports.clock, ports.new_key, ports.new_token)

    @cached_property
    def limiter(self) -> Limiter:
        """Hold callers to their rate."""
        return Limiter(self.ports.rate_limits, self.ports.clock, self.settings.rate_limit_items_per_second)

    @cached_property
    def webhook_telemetry(self) -> Telemetry:
        """Trace and metrics of the webhook worker."""
        return Telemetry(self.tracer, Metrics("webhook"))

    @cached_property
    def flag_telemetry(self) -> Telemetry:
        """Trace and metrics of the flag worker."""
        return Telemetry(self.tracer, Metrics("flag"))

    @cached_property
    def flags(self) -> Flags:
        """Read flags."""
        ports = self.ports
        return Flags(ports.lineage, ports.store, ports.index, ports.at_once)

    @cached_property
    def process(self) -> Process:
        """Process what was taken in."""
        processing = self._narrowed(ProcessingPorts)
        return Process(processing, self.process_telemetry, self.settings.indexed_tags, self.patience)

    @cached_property
    def purging(self) -> Purging:
        """Take content away."""
        return Purging(self._narrowed(PurgingPorts), self.outgoing, self.tracer)

    @cached_property
    def purge_telemetry(self) -> Telemetry:
        """Trace and metrics of the purge worker."""
        return Telemetry(self.tracer, Metrics("purge"))

    @cached_property
    def resend(self) -> Resend:
        """Keep the outbox's promises."""
        ports = self.ports
        return Resend(ports.outbox, ports.queue, ports.clock, self.process_telemetry, self.settings.resend_limit)

    @cached_property
    def reading(self) -> Reading:
        """Read generations."""
        return Reading(self.ports.store, self.ports.index, self.flags, self.ports.courses)

    @cached_property
    def dependents(self) -> Dependents:
        """List what a generation reaches."""
        ports = self.ports
        showing = Showing(ports.store, self.flags, ports.courses)
        return Dependents(ports.store, ports.index, ports.lineage, ports.at_once, showing)

    @cached_property
    def graph(self) -> Graph:
        """Draw lineage."""
        ports = self.ports
        return Graph(Ancestry(ports.store, ports.index), ports.lineage, self.flags, ports.at_once)

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
