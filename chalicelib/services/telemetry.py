"""What a use case tells about itself while it works."""

from dataclasses import dataclass

from chalicelib.observability.metrics import Metrics
from chalicelib.observability.tracing import Tracer


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Trace and metrics of one pipeline stage."""

    tracer: Tracer
    metrics: Metrics
