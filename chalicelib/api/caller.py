"""Who has something to do with this process, whatever the front it came through."""

from dataclasses import dataclass

from chalicelib.api.auth import Principal
from chalicelib.bootstrap import Container
from chalicelib.domain.errors import TooManyRequests
from chalicelib.services.ingest import Sender


@dataclass(frozen=True)
class Caller:
    """A caller and the use cases."""

    use: Container
    principal: Principal

    @property
    def tenant(self) -> str:
        """Whose data this call may touch."""
        return self.principal.tenant

    @property
    def sender(self) -> Sender:
        """Who sends what this call takes in."""
        return Sender(self.principal.key_id, self.principal.project_id)

    def admit(self, items: int) -> None:
        """Count items against the rate of the caller's key, before any of them is stored. Raises TooManyRequests."""
        if self.principal.key_id is None:
            return
        try:
            self.use.limiter.admit(self.tenant, self.principal.key_id, items)
        except TooManyRequests:
            self.use.ingest_telemetry.metrics.count("limited", items)
            raise
