"""Stands where API Gateway stands in production: turns a WSGI request into its Lambda event and back.

Differences that are meant: here an unknown path is 404 and a wrong method 405, HEAD and OPTIONS are answered for every
route, and there is no size limit of Lambda's.
"""

import base64
import json
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from chalice.app import Chalice

from infra.local.context import LambdaContext
from infra.local.routing import Match, Router

StartResponse = Callable[[str, list[tuple[str, str]]], object]
Environ = Mapping[str, Any]

API_TIMEOUT_SECONDS = 29.0
REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Gateway:
    """A WSGI application over a Chalice app. Safe for many threads at once."""

    def __init__(self, app: Chalice, log: Callable[..., None]) -> None:
        self._app = keep_requests_apart(app)
        self._router = Router(list(app.routes))
        self._methods = {pattern: allowed_methods(routes) for pattern, routes in app.routes.items()}
        self._log = log

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        headers.append(("Content-Length", str(len(body))))
        start_response(REASONS.get(status, f"{status} Status"), headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
        path = raw_path(environ)
        match = self._router.match(path)
        if match is None:
            return error_answer(404, "NOT_FOUND", "no such path")
        method = environ["REQUEST_METHOD"]
        routes = self._app.routes[match.pattern]
        if method == "HEAD" and method not in routes:
            method = "GET"
        if method not in routes:
            return without_route(method, self._methods[match.pattern])
        try:
            return to_answer(self._app(to_event(environ, match, method, path), _context()))
        except Exception:  # noqa: BLE001 - whatever a view let through must not end the connection without an answer
            self._log("request.failed", level="ERROR", path=match.pattern, error=traceback.format_exc())
            return error_answer(500, "INTERNAL", "internal error")


def keep_requests_apart(app: Chalice) -> Chalice:
    """Gives each thread its own `current_request`: Lambda runs one request at a time, this front runs many."""

    class PerThread(type(app)):  # type: ignore[misc]
        _own = threading.local()
        current_request = property(
            lambda self: getattr(self._own, "request", None),
            lambda self, value: setattr(self._own, "request", value),
        )
        lambda_context = property(
            lambda self: getattr(self._own, "context", None),
            lambda self, value: setattr(self._own, "context", value),
        )

    app.__class__ = PerThread
    return app


def allowed_methods(routes: Iterable[str]) -> str:
    """The value of `Allow` for a path with these methods."""
    implied = {"OPTIONS", "HEAD"} if "GET" in routes else {"OPTIONS"}
    return ", ".join(sorted({*routes} | implied))


def without_route(method: str, allow: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """The answer to a method that a path was not declared with."""
    if method == "OPTIONS":
        return 204, [("Allow", allow)], b""
    status, headers, body = error_answer(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed here", allow=allow)
    return status, [*headers, ("Allow", allow)], body


def error_answer(status: int, code: str, message: str, **meta: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer in the one error shape."""
    body = json.dumps({"error": {"code": code, "message": message, "meta": meta}}, separators=(",", ":"))
    return status, [("Content-Type", "application/json")], body.encode()


def raw_path(environ: Environ) -> str:
    """The path as it came over the wire: WSGI's own PATH_INFO is decoded and has lost `%2F`."""
    target: str = environ["REQUEST_URI"].split("?", 1)[0]
    if not target.startswith("/") and "://" in target:
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    return target


def to_event(environ: Environ, match: Match, method: str, path: str) -> dict[str, Any]:
    """The event of an API Gateway REST API with proxy integration."""
    headers = request_headers(environ)
    query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    body, encoded = event_body(environ["wsgi.input"].read())
    return {
        "resource": match.pattern,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": match.parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": match.pattern,
            "path": path,
            "httpMethod": method,
            "protocol": environ["SERVER_PROTOCOL"],
            "stage": "local",
            "requestId": str(uuid.uuid4()),
            "requestTimeEpoch": int(time.time() * 1000),
            "identity": {"sourceIp": environ["REMOTE_ADDR"], "userAgent": headers.get("user-agent")},
        },
        "body": body,
        "isBase64Encoded": encoded,
    }


def request_headers(environ: Environ) -> dict[str, str]:
    """Header names in lower case; a header sent several times is one value, joined with commas."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def event_body(content: bytes) -> tuple[str | None, bool]:
    """The body as text, or in base64 (True) when it is not UTF-8, as with gzip and protobuf."""
    if not content:
        return None, False
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(content).decode("ascii"), True


def to_answer(response: Mapping[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of what a Lambda function behind API Gateway returned."""
    content = response.get("body") or ""
    if response.get("isBase64Encoded"):
        body = base64.b64decode(content)
    else:
        body = content if isinstance(content, bytes) else content.encode("utf-8")
    single, multiple = response.get("headers") or {}, response.get("multiValueHeaders") or {}
    headers = [(name, str(value)) for name, value in single.items() if name.lower() != "content-length"]
    headers += [(name, str(value)) for name, values in multiple.items() for value in values]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return response["statusCode"], headers, body


def _context() -> LambdaContext:
    return LambdaContext("api_handler", API_TIMEOUT_SECONDS)
