"""Errors as the client sees them: one shape, statuses from one table."""

from typing import Any

from chalicelib.api.reply import Reply
from chalicelib.domain import errors

STATUS: dict[type[errors.CatchmentError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.UnsupportedEncoding: 415,
    errors.TooManyRequests: 429,
    errors.EmptySession: 422,
    errors.RunFailed: 502,
    errors.RunTimedOut: 504,
    errors.Unavailable: 503,
}
INTERNAL = 500


def error_body(code: str, message: str, meta: dict[str, Any]) -> dict[str, Any]:
    """The contract's error shape."""
    return {"error": {"code": code, "message": message, "meta": meta}}


def error_reply(error: errors.CatchmentError, **beside: object) -> Reply:
    """The reply for an error of ours, with what a dialect wants beside the contract's shape."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), INTERNAL)
    return Reply({**error_body(error.code, error.message, error.meta), **beside}, status, _headers(error))


def _headers(error: errors.CatchmentError) -> dict[str, str]:
    if isinstance(error, errors.TooManyRequests | errors.Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {}
