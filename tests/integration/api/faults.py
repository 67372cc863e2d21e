"""Faults of AWS, made where botocore would send a request: what is left after all its own retries."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from chalicelib.adapters import aws

INTERNALS = "table catchment in account 123456789012"
CODES = {
    "throttled": ("ProvisionedThroughputExceededException", 400),
    "broken": ("InternalServerError", 500),
}
EXCEPTIONS: dict[str, Exception] = {
    "unreachable": EndpointConnectionError(endpoint_url=INTERNALS),
    "timed out": ConnectTimeoutError(endpoint_url=INTERNALS),
}
KINDS = (*CODES, *EXCEPTIONS)


@contextmanager
def failing(service: str, operation: str = "", kind: str = "throttled", *, after: int = 0) -> Iterator[list[str]]:
    """Let calls of a service (or of one operation of it) fail, all but the first `after`; lists the failed ones."""
    events = aws.client(service).meta.events
    name = f"before-call.{service}.{operation}" if operation else f"before-call.{service}"
    failed: list[str] = []
    passed = iter(range(after))

    def fail(model: Any, **_: object) -> Any:
        if next(passed, None) is not None:
            return None
        failed.append(model.name)
        if kind in EXCEPTIONS:
            raise EXCEPTIONS[kind]
        code, status = CODES[kind]
        parsed = {"Error": {"Code": code, "Message": INTERNALS}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return SimpleNamespace(status_code=status), parsed

    events.register(name, fail)
    try:
        yield failed
    finally:
        events.unregister(name, fail)
