"""Every route there is."""

from chalicelib.api import agents, export, generations, health
from chalicelib.api.routing import Operation

OPERATIONS: list[Operation] = [
    *health.OPERATIONS,
    *export.OPERATIONS,
    *generations.OPERATIONS,
    *agents.OPERATIONS,
]
