"""Every route there is."""

from chalicelib.api import (
    agent_records,
    agent_runs,
    agents,
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
    run_configs,
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
    *agent_runs.OPERATIONS,
    *run_configs.OPERATIONS,
    *scores.OPERATIONS,
    *lineage.OPERATIONS,
    *webhook.OPERATIONS,
    *keys.OPERATIONS,
    *purging.OPERATIONS,
]
