"""The gRPC server: which services it has, what bounds it, and how it ends."""

from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2_grpc

from chalicelib.bootstrap import Container
from chalicelib.rpc.answering import Answering
from chalicelib.rpc.beside import Health, Reflection
from chalicelib.rpc.exports import EXPORTS
from chalicelib.rpc.schema import PACKAGES

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
AT_ONCE = 32
KEPT_FREE = 8
"""Calls beside the exports, so that a busy service still says that it is healthy."""

_MINUTE_MS = 60_000
_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),  # a port that is taken is an error, not shared
    ("grpc.keepalive_time_ms", _MINUTE_MS),
    ("grpc.keepalive_timeout_ms", _MINUTE_MS // 3),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", _MINUTE_MS // 6),
    # Clients connect anew now and then, and so find instances that were added; a stream left open ends.
    ("grpc.max_connection_age_ms", 10 * _MINUTE_MS),
    ("grpc.max_connection_age_grace_ms", _MINUTE_MS),
]


class Server:
    """Serves the exports under both packages, health and reflection, without encryption: that is the balancer's."""

    def __init__(self, use: Container, at_once: int = AT_ONCE) -> None:
        threads = at_once + KEPT_FREE
        self._server = grpc.server(
            ThreadPoolExecutor(threads, thread_name_prefix="rpc"), options=_OPTIONS, maximum_concurrent_rpcs=threads
        )
        self._health = Health()
        names = self._add_exports(Answering(use, at_once))
        self._health.serve(names)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(Reflection(names), self._server)

    def _add_exports(self, answering: Answering) -> list[str]:
        """Gives the names of the services."""
        names = []
        for service, exports in groupby(EXPORTS, key=lambda export: export.service):
            methods = {export.method: answering.handler(export) for export in exports}
            for package in PACKAGES:
                names.append(f"{package}.{service}")
                handler = grpc.method_handlers_generic_handler(names[-1], methods)
                self._server.add_generic_rpc_handlers((handler,))
        return names

    def start(self, address: str) -> int:
        """Serves from now on; gives the port, which is a free one where `address` ends in `:0`.

        Raises OSError when it cannot listen there.
        """
        try:
            port: int = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error
        self._server.start()
        return port

    def drain(self, seconds: float) -> bool:
        """Ends: calls that have begun are finished, new ones are refused as unavailable.

        Whether all were finished within `seconds`; after that the others are cancelled.
        """
        self._health.enter_graceful_shutdown()
        return self._server.stop(seconds).wait(seconds)
