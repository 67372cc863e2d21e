"""Routes as data: one `Operation` per route, and the one view around all of them.

The view turns a Chalice request into a `Call`, an outcome into a response and an error into the contract's shape,
because Chalice would answer an exception with a 500 before any middleware could see it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from chalice.app import Chalice, Response

from chalicelib.api.auth import Principal, authenticate
from chalicelib.api.call import Call, HttpRequest
from chalicelib.api.errors import error_reply
from chalicelib.api.reply import Reply
from chalicelib.api.roles import Allowed, allowed_actions, require
from chalicelib.bootstrap import Container, container
from chalicelib.domain.api_key import Role
from chalicelib.domain.errors import CatchmentError
from chalicelib.observability.logs import correlation, log_exception
from chalicelib.observability.request_context import correlation_of_headers, trace_header_of_headers

Handler = Callable[[Call], Reply]
API_SEGMENT = "catchment-api"
ANONYMOUS = Principal(tenant="", role="viewer")


@dataclass(frozen=True, slots=True)
class Operation:
    """One route. `path` is without the stage's prefix; an operation without a role asks for no key.

    `aliases` are paths that serve the same outside the prefix, as the lifecycle document writes them. `failure` makes
    the answer to an error, in the dialect of the route.
    """

    method: str
    path: str
    action: str
    handler: Handler
    role: Role | None = "viewer"
    aliases: tuple[str, ...] = field(default=())
    failure: Callable[[CatchmentError], Reply] = error_reply


def register(app: Chalice, operations: list[Operation], prefix: str) -> None:
    """Declare every operation on the app: those that need a caller under the prefix, the others at the root."""
    allowed = allowed_actions((each.action, each.role) for each in operations if each.role)
    for operation in operations:
        paths = [operation.path if operation.role is None else prefix + operation.path, *operation.aliases]
        for path in paths:
            name = f"{operation.method} {path}"
            app.route(path, methods=[operation.method], name=name, content_types=[])(_view(app, operation, allowed))


def _view(app: Chalice, operation: Operation, allowed: Allowed) -> Callable[..., Response]:
    def view(**_path_parameters: str) -> Response:
        request: HttpRequest = app.current_request
        headers = {name.lower(): value for name, value in request.headers.items()}
        correlation_id = correlation_of_headers(headers)
        with correlation(correlation_id, function=operation.action):
            reply = _answer(operation, allowed, headers, request)
        return Response(body=reply.text(), status_code=reply.status, headers=_headers(reply, correlation_id))

    return view


def _answer(operation: Operation, allowed: Allowed, headers: dict[str, str], request: HttpRequest) -> Reply:
    try:
        made = container()
        arrived = made.ports.clock.now()
        with (
            made.ingest_telemetry.metrics.emitting(),
            made.tracer.segment(API_SEGMENT, trace_header_of_headers(headers)),
        ):
            caller = _caller(operation, allowed, headers, made)
            return operation.handler(Call(made, caller, headers, request, arrived))
    except CatchmentError as error:
        return operation.failure(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets our shape and the log the place
        log_exception("request_failed", error, action=operation.action)
        return operation.failure(CatchmentError("internal error"))


def _caller(operation: Operation, allowed: Allowed, headers: dict[str, str], made: Container) -> Principal:
    if operation.role is None:
        return ANONYMOUS
    principal = authenticate(headers, made.settings, made.key_ring)
    require(principal, operation.action, allowed)
    return principal


def _headers(reply: Reply, correlation_id: str) -> dict[str, str | list[str]]:
    return {"Content-Type": "application/json", **reply.headers, "X-Correlation-Id": correlation_id}
