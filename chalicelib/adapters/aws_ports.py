"""All ports over AWS, made together so that they share clients and the table's threads."""

import time

from chalicelib.adapters.aws import client
from chalicelib.adapters.courier import HttpCourier
from chalicelib.adapters.dynamodb.agent_sessions import DynamoAgentSessions
from chalicelib.adapters.dynamodb.api_keys import DynamoApiKeys
from chalicelib.adapters.dynamodb.backfills import DynamoBackfills
from chalicelib.adapters.dynamodb.catalog import DynamoCatalog
from chalicelib.adapters.dynamodb.conversations import DynamoConversations
from chalicelib.adapters.dynamodb.evaluators import DynamoEvaluators
from chalicelib.adapters.dynamodb.fingerprints import DynamoFingerprints
from chalicelib.adapters.dynamodb.generations import DynamoGenerations
from chalicelib.adapters.dynamodb.index import DynamoIndex
from chalicelib.adapters.dynamodb.judgements import DynamoJudgements
from chalicelib.adapters.dynamodb.lineage import DynamoLineage
from chalicelib.adapters.dynamodb.outbox import DynamoOutbox
from chalicelib.adapters.dynamodb.people import DynamoPeople
from chalicelib.adapters.dynamodb.purge import DynamoPurge
from chalicelib.adapters.dynamodb.rate_limits import DynamoRateLimits
from chalicelib.adapters.dynamodb.ratings import DynamoRatings
from chalicelib.adapters.dynamodb.run_configs import DynamoRunConfigs
from chalicelib.adapters.dynamodb.runs import DynamoCourses
from chalicelib.adapters.dynamodb.scores import DynamoScores
from chalicelib.adapters.dynamodb.steps import DynamoSteps
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.adapters.dynamodb.traces import DynamoTraces
from chalicelib.adapters.dynamodb.webhooks import DynamoWebhooks
from chalicelib.adapters.health import AwsHealth
from chalicelib.adapters.prices import GenaiPrices
from chalicelib.adapters.provider_keys import ProviderKeys
from chalicelib.adapters.providers import HttpProviders
from chalicelib.adapters.s3 import Objects, S3Walks
from chalicelib.adapters.sqs import SqsQueues
from chalicelib.adapters.system import SystemClock, Threads, new_key, new_secret, new_token
from chalicelib.services.evaluation.evaluate_messages import EVALUATE_QUEUE
from chalicelib.services.ingest import PROCESS_QUEUE
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.lineage.notices import WEBHOOK_QUEUE
from chalicelib.services.lineage.walk import AT_ONCE
from chalicelib.services.ports import Ports
from chalicelib.services.purge_messages import PURGE_QUEUE
from chalicelib.services.running.messages import RUN_QUEUE
from chalicelib.settings import Settings


def aws_ports(settings: Settings) -> Ports:
    """Adapters over the resources that the settings name."""
    table = Table(client("dynamodb"), settings.table_name)
    objects = Objects(client("s3"), settings.payload_bucket)
    sqs = client("sqs")
    queues = SqsQueues(
        sqs,
        {
            PROCESS_QUEUE: settings.process_queue_url,
            FLAG_QUEUE: settings.flag_queue_url,
            WEBHOOK_QUEUE: settings.webhook_queue_url,
            PURGE_QUEUE: settings.purge_queue_url,
            RUN_QUEUE: settings.run_queue_url,
            EVALUATE_QUEUE: settings.evaluate_queue_url,
        },
    )
    return Ports(
        store=DynamoGenerations(table, objects, settings.payload_inline_bytes),
        purge=DynamoPurge(table, objects),
        index=DynamoIndex(table),
        lineage=DynamoLineage(table),
        scores=DynamoScores(table),
        walks=S3Walks(objects, new_key),
        at_once=Threads(AT_ONCE),
        catalog=DynamoCatalog(table),
        outbox=DynamoOutbox(table),
        queue=queues,
        prices=GenaiPrices(),
        clock=SystemClock(),
        new_key=new_key,
        health=AwsHealth(table, sqs, settings.process_queue_url),
        webhooks=DynamoWebhooks(table),
        courier=HttpCourier(),
        postpone=queues.postpone,
        new_secret=new_secret,
        api_keys=DynamoApiKeys(table),
        rate_limits=DynamoRateLimits(table),
        new_token=new_token,
        people=DynamoPeople(table),
        fingerprints=DynamoFingerprints(table),
        traces=DynamoTraces(table),
        courses=DynamoCourses(table, objects, settings.payload_inline_bytes, new_key),
        run_configs=DynamoRunConfigs(table),
        agent_sessions=DynamoAgentSessions(table),
        sleep=time.sleep,
        providers=HttpProviders(ProviderKeys()),
        steps=DynamoSteps(table, objects),
        ratings=DynamoRatings(table),
        conversations=DynamoConversations(table),
        evaluators=DynamoEvaluators(table),
        judgements=DynamoJudgements(table),
        backfills=DynamoBackfills(table),
    )
