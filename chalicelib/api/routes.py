"""Every route there is."""

from chalicelib.api import agents, export, generations, health, ingest, keys, lineage, scores, webhook
from chalicelib.api.routing import Operation

OPERATIONS: list[Operation] = [
    *health.OPERATIONS,
    *export.OPERATIONS,
    *ingest.OPERATIONS,
    *generations.OPERATIONS,
    *agents.OPERATIONS,
    *scores.OPERATIONS,
    *lineage.OPERATIONS,
    *webhook.OPERATIONS,
    *keys.OPERATIONS,
]
