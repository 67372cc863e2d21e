"""Whether table and queue answer, asked with the cheapest calls there are."""

from collections.abc import Callable

from chalicelib.adapters.aws import Client, translated
from chalicelib.adapters.dynamodb.table import Table


class AwsHealth:
    """The `Health` port."""

    def __init__(self, table: Table, sqs: Client, queue_url: str) -> None:
        self._table = table
        self._sqs = sqs
        self._queue_url = queue_url

    def check(self) -> list[str]:
        """Names of what does not answer."""
        probes: dict[str, Callable[[], object]] = {"storage": self._read, "queue": self._ask_queue}
        return [name for name, probe in probes.items() if not _answers(probe)]

    def _read(self) -> object:
        return self._table.get(("HEALTH", "H"), consistent=False)

    def _ask_queue(self) -> object:
        with translated("queue"):
            return self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])


def _answers(probe: Callable[[], object]) -> bool:
    try:
        probe()
    except Exception:  # noqa: BLE001 - whatever is wrong (missing table, no rights, no network), the answer is "not ready"
        return False
    return True
