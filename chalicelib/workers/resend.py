"""The schedule that keeps the outbox's promises and looks after runs and backfills."""

from chalicelib.bootstrap import container
from chalicelib.observability.logs import correlation, log

SEGMENT = "catchment-resend"


def handle(run_id: str) -> None:
    """Send again what is due, fail the runs that were abandoned, and wake backfills that have gone silent."""
    made = container()
    with (
        correlation(run_id, function=SEGMENT),
        made.process_telemetry.metrics.emitting(),
        made.tracer.segment(SEGMENT),
    ):
        resent = made.resend()
        if resent.due:
            log("outbox_resent", due=resent.due, accepted=resent.accepted)
        made.abandoning()
        made.backfilling.wake()
