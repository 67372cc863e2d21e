"""Every route there is."""

from chalicelib.api import (
    agent_records,
    agents,
    evaluator_results,
    evaluators,
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
    *runs.OPERATIONS,
    *agents.OPERATIONS,
    *agent_records.OPERATIONS,
    *scores.OPERATIONS,
    *lineage.OPERATIONS,
    *webhook.OPERATIONS,
    *evaluators.OPERATIONS,
    *evaluator_results.OPERATIONS,
    *keys.OPERATIONS,
    *purging.OPERATIONS,
]
