"""Every route there is."""

from chalicelib.api import (
    agent_records,
    agents,
    conversations,
    events,
    export,
    fingerprints,
    generations,
    health,
    ingest,
    keys,
    lineage,
    people,
    purging,
    runs,
    scores,
    steps,
    traces,
    webhook,
)
from chalicelib.api.routing import Operation

OPERATIONS: list[Operation] = [
    *health.OPERATIONS,
    *export.OPERATIONS,
    *ingest.OPERATIONS,
    *events.OPERATIONS,
    *fingerprints.OPERATIONS,
    *people.OPERATIONS,
    *generations.OPERATIONS,
    *traces.OPERATIONS,
    *conversations.OPERATIONS,
    *runs.OPERATIONS,
    *agents.OPERATIONS,
    *agent_records.OPERATIONS,
    *scores.OPERATIONS,
    *steps.OPERATIONS,
    *lineage.OPERATIONS,
    *webhook.OPERATIONS,
    *keys.OPERATIONS,
    *purging.OPERATIONS,
]
