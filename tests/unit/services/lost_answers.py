"""What loses the answers of AWS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.contract.aws_ground import Clients


class LostAnswers:
    """Loses answers of AWS that has done what it was asked, so that botocore sends the very same request once more.

    A transaction carries a token, by which DynamoDB knows it again and answers as it did the first time; moto would
    carry it out a second time, so that its answers are not lost. Nor are messages: they would come again much later.
    """

    def __init__(self, clients: Clients) -> None:
        self._at: int | None = None
        self._meanwhile: Callable[[], object] | None = None
        self._calls = 0
        self.lost = 0
        for each in (clients.dynamodb, clients.s3, clients.sqs):
            each.meta.events.register("before-call", self._count)
            each.meta.events.register_first("needs-retry", self._lose)

    @contextmanager
    def losing(self, at: int = 0, meanwhile: Callable[[], object] | None = None) -> Iterator[None]:
        """Lose the answer to call number `at`, or to each; `meanwhile` happens before such a call is sent again."""
        self._at, self._meanwhile, self._calls, self.lost = at, meanwhile, 0, 0
        try:
            yield
        finally:
            self._at = None

    def _count(self, **_: Any) -> None:
        self._calls += 1

    def _lose(self, operation: Any, attempts: int, request_dict: Any, **_: Any) -> int | None:
        """Seconds to wait before the request is sent again, or None."""
        if self._at not in {0, self._calls} or attempts > 1 or operation.name == "ReceiveMessage":
            return None
        if operation.name == "TransactWriteItems":
            assert b'"ClientRequestToken"' in request_dict["body"]
            return None
        self.lost += 1
        if self._at:
            self._at = None
        if self._meanwhile:
            self._meanwhile()
        return 0
