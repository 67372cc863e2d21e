"""Distributed tracing behind one small protocol: segments, subsegments and the header that links them over SQS.

A process that does not trace never imports the X-Ray SDK: see `chalicelib/observability/xray.py` for the one that does.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from chalicelib.observability.trace_header import carried, carrying

Annotation = str | int | float | bool


class Tracer(Protocol):
    """Tells a trace what is being done. Never fails, never sees a payload."""

    def segment(self, name: str, header: str | None = None) -> AbstractContextManager[None]:
        """One request, message or run, in the trace of `header` (`Root=…;Parent=…;Sampled=…`) when it is given."""
        ...

    def subsegment(self, name: str, **annotations: Annotation) -> AbstractContextManager[None]:
        """A part of the segment at hand. Annotations are numbers, booleans and identifiers of up to 64 characters."""
        ...

    def header(self) -> str | None:
        """What to send as SQS `AWSTraceHeader`, so that the receiver continues this trace; None when there is none."""
        ...


class NullTracer:
    """Records nothing, and hands a trace that passes through on as it came."""

    def segment(self, name: str, header: str | None = None) -> AbstractContextManager[None]:  # noqa: ARG002 - the protocol's
        """Carries `header` for the work inside."""
        return carrying(header)

    def subsegment(self, name: str, **annotations: Annotation) -> AbstractContextManager[None]:  # noqa: ARG002 - the protocol's
        """Does nothing."""
        return nullcontext()

    def header(self) -> str | None:
        """The header that the work came with, unchanged."""
        return carried()


def tracer_for(enabled: bool, in_lambda: bool, invocation_header: Callable[[], str | None]) -> Tracer:
    """The tracer of this process.

    `invocation_header` reads what the Lambda runtime sets anew for each invocation (`_X_AMZN_TRACE_ID`); it is called
    inside Lambda only, and decides there whether an invocation is recorded.
    """
    if not enabled:
        return NullTracer()
    from chalicelib.observability.xray import XRayTracer

    return XRayTracer(invocation_header if in_lambda else None)
