"""Makes the table, the queues and the bucket of infra/resources.yaml on an engine. Running it again changes nothing."""

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra import template as templates
from infra.template import Resource

QUEUE_ATTRIBUTES = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds")
# boto3 makes its clients at run time and publishes no types for them.
AwsClient = Any
EXISTS = {"ResourceInUseException", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def client(service: str, endpoint: str) -> AwsClient:
    """A client for the engine, with credentials that are none."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - the engine wants something there and checks nothing
        config=Config(
            retries={"total_max_attempts": 1},
            connect_timeout=2,
            read_timeout=20,
            proxies={},
            s3={"addressing_style": "path"},
        ),
    )


def provision(endpoint: str, template: Mapping[str, Any]) -> dict[str, str]:
    """Makes what is missing. Returns what a CloudFormation `Ref` to each resource gives: name, URL or bucket."""
    references = {}
    dynamodb, sqs, s3 = (client(service, endpoint) for service in ("dynamodb", "sqs", "s3"))
    for table in templates.local_resources(template, "AWS::DynamoDB::Table"):
        references[table.logical_id] = _make_table(dynamodb, table)
    references.update(_make_queues(sqs, templates.local_resources(template, "AWS::SQS::Queue")))
    for bucket in templates.local_resources(template, "AWS::S3::Bucket"):
        _unless_it_exists(partial(s3.create_bucket, Bucket=bucket.local_name))
        references[bucket.logical_id] = bucket.local_name
    return references


def wait_until_it_answers(endpoint: str, is_alive: Callable[[], bool], seconds: float) -> bool:
    """Whether the engine answers a harmless call within `seconds`; stops early when it is not alive."""
    deadline = time.monotonic() + seconds
    dynamodb = client("dynamodb", endpoint)
    while is_alive() and time.monotonic() < deadline:
        try:
            dynamodb.list_tables(Limit=1)
        except Exception:  # noqa: BLE001 - whatever it is, it is not ready yet
            time.sleep(0.03)
        else:
            return True
    return False


def _make_table(dynamodb: AwsClient, table: Resource) -> str:
    wanted = ("KeySchema", "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes")
    arguments = {key: table.properties[key] for key in wanted if key in table.properties}
    _unless_it_exists(partial(dynamodb.create_table, TableName=table.local_name, **arguments))
    if "TimeToLiveSpecification" in table.properties:
        _enable_expiry(dynamodb, table.local_name, table.properties["TimeToLiveSpecification"])
    return table.local_name


def _enable_expiry(dynamodb: AwsClient, name: str, specification: Mapping[str, Any]) -> None:
    state = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
    if state == "DISABLED":
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def _make_queues(sqs: AwsClient, queues: list[Resource]) -> dict[str, str]:
    """Queue URLs by logical id. Dead-letter queues come first, for the others refer to them."""
    urls: dict[str, str] = {}
    for queue in sorted(queues, key=lambda each: "RedrivePolicy" in each.properties):
        attributes = {key: str(queue.properties[key]) for key in QUEUE_ATTRIBUTES if key in queue.properties}
        if "RedrivePolicy" in queue.properties:
            attributes["RedrivePolicy"] = json.dumps(_redrive(sqs, queue.properties["RedrivePolicy"], urls))
        urls[queue.logical_id] = _make_queue(sqs, queue.local_name, attributes)
    return urls


def _make_queue(sqs: AwsClient, name: str, attributes: dict[str, str]) -> str:
    """A queue that exists is brought to the attributes wanted now."""
    try:
        url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except ClientError:
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    else:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url


def _redrive(sqs: AwsClient, policy: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    logical_id = policy["deadLetterTargetArn"]["Fn::GetAtt"][0]
    answer = sqs.get_queue_attributes(QueueUrl=urls[logical_id], AttributeNames=["QueueArn"])
    return {
        "deadLetterTargetArn": answer["Attributes"]["QueueArn"],
        "maxReceiveCount": str(policy["maxReceiveCount"]),
    }


def _unless_it_exists(create: Callable[[], Any]) -> None:
    try:
        create()
    except ClientError as error:
        if error.response["Error"]["Code"] not in EXISTS:
            raise
