"""The standard services beside the exports: health and reflection. Neither asks who is calling."""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import HealthServicer
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import ReflectionServicer

from chalicelib.rpc.schema import new_pool

HEALTH = "grpc.health.v1.Health"
REFLECTION = "grpc.reflection.v1alpha.ServerReflection"
READERS = 2
"""Reflection streams at a time: each holds a thread for as long as its client likes."""


class Health(HealthServicer):
    """`Check` alone: a watcher would hold a thread for good, and clients take "unimplemented" for an answer."""

    def __init__(self) -> None:
        super().__init__(experimental_non_blocking=False)

    def serve(self, names: Iterable[str]) -> None:
        """Answer for these services as for the whole server; draining turns all of them bad."""
        for name in (*names, HEALTH, REFLECTION):
            self.set(name, health_pb2.HealthCheckResponse.SERVING)

    def Watch(self, request: Any, context: grpc.ServicerContext, send_response_callback: Any = None) -> None:  # noqa: ANN401, ARG002, N802  # the generated signature
        """Refused."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "ask with Check")


class Reflection:
    """Tells tools what is served."""

    def __init__(self, exports: Iterable[str]) -> None:
        self._answers: Any = ReflectionServicer([*exports, HEALTH, REFLECTION], pool=_all_files())
        self._room = threading.Semaphore(READERS)

    def ServerReflectionInfo(self, request_iterator: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: ANN401, N802  # the generated signature
        """One stream of questions and answers."""
        if not self._room.acquire(blocking=False):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "others are asking")
        try:
            yield from self._answers.ServerReflectionInfo(request_iterator, context)
        finally:
            self._room.release()


def _all_files() -> DescriptorPool:
    """Our own files with those of the standard services."""
    made = new_pool()
    for file in (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR):
        made.AddSerializedFile(file.serialized_pb)
    return made
