"""Sending to SQS: each body is told apart, and batches stay within SQS's bounds."""

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.sqs import MOST_BYTES, MOST_ENTRIES, SqsQueues
from chalicelib.domain.errors import Unavailable
from tests.unit.adapters.stingy import PickySqs


def send(bodies: list[str], header: str | None = None) -> tuple[list[bool], PickySqs]:
    client = PickySqs()
    return SqsQueues(client, {"q": "url"}).send("q", bodies, header), client


def test_each_body_has_its_own_answer() -> None:
    assert send(["yes", "no", "yes", "no"])[0] == [True, False, True, False]


def test_a_batch_that_fails_costs_only_its_own_bodies() -> None:
    bodies = ["yes"] * 10 + ["yes", "down"] + ["yes"] * 8 + ["yes"]
    assert send(bodies)[0] == [True] * 10 + [False] * 10 + [True]


def test_batches_are_full_but_never_too_large() -> None:
    _, client = send(["x"] * 25 + ["é" * 60_000] * 3)
    assert [len(batch) for batch in client.batches] == [10, 10, 6, 1, 1]
    for batch in client.batches:
        assert len(batch) <= MOST_ENTRIES
        assert sum(len(entry["MessageBody"].encode()) for entry in batch) <= MOST_BYTES


def test_the_trace_header_goes_as_the_attribute_that_lambda_reads() -> None:
    _, client = send(["a", "b"], "Root=1-2-3")
    attributes = [entry["MessageSystemAttributes"] for batch in client.batches for entry in batch]
    assert attributes == [{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}}] * 2
    assert "MessageSystemAttributes" not in send(["a"])[1].batches[0][0]


def test_a_group_makes_a_queue_of_aws_a_fair_one() -> None:
    client = PickySqs()
    urls = {"q": "https://sqs.eu-west-1.amazonaws.com/1/q", "local": "http://127.0.0.1:9324/1/q"}
    queues = SqsQueues(client, urls)
    queues.send("q", ["a"], group="x" * 150)
    queues.send("q", ["b"])
    queues.send("local", ["c"], group="x")
    assert [entry.get("MessageGroupId") for batch in client.batches for entry in batch] == ["x" * 128, None, None]


@pytest.mark.parametrize("url", ["", "https://sqs.us-east-1.amazonaws.com/123456789012/gone"])
def test_a_queue_that_was_never_set_or_is_not_there_cannot_be_reached(url: str) -> None:
    with mock_aws():
        queues = SqsQueues(boto3.client("sqs", region_name="us-east-1"), {"q": url})
        assert queues.send("q", ["one", "two"]) == [False, False]
        with pytest.raises(Unavailable, match="queue is not available"):
            queues.postpone("q", "receipt", 1)
