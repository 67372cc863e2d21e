"""What keeps flags right, and tells of them."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.bootstrap.intake import Intake
from chalicelib.services.lineage.announcements import Announcements
from chalicelib.services.lineage.flagging import Flagging, FlaggingPorts
from chalicelib.services.lineage.notices import Delivery, Notices
from chalicelib.services.lineage.scoring import Scoring
from chalicelib.services.lineage.waiving import Waiving
from chalicelib.services.lineage.walk import Walker
from chalicelib.services.lineage.webhooks import WebhookSettings


@dataclass(frozen=True)
class LineageCases(Intake):
    """What keeps flags right, and tells of them; each is made when it is first asked for."""

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
