"""SQS, by queue name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from chalicelib.adapters.aws import Client, error_code, translated
from chalicelib.domain.errors import Unavailable

MOST_ENTRIES = 10
MOST_BYTES = 200_000  # under the quarter of a mebibyte that every engine takes
MISSING = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

AWS = (".amazonaws.com", ".amazonaws.com.cn")
MOST_GROUP = 128
"""Characters of a group's name; tenants who share so many share their turn."""


class SqsQueues:
    """The `Queue` port."""

    def __init__(self, client: Client, urls: Mapping[str, str]) -> None:
        self._client = client
        self._urls = urls

    def send(
        self,
        queue: str,
        bodies: Sequence[str],
        trace_header: str | None = None,
        *,
        delay_s: int = 0,
        group: str | None = None,
    ) -> list[bool]:
        """Send in batches of at most ten messages and 200 KB; a batch that cannot be sent counts as not accepted."""
        extra = _extra(trace_header, delay_s, group if _is_aws(self._urls[queue]) else None)
        accepted: list[bool] = []
        for batch in _batches(bodies):
            entries = [{"Id": str(at), "MessageBody": body, **extra} for at, body in enumerate(batch)]
            accepted += self._send(queue, entries)
        return accepted

    def postpone(self, queue: str, receipt: str, seconds: int) -> None:
        """The `Postpone` port."""
        with _reaching(self._urls[queue]) as url:
            self._client.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=seconds)

    def _send(self, queue: str, entries: Sequence[dict[str, Any]]) -> list[bool]:
        try:
            with _reaching(self._urls[queue]) as url:
                response = self._client.send_message_batch(QueueUrl=url, Entries=list(entries))
        except Unavailable:
            return [False] * len(entries)
        sent = {entry["Id"] for entry in response.get("Successful", [])}
        return [entry["Id"] in sent for entry in entries]


def _is_aws(url: str) -> bool:
    """Whether a queue is one of AWS's, where it can be fair; engines refuse a group on a standard queue (roto does)."""
    return (urlsplit(url).hostname or "").endswith(AWS)


@contextmanager
def _reaching(url: str) -> Iterator[str]:
    """The address of a queue. One that was never set or is not there cannot be reached: Unavailable, like any other."""
    if not url:
        raise Unavailable("queue is not available")
    try:
        with translated("queue"):
            yield url
    except Exception as error:
        if error_code(error) in MISSING:
            raise Unavailable("queue is not available") from error
        raise


def _extra(trace_header: str | None, delay_s: int, group: str | None) -> dict[str, Any]:
    """What messages have beside their bodies. A group on a standard queue makes it a fair one."""
    extra: dict[str, Any] = {}
    if delay_s:
        extra["DelaySeconds"] = delay_s
    if group:
        extra["MessageGroupId"] = group[:MOST_GROUP]
    if trace_header:
        extra["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace_header}}
    return extra


def _batches(bodies: Sequence[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if not batches or len(batches[-1]) == MOST_ENTRIES or size + length > MOST_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(body)
        size += length
    return batches
