"""The pump treats a queue as Lambda's event source mapping does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.messages import failed_ids, schedule_event, sqs_event
from infra.local.pump import HOLD_SECONDS, QueuePump, retry_delay
from infra.local.schedules import rate_in_seconds, start_schedule


class FakeQueue:
    """As much of SQS as the pump uses. `broken` calls fail before the next one works."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = [message(f"m{index}", body) for index, body in enumerate(bodies)]
        self.deleted: list[str] = []
        self.visibility: list[tuple[str, int]] = []
        self.asked: list[dict[str, Any]] = []
        self.broken = 0

    def receive_message(self, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        if self.broken:
            self.broken -= 1
            raise ConnectionError("away")
        count = arguments["MaxNumberOfMessages"]
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        if not taken:
            time.sleep(0.01)
        return {"Messages": taken} if taken else {}

    def delete_message_batch(self, **arguments: Any) -> None:
        self.deleted += [entry["ReceiptHandle"] for entry in arguments["Entries"]]

    def change_message_visibility_batch(self, **arguments: Any) -> None:
        self.visibility += [(entry["ReceiptHandle"], entry["VisibilityTimeout"]) for entry in arguments["Entries"]]


def message(message_id: str, body: str = "", received: int = 1) -> dict[str, Any]:
    return {
        "MessageId": message_id,
        "ReceiptHandle": f"r-{message_id}",
        "Body": body,
        "Attributes": {"ApproximateReceiveCount": str(received), "SentTimestamp": "1", "AWSTraceHeader": "Root=1"},
        "MessageAttributes": {"kind": {"StringValue": "x", "DataType": "String"}},
        "MD5OfBody": "md5",
    }


@contextmanager
def pumping(queue: FakeQueue, handler: Callable[[dict[str, Any], Any], Any]) -> Iterator[QueuePump]:
    pump = QueuePump(queue, "http://queue", "process", 10, handler)
    threads = pump.start(2)
    yield pump
    pump.stopping.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_succeeded_is_deleted_and_what_failed_is_tried_again() -> None:
    queue = FakeQueue("good", "bad", "good")

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}

    with pumping(queue, handler):
        eventually(lambda: len(queue.deleted) == 2 and len(queue.visibility) == 1)

    assert sorted(queue.deleted) == ["r-m0", "r-m2"]
    assert queue.visibility == [("r-m1", 1)]


def test_a_handler_that_raises_has_failed_for_its_whole_batch(capsys: pytest.CaptureFixture[str]) -> None:
    queue = FakeQueue("a", "b")

    def handler(_event: object, _context: object) -> None:
        raise ValueError("no")

    with pumping(queue, handler):
        eventually(lambda: len(queue.visibility) == 2)

    assert queue.deleted == []
    assert json.loads(capsys.readouterr().err.splitlines()[0])["event"] == "worker.handler_failed"


def test_a_batch_in_hand_is_finished_before_the_pump_stops() -> None:
    queue = FakeQueue("slow")
    begun, finish = threading.Event(), threading.Event()

    def handler(_event: object, _context: object) -> None:
        begun.set()
        finish.wait(10)

    with pumping(queue, handler) as pump:
        assert begun.wait(10)
        pump.stopping.set()
        finish.set()

    assert queue.deleted == ["r-m0"]


def test_a_queue_that_is_away_is_told_once_and_used_again_when_it_is_back(capsys: pytest.CaptureFixture[str]) -> None:
    queue = FakeQueue("late")
    queue.broken = 3

    with pumping(queue, lambda _event, _context: None):
        eventually(lambda: queue.deleted == ["r-m0"])

    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert events.count("worker.queue_back") <= events.count("worker.queue_away") <= 2


def test_a_received_batch_is_hidden_for_seconds_so_that_a_crash_delays_it_no_longer() -> None:
    queue = FakeQueue()

    with pumping(queue, lambda _event, _context: None):
        eventually(lambda: len(queue.asked) > 2)

    assert {call["VisibilityTimeout"] for call in queue.asked} == {HOLD_SECONDS}
    assert all(call["WaitTimeSeconds"] > 0 for call in queue.asked)


def test_the_event_has_the_shape_that_lambda_sends() -> None:
    record = sqs_event([message("m1", "body", received=3)], "process")["Records"][0]

    assert record == {
        "messageId": "m1",
        "receiptHandle": "r-m1",
        "body": "body",
        "attributes": {"ApproximateReceiveCount": "3", "SentTimestamp": "1", "AWSTraceHeader": "Root=1"},
        "messageAttributes": {"kind": {"stringValue": "x", "dataType": "String"}},
        "md5OfBody": "md5",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:process",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "m1"}]}, {"m1"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"m1", "m2"}),
        ({"batchItemFailures": [{"itemIdentifier": "other"}]}, {"m1", "m2"}),
        ({"batchItemFailures": [{}]}, {"m1", "m2"}),
    ],
)
def test_an_answer_is_read_as_lambda_reads_it(answer: dict[str, Any] | None, failed: set[str]) -> None:
    assert failed_ids(answer, [message("m1"), message("m2")]) == failed


def test_a_failed_message_waits_longer_each_time_up_to_a_bound() -> None:
    assert [retry_delay(message("m", received=count)) for count in (1, 2, 3, 4, 5, 6, 40)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_schedule_runs_at_the_start_and_survives_its_own_failures(capsys: pytest.CaptureFixture[str]) -> None:
    stopping, calls = threading.Event(), []

    def handler(event: dict[str, Any], _context: object) -> None:
        calls.append(event["detail-type"])
        raise ValueError("no")

    thread = start_schedule("resend", "rate(1 minute)", handler, stopping)
    eventually(lambda: bool(calls))
    stopping.set()
    thread.join(10)

    assert calls == ["Scheduled Event"]
    assert json.loads(capsys.readouterr().err)["event"] == "worker.schedule_failed"


def test_rates_are_read_and_cron_is_refused() -> None:
    assert [rate_in_seconds(f"rate({each})") for each in ("1 minute", "5 minutes", "2 hours", "1 day")] == [
        60,
        300,
        7200,
        86400,
    ]
    with pytest.raises(ValueError, match="cron"):
        rate_in_seconds("cron(0 12 * * ? *)")


def test_schedule_events_name_their_rule() -> None:
    assert schedule_event("resend")["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/resend"]
