"""One call: who is calling, what they want, and the answer or the status that says why there is none."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import grpc

from chalicelib.api.auth import authenticate
from chalicelib.api.caller import Caller
from chalicelib.api.roles import allowed_actions, require
from chalicelib.api.routes import OPERATIONS
from chalicelib.bootstrap import Container
from chalicelib.domain.errors import CatchmentError, Malformed, TooManyRequests
from chalicelib.observability.logs import correlation, log_exception
from chalicelib.observability.request_context import correlation_of_headers, trace_header_of_headers
from chalicelib.rpc.errors import Abandoned, code_of, trailers_of
from chalicelib.rpc.exports import Export
from chalicelib.rpc.rooms import TenantRooms

SEGMENT = "catchment-rpc"
CORRELATION = "x-correlation-id"
PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a call comes to: a message, or an error."""

    content: bytes = b""
    error: CatchmentError | None = None


class Answering:
    """Answers calls, at most `at_once` at a time, and of one tenant half as many. Thread-safe."""

    def __init__(self, use: Container, at_once: int) -> None:
        self._use = use
        self._room = threading.Semaphore(at_once)
        self._tenants = TenantRooms((at_once + 1) // 2)
        self._allowed = allowed_actions((each.action, each.role) for each in OPERATIONS if each.role)

    def handler(self, export: Export) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """The method's handler. It is one of a stream, so that it is asked before a message is received."""

        def serve(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
            return self._serve(export, messages, context)

        return grpc.stream_unary_rpc_method_handler(serve)

    def _serve(self, export: Export, messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        headers = headers_of(context.invocation_metadata())
        correlation_id = correlation_of_headers(headers)
        metrics = self._use.ingest_telemetry.metrics
        with (
            correlation(correlation_id, function=export.operation.action),
            metrics.emitting(),
            self._use.tracer.segment(SEGMENT, trace_header_of_headers(headers)),
        ):
            answer = self._answer(export, headers, messages, context)
            code = grpc.StatusCode.OK if answer.error is None else code_of(answer.error)
            metrics.count("calls", method=export.method, code=code.name)
        again = trailers_of(answer.error) if answer.error else ()
        context.set_trailing_metadata(((CORRELATION, correlation_id), *again))
        if answer.error is not None:
            context.abort(code, answer.error.message)
        return answer.content

    def _answer(
        self, export: Export, headers: dict[str, str], messages: Iterator[bytes], context: grpc.ServicerContext
    ) -> _Answer:
        if not self._room.acquire(blocking=False):
            return _Answer(error=TooManyRequests("the service is busy", retry_after=1))
        try:
            principal = authenticate(headers, self._use.settings, self._use.key_ring)
            require(principal, export.operation.action, self._allowed)
            with self._tenants.room(principal.tenant):
                request = _received(messages, context)
                return _Answer(export(Caller(self._use, principal), request))
        except CatchmentError as error:
            return _Answer(error=error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a status and the log the place
            log_exception("request_failed", error, action=export.operation.action)
            return _Answer(error=CatchmentError("internal error"))
        finally:
            self._room.release()


def headers_of(metadata: Sequence[tuple[str, str | bytes]] | None) -> dict[str, str]:
    """The metadata as headers. A name that comes several times is one value, joined with commas, as over HTTP."""
    found: dict[str, str] = {}
    for name, value in metadata or ():
        if isinstance(value, str):
            found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _received(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
    """The call's one message. What a client has given up before it was all here is not stored.

    A client that does not send it is given up after half a minute: waiting takes a thread.
    """
    patience = threading.Timer(PATIENCE_S, context.cancel)
    patience.daemon = True
    patience.start()
    try:
        request = next(messages, None)
    except grpc.RpcError:
        raise Abandoned("the call was given up") from None
    finally:
        patience.cancel()
    if not context.is_active():
        raise Abandoned("the call was given up")
    if request is None:
        raise Malformed("the request is missing")
    return request
