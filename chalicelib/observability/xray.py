"""Tracing with the AWS X-Ray SDK, imported when the first sampled work begins (that import costs 0.25 s of CPU).

Nothing is patched: what is recorded is what the code names. The SDK's own context managers are not used, because they
record the message of an exception, which may quote a payload; here an error is told by its type.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from chalicelib.domain.errors import Rejected
from chalicelib.observability import trace_header
from chalicelib.observability.logs import log_exception
from chalicelib.observability.trace_header import TraceHeader, carried, carrying
from chalicelib.observability.tracing import Annotation
from chalicelib.observability.xray_sdk import DAEMON, SAMPLING_RATE, Entity, LazyRecorder

_IDENTIFIER = re.compile(r"[A-Za-z0-9._:/@-]{1,64}")

T = TypeVar("T")


class XRayTracer:
    """Records with the process's one X-Ray recorder, so there is one of these per process.

    In Lambda (`invocation_header` given) the segment is Lambda's own, and each `segment` here is a subsegment of it,
    when the invocation is sampled. Elsewhere the header's decision is followed; where it has none, the first work of
    each second and `sampling_rate` of the rest are recorded, without asking a daemon. Documents go by UDP to `daemon`
    (the SDK prefers `AWS_XRAY_DAEMON_ADDRESS`); with nobody listening they are lost, and nothing else happens.
    """

    def __init__(
        self,
        invocation_header: Callable[[], str | None] | None = None,
        *,
        daemon: str = DAEMON,
        sampling_rate: float = SAMPLING_RATE,
    ) -> None:
        self._invocation_header = invocation_header
        self._said_failed = False
        self._sdk = LazyRecorder(daemon, sampling_rate, self._failed, in_lambda=invocation_header is not None)

    @contextmanager
    def segment(self, name: str, header: str | None = None) -> Iterator[None]:
        """See `Tracer.segment`. One inside another, on the same thread, is a subsegment of it."""
        if self._invocation_header:
            with carrying(self._invocation_header() or header), self.subsegment(name, **_origin(header)):
                yield
        elif self._safely(self._entity) is not None:
            with self.subsegment(name):
                yield
        else:
            with self._root_segment(name, header):
                yield

    @contextmanager
    def subsegment(self, name: str, **annotations: Annotation) -> Iterator[None]:
        """See `Tracer.subsegment`. Outside any segment that is recorded it does nothing."""
        entity = self._safely(lambda: self._begin_subsegment(name))
        self._annotate(entity, annotations)
        with self._marking(entity, lambda: self._sdk.recorder().end_subsegment()):
            yield

    def header(self) -> str | None:
        """See `Tracer.header`. Work that is not recorded hands its header on as it came."""
        entity = self._safely(self._entity)
        if entity is None or not entity.sampled:
            return carried()
        return str(TraceHeader(entity.trace_id, entity.id, "1"))

    @contextmanager
    def _root_segment(self, name: str, text: str | None) -> Iterator[None]:
        incoming = trace_header.parse(text)
        here = incoming or TraceHeader(trace_header.new_root())
        here = here if here.sampled else here._replace(sampled="1" if self._chosen(name) else "0")
        entity = self._safely(lambda: self._begin_segment(name, here)) if here.sampled == "1" else None
        # A header that decided goes on as it came; one that left the decision open goes on with ours.
        with carrying(text if here == incoming else str(here)), self._marking(entity, self._end_segment):
            yield

    @contextmanager
    def _marking(self, entity: Entity | None, end: Callable[[], None]) -> Iterator[None]:
        """Ends the entity with the work inside; a client's mistake is an `error` to X-Ray, anything else a `fault`."""
        try:
            yield
        except BaseException as error:
            if entity is not None:
                self._safely(entity.add_error_flag if isinstance(error, Rejected) else entity.add_fault_flag)
                self._annotate(entity, {"error_type": type(error).__name__})
            raise
        finally:
            if entity is not None:
                self._safely(end)

    def _chosen(self, name: str) -> bool:
        return bool(self._safely(lambda: self._sdk.recorder().sampler.should_trace({"service": name})))

    def _begin_segment(self, name: str, header: TraceHeader) -> Entity:
        return self._sdk.recorder().begin_segment(name, traceid=header.root, parent_id=header.parent, sampling=1)

    def _end_segment(self) -> None:
        recorder = self._sdk.recorder()
        try:
            recorder.end_segment()
        finally:
            recorder.clear_trace_entities()

    def _begin_subsegment(self, name: str) -> Entity | None:
        return None if self._entity() is None else self._sdk.recorder().begin_subsegment(name)

    def _annotate(self, entity: Entity | None, annotations: Mapping[str, Annotation]) -> None:
        if entity is not None:
            self._safely(lambda: _put(entity, annotations))

    def _entity(self) -> Entity | None:
        """The entity at hand, when this work is recorded. In Lambda that is for each invocation to say."""
        if self._invocation_header:
            invocation = trace_header.parse(self._invocation_header())
            return self._sdk.recorder().get_trace_entity() if invocation and invocation.sampled == "1" else None
        return self._sdk.recorder().get_trace_entity() if self._sdk.loaded else None

    def _safely(self, call: Callable[[], T]) -> T | None:
        """Whatever the SDK does wrong costs the trace, not the request."""
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - any failure of the SDK, an import error as well
            self._failed(error)
            return None

    def _failed(self, error: BaseException) -> None:
        if not self._said_failed:
            self._said_failed = True
            log_exception("tracing_failed", error, level="WARNING")


def _put(entity: Entity, annotations: Mapping[str, Annotation]) -> None:
    for key, value in annotations.items():
        if _may_be_told(value):
            entity.put_annotation(key, value)


def _may_be_told(value: object) -> bool:
    """Text with a blank in it may be a prompt's; an identifier cannot hold one."""
    if isinstance(value, str):
        return _IDENTIFIER.fullmatch(value) is not None
    return isinstance(value, int | float) and math.isfinite(value)


def _origin(header: str | None) -> dict[str, Annotation]:
    """In Lambda a message is worked on in the invocation's trace; this names the trace that it came from."""
    incoming = trace_header.parse(header)
    return {"origin_trace": incoming.root} if incoming else {}
