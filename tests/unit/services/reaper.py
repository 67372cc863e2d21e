"""What kills a process of the real adapters, or loses its answers."""

from collections.abc import Callable
from typing import Any

from tests.contract.aws_ground import Clients
from tests.unit.services.lost_answers import LostAnswers
from tests.unit.services.watched import Killed


class Reaper:
    """Stands before every call of AWS and does something at number `at`: kills the process, or lets others go first.

    To die after a call is to die before the next one: nothing but what AWS holds outlives a process.
    """

    def __init__(self, clients: Clients) -> None:
        self._at = 0
        self._meanwhile: Callable[[], object] | None = None
        self.calls = 0
        self.answers = LostAnswers(clients)
        for each in (clients.dynamodb, clients.s3, clients.sqs):
            each.meta.events.register("before-call", self._before)

    def arm(self, at: int, meanwhile: Callable[[], object] | None = None) -> None:
        """From now on count. Without `meanwhile` no thread of the process gets a call through from `at` on."""
        self._at, self._meanwhile, self.calls = at, meanwhile, 0

    def _before(self, **_: Any) -> None:
        self.calls += 1
        if not 0 < self._at <= self.calls:
            return
        if self._meanwhile is None:
            raise Killed
        self._at = 0
        self._meanwhile()
