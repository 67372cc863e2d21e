"""All ports over AWS, made together so that they share clients and the table's threads."""

from chalicelib.adapters.aws import client
from chalicelib.adapters.dynamodb.catalog import DynamoCatalog
from chalicelib.adapters.dynamodb.dependencies import DynamoDependencies
from chalicelib.adapters.dynamodb.generations import DynamoGenerations
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.outbox import DynamoOutbox
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.adapters.health import AwsHealth
from chalicelib.adapters.prices import GenaiPrices
from chalicelib.adapters.s3 import Objects
from chalicelib.adapters.sqs import SqsQueues
from chalicelib.adapters.system import SystemClock, new_key
from chalicelib.services.ingest import PROCESS_QUEUE
from chalicelib.services.ports import Ports
from chalicelib.settings import Settings


def aws_ports(settings: Settings) -> Ports:
    """Adapters over the resources that the settings name."""
    table = Table(client("dynamodb"), settings.table_name)
    objects = Objects(client("s3"), settings.payload_bucket)
    sqs = client("sqs")
    return Ports(
        store=DynamoGenerations(table, objects, settings.payload_inline_bytes),
        index=DynamoIndex(table),
        dependencies=DynamoDependencies(table),
        catalog=DynamoCatalog(table),
        outbox=DynamoOutbox(table),
        queue=SqsQueues(sqs, {PROCESS_QUEUE: settings.process_queue_url}),
        prices=GenaiPrices(),
        clock=SystemClock(),
        new_key=new_key,
        health=AwsHealth(table, sqs, settings.process_queue_url),
    )
