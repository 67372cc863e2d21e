"""What every use case is made of, and the traces and metrics of the functions."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TypeVar

from chalicelib.observability.metrics import Metrics
from chalicelib.observability.tracing import NullTracer, Tracer
from chalicelib.services.ports import Ports
from chalicelib.services.telemetry import Telemetry
from chalicelib.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Foundation:
    """One process's settings and ports."""

    settings: Settings
    ports: Ports
    tracer: Tracer = field(default_factory=NullTracer)

    def narrowed(self, kind: type[T]) -> T:
        """Of all ports those that a use case names as its own."""
        return kind(**{each.name: getattr(self.ports, each.name) for each in fields(kind)})  # type: ignore[arg-type]

    @cached_property
    def ingest_telemetry(self) -> Telemetry:
        """Trace and metrics of the way in."""
        return Telemetry(self.tracer, Metrics("ingest"))

    @cached_property
    def process_telemetry(self) -> Telemetry:
        """Trace and metrics of the workers."""
        return Telemetry(self.tracer, Metrics("process"))

    @cached_property
    def webhook_telemetry(self) -> Telemetry:
        """Trace and metrics of the webhook worker."""
        return Telemetry(self.tracer, Metrics("webhook"))

    @cached_property
    def flag_telemetry(self) -> Telemetry:
        """Trace and metrics of the flag worker."""
        return Telemetry(self.tracer, Metrics("flag"))

    @cached_property
    def evaluate_telemetry(self) -> Telemetry:
        """Trace and metrics of the evaluate worker."""
        return Telemetry(self.tracer, Metrics("evaluate"))

    @cached_property
    def purge_telemetry(self) -> Telemetry:
        """Trace and metrics of the purge worker."""
        return Telemetry(self.tracer, Metrics("purge"))

    @cached_property
    def run_telemetry(self) -> Telemetry:
        """Trace and metrics of the run worker."""
        return Telemetry(self.tracer, Metrics("run"))
