"""What takes generations, events and records in."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.foundation import Foundation
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.services.api_keys import KeyManagement
from chalicelib.services.events import Events
from chalicelib.services.fingerprints import FingerprintRecords
from chalicelib.services.ingest import Ingest, IngestPorts
from chalicelib.services.key_ring import KeyRing
from chalicelib.services.limiter import Limiter
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.people import PeoplePorts, Persons
from chalicelib.services.ratings import Rate, RatingPorts
from chalicelib.services.roster import Roster
from chalicelib.services.steps import StepIntake, StepPorts


@dataclass(frozen=True)
class Intake(Foundation):
    """What takes generations, events and records in; each is made when it is first asked for."""

    @cached_property
    def redactor(self) -> Redactor:
        """Redact what is taken in."""
        return Redactor(self.settings.redaction)

    @cached_property
    def outgoing(self) -> Outgoing:
        """Promise messages and hand them over."""
        return Outgoing(self.ports.outbox, self.ports.queue, self.ports.clock, self.tracer)

    @cached_property
    def ingest(self) -> Ingest:
        """Take generations in."""
        return Ingest(self.narrowed(IngestPorts), self.outgoing, self.redactor, self.ingest_telemetry)

    @cached_property
    def events(self) -> Events:
        """Take events in."""
        return Events(self.fingerprints, self.roster, self.ingest)

    @cached_property
    def steps(self) -> StepIntake:
        """Take workflow steps in."""
        return StepIntake(self.narrowed(StepPorts), self.redactor.value)

    @cached_property
    def rate(self) -> Rate:
        """Take ratings in, and read them."""
        return Rate(self.narrowed(RatingPorts), self.redactor.value)

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
