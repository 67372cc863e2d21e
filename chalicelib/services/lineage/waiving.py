"""Settle a generation's failures by a person's decision, or take that back."""

from chalicelib.domain.times import format_time
from chalicelib.observability.logs import current_correlation_id, log
from chalicelib.services.lineage.flag_messages import WaiverDecided
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Clock, Keys


class Waiving:
    """The use case behind the waiver routes. The decision travels as a message, like everything that moves flags."""

    def __init__(self, outgoing: Outgoing, clock: Clock, new_key: Keys) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._new_key = new_key

    def __call__(self, tenant: str, generation_id: str, *, waived: bool, reason: str) -> None:
        """Promise the decision and hand it over. Raises Unavailable."""
        key = self._new_key()
        message = WaiverDecided(
            tenant=tenant,
            correlation_id=current_correlation_id() or key,
            generation_id=generation_id,
            waived=waived,
            reason=reason,
            at=format_time(self._clock.now()),
        )
        rows = self._outgoing.promise(FLAG_QUEUE, {key: message.encode()})
        self._outgoing.hand_over(list(rows.values()))
        log("waiver_decided", tenant=tenant, generation_id=generation_id, waived=waived)
