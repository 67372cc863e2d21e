"""Runs in a schedule: the real use cases that move and abandon them, over what the world holds."""

from contextlib import suppress
from typing import Any, cast

from chalicelib.domain.content import stored_json
from chalicelib.domain.errors import Conflict
from chalicelib.domain.generation import Generation
from chalicelib.domain.run import Patience, blank
from chalicelib.services.abandoning import Abandoning
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Clock, Courses, GenerationStore, Keys, Watch
from chalicelib.services.runs import RunPorts, Runs
from chalicelib.services.telemetry import Telemetry
from tests.lineage.plans import Move

LONG = 1_000_000
"""Bytes from which an overlay would be an object."""
NO_PATIENCE = Patience(run=0, action=0)
ALL = 1_000
LATE_MS = 10**13


class Names:
    """As much of the bucket as courses ask for while they are short."""

    def name(self, *parts: str) -> str:
        """Any name."""
        return "/".join(parts)


class Contents:
    """The store, which knows what each generation was opened with."""

    def __init__(self, store: GenerationStore, opened: dict[str, Generation]) -> None:
        self._opened = opened
        self.heads = store.heads

    def contents(self, tenant: str, refs: list[tuple[str, str]]) -> dict[str, bytes]:  # noqa: ARG002 - one tenant
        """Never changed, so that reading it is no point of the schedule."""
        return {one: stored_json(self._opened[one]) for one, _ in refs}


class RunSide:
    """The use cases of runs of one process."""

    def __init__(
        self, courses: Courses, store: Contents, clock: Clock, new_key: Keys, outgoing: Outgoing, telemetry: Telemetry
    ) -> None:
        self.courses = courses
        ports = RunPorts(cast("Any", store), self.courses, clock, new_key)
        self._runs = Runs(ports, cast("Any", None), outgoing, _as_it_is)
        self._abandoning = Abandoning(ports, outgoing, NO_PATIENCE, telemetry, ALL)

    def move(self, tenant: str, move: Move) -> None:
        """Do as the plan says; a move that the state does not allow changes nothing."""
        if move.status is None:
            self._abandoning._look_after(Watch(tenant, move.generation_id, 0), LATE_MS)
            return
        failure: dict[str, Any] = {"call_error": "no answer"} if move.status == "failed" else {}
        said = blank(
            move.generation_id,
            status=move.status,
            depends_on=move.depends_on,
            completed_at=move.completed_at,
            **failure,
        )
        with suppress(Conflict):
            self._runs.move(tenant, said)


def _as_it_is(generation: Generation, stored: bytes) -> Generation:  # noqa: ARG001 - nothing is redacted
    return generation
