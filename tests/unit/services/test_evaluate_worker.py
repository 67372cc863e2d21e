"""When a message of the evaluate queue comes again."""

from typing import Any

import pytest

from chalicelib.services.evaluation.evaluate_messages import ToJudge, ToTryAgain
from chalicelib.workers.evaluate import delay


@pytest.mark.parametrize(
    ("tried", "delays"),
    [(None, [120, 480, 1920, 1920]), (0, [120, 480, 1920, 1920]), (2, [1920, 1920, 1920, 1920])],
)
def test_a_message_waits_longer_with_each_try(tried: int | None, delays: list[int]) -> None:
    """The first wait of a hook, 30 s, is the delay of the message that asks again."""
    names: dict[str, Any] = {"tenant": "t", "correlation_id": "c", "generation_ids": ("g",)}
    message = ToJudge(**names) if tried is None else ToTryAgain(**names, evaluator_id="e", tried=tried)
    records = [
        {"body": message.encode(), "attributes": {"ApproximateReceiveCount": str(received)}} for received in range(1, 5)
    ]
    assert [delay(record) for record in records] == delays
