"""Errors as a gRPC client sees them: codes from one table, the text of HTTP's `error.message`."""

import grpc

from chalicelib.domain import errors


class Abandoned(errors.CatchmentError):
    """The client has gone: it cancelled, its deadline has passed, or its message was too long. Nobody reads this."""


CODES: dict[type[errors.CatchmentError], grpc.StatusCode] = {
    errors.Malformed: grpc.StatusCode.INVALID_ARGUMENT,
    errors.TooLarge: grpc.StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    errors.TooManyRequests: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    Abandoned: grpc.StatusCode.CANCELLED,
}
PUSHBACK = "grpc-retry-pushback-ms"
"""The trailer by which gRPC's own retries know when to come again."""


def code_of(error: errors.CatchmentError) -> grpc.StatusCode:
    """The status code of an error of ours."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), grpc.StatusCode.INTERNAL)


def trailers_of(error: errors.CatchmentError) -> tuple[tuple[str, str], ...]:
    """When to come again, where that helps."""
    if isinstance(error, errors.TooManyRequests | errors.Unavailable):
        return ((PUSHBACK, str(error.retry_after * 1000)),)
    return ()
