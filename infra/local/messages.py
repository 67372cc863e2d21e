"""The shapes in which Lambda hands queue messages and schedules to a function, and reads its answer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

ACCOUNT_ARN = "us-east-1:000000000000"

Message = Mapping[str, Any]


def sqs_event(messages: Sequence[Message], queue_name: str) -> dict[str, Any]:
    """The event for messages as `ReceiveMessage` returned them."""
    return {"Records": [_record(message, queue_name) for message in messages]}


def failed_ids(answer: Mapping[str, Any] | None, messages: Sequence[Message]) -> set[str]:
    """The ids of the messages to try again, as Lambda reads an answer under ReportBatchItemFailures.

    No answer, or no failures in it, means that all went well. A failure without an id, or with one that is not in
    the batch, means that nothing is known: the whole batch is tried again.
    """
    sent = {message["MessageId"] for message in messages}
    failures = (answer or {}).get("batchItemFailures") or []
    failed = {failure.get("itemIdentifier") for failure in failures}
    if failed <= sent:
        return failed
    return sent


def schedule_event(rule: str) -> dict[str, Any]:
    """The event of an EventBridge schedule."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ARN.rpartition(":")[2],
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": ACCOUNT_ARN.partition(":")[0],
        "resources": [f"arn:aws:events:{ACCOUNT_ARN}:rule/{rule}"],
        "detail": {},
    }


def _record(message: Message, queue_name: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {
            name: {key[0].lower() + key[1:]: part for key, part in value.items()}
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{ACCOUNT_ARN}:{queue_name}",
        "awsRegion": ACCOUNT_ARN.partition(":")[0],
    }
