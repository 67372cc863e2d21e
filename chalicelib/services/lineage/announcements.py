"""Tell once, for each root that starts or stops failing, how many generations it reaches: alert on it, not on them."""

from chalicelib.observability.logs import log
from chalicelib.services.lineage.dependents import listed_count
from chalicelib.services.lineage.notices import Notices
from chalicelib.services.ports import Change, GenerationIndex
from chalicelib.services.telemetry import Telemetry


class Announcements:
    """A log event, a metric and, where the tenant has a webhook, a notice per root."""

    def __init__(self, index: GenerationIndex, notices: Notices, telemetry: Telemetry) -> None:
        self._index = index
        self._notices = notices
        self._telemetry = telemetry

    def __call__(self, tenant: str, root: str, change: Change) -> None:
        """`dependents` is exact up to a thousand."""
        count = listed_count(self._index, tenant, root)
        if change == "started":
            log("root_started_failing", level="WARNING", tenant=tenant, generation_id=root, dependents=count.number)
            self._telemetry.metrics.count("roots_started")
        else:
            log("root_stopped_failing", tenant=tenant, generation_id=root, dependents=count.number)
            self._telemetry.metrics.count("roots_stopped")
        self._telemetry.metrics.observe("dependents", count.number, "Count")
        self._notices(tenant, root, change, count)
