"""Fail the runs that nobody has heard of for too long, and those whose attempt nobody can be making any more.

A run is watched from the time its record is processed. What is due is compared with what the run has done since, and is
looked after again later, or failed: conditional on the activity that it was judged by.
"""

from chalicelib.domain.run import Course, Patience, abandon, interrupt
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import log
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Watch
from chalicelib.services.runs import RunPorts, courses_of, written
from chalicelib.services.telemetry import Telemetry


class Abandoning:
    """One bounded run of the schedule."""

    def __init__(
        self, ports: RunPorts, outgoing: Outgoing, patience: Patience, telemetry: Telemetry, limit: int
    ) -> None:
        self._ports = ports
        self._outgoing = outgoing
        self._patience = patience
        self._telemetry = telemetry
        self._limit = limit

    def __call__(self) -> int:
        """Look after the runs that are due; gives how many were failed. Raises Unavailable."""
        now_ms = int(self._ports.clock.now().timestamp() * 1000)
        due = self._ports.courses.due(now_ms, self._limit)
        failed = sum(self._look_after(watch, now_ms) for watch in due)
        if failed:
            self._telemetry.metrics.count("abandoned", failed)
        return failed

    def _look_after(self, watch: Watch, now_ms: int) -> bool:
        """Whether this call has failed the run. A watch goes only when the run has ended or a later one is there."""
        heads = self._ports.store.heads(watch.tenant, [watch.generation_id])
        course = courses_of(self._ports.courses, watch.tenant, list(heads.values())).get(watch.generation_id)
        if course is not None and not course.ended:
            ends_ms = self._patience.ends_ms(course)
            if ends_ms > now_ms:
                self._ports.courses.watch([Watch(watch.tenant, watch.generation_id, ends_ms)])
            elif not self._fail(watch, course):
                return False
            self._ports.courses.unwatch([watch])
            return ends_ms <= now_ms
        self._ports.courses.unwatch([watch])
        return False

    def _fail(self, watch: Watch, course: Course) -> bool:
        """Whether nothing has moved since the course was read; else the watch stays for the next time."""
        now = self._ports.clock.now()
        if self._patience.interrupts(course, int(now.timestamp() * 1000)):
            after = interrupt(course, format_time(now))
        else:
            after = abandon(course, format_time(now), self._patience.of(course))
        if not written(self._ports, self._outgoing, watch.tenant, watch.generation_id, after):
            return False
        whose = {"tenant": watch.tenant, "generation_id": watch.generation_id}
        if after.abandoned:
            log("run_abandoned", level="WARNING", **whose, silent_since=course.last_activity_at)
        else:
            log("run_interrupted", level="WARNING", **whose)
        return True
