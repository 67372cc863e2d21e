"""Carries messages from a queue to the app's own handler, as Lambda's event source mapping does.

Two differences that are meant. A batch in hand stays invisible for a short time that is renewed while it is worked on,
so that after a crash its messages come back after seconds instead of the queue's nine minutes. And a message that
failed is tried again after a delay that doubles from one second, not after the whole visibility timeout.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.local.context import LambdaContext
from infra.local.logs import log
from infra.local.messages import Message, failed_ids, sqs_event

HOLD_SECONDS = 15
RENEW_SECONDS = 5
LONG_POLL_SECONDS = 1
RETRY_AT_MOST_SECONDS = 30
ENGINE_AWAY_SECONDS = 0.5
FUNCTION_SECONDS = 90.0

Handler = Callable[[dict[str, Any], LambdaContext], Any]


@dataclass(frozen=True)
class QueuePump:
    """Polls one queue from several threads until it is told to stop."""

    sqs: Any
    queue_url: str
    queue_name: str
    batch_size: int
    handler: Handler
    stopping: threading.Event = field(default_factory=threading.Event)
    _held: dict[str, str] = field(default_factory=dict)
    _away: threading.Event = field(default_factory=threading.Event)

    def start(self, pollers: int) -> list[threading.Thread]:
        """Starts the threads; they end soon after `stopping` is set, each with its batch finished."""
        targets = [self._poll] * pollers + [self._renew]
        threads = [threading.Thread(target=target, name=f"pump-{self.queue_name}") for target in targets]
        for thread in threads:
            thread.start()
        return threads

    def _poll(self) -> None:
        while not self.stopping.is_set():
            with self._outlasting_the_queue():
                messages = self._receive()
                if messages:
                    self._hand_over(messages)

    @contextmanager
    def _outlasting_the_queue(self) -> Iterator[None]:
        """A queue that cannot be reached is told once, not by each thread, and tried again until it is back."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a poller that ended would be missed by nobody
            if not self._away.is_set():
                self._away.set()
                log("worker.queue_away", level="WARNING", queue=self.queue_name, error=repr(error))
            self.stopping.wait(ENGINE_AWAY_SECONDS)
        else:
            if self._away.is_set():
                self._away.clear()
                log("worker.queue_back", level="WARNING", queue=self.queue_name)

    def _receive(self) -> list[Message]:
        answer = self.sqs.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=self.batch_size,
            WaitTimeSeconds=LONG_POLL_SECONDS,
            VisibilityTimeout=HOLD_SECONDS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def _hand_over(self, messages: Sequence[Message]) -> None:
        held = {message["MessageId"]: message["ReceiptHandle"] for message in messages}
        self._held.update(held)
        try:
            failed = self._invoke(messages)
        finally:
            for message_id in held:
                self._held.pop(message_id, None)
        self._delete([message for message in messages if message["MessageId"] not in failed])
        self._delay([message for message in messages if message["MessageId"] in failed])

    def _invoke(self, messages: Sequence[Message]) -> set[str]:
        try:
            answer = self.handler(
                sqs_event(messages, self.queue_name), LambdaContext(self.queue_name, FUNCTION_SECONDS)
            )
        except Exception:  # noqa: BLE001 - as in Lambda: a handler that raises has failed for its whole batch
            log("worker.handler_failed", level="ERROR", queue=self.queue_name, error=traceback.format_exc())
            return {message["MessageId"] for message in messages}
        return failed_ids(answer, messages)

    def _delete(self, messages: Sequence[Message]) -> None:
        if messages:
            self.sqs.delete_message_batch(
                QueueUrl=self.queue_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                    for index, message in enumerate(messages)
                ],
            )

    def _delay(self, messages: Sequence[Message]) -> None:
        self._set_invisible([(message["ReceiptHandle"], retry_delay(message)) for message in messages])

    def _renew(self) -> None:
        """Keeps the batches in hand invisible; ends when the pump stops and no batch is left."""
        while not self.stopping.is_set() or self._held:
            self._pause()
            with self._outlasting_the_queue():
                self._set_invisible([(receipt, HOLD_SECONDS) for receipt in list(self._held.values())])

    def _pause(self) -> None:
        deadline = time.monotonic() + RENEW_SECONDS
        while time.monotonic() < deadline and (self._held or not self.stopping.is_set()):
            if not self.stopping.wait(RENEW_SECONDS):
                return
            time.sleep(0.05)

    def _set_invisible(self, receipts: Sequence[tuple[str, int]]) -> None:
        for start in range(0, len(receipts), 10):
            self.sqs.change_message_visibility_batch(
                QueueUrl=self.queue_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
                    for index, (receipt, seconds) in enumerate(receipts[start : start + 10])
                ],
            )


def retry_delay(message: Message) -> int:
    """Seconds until a failed message is tried again: 1, 2, 4, … 30."""
    received = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
    return min(RETRY_AT_MOST_SECONDS, 1 << min(received - 1, 10))
