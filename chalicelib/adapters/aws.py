"""boto3 clients and the translation of their errors: the only place where AWS failures become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from chalicelib.domain.errors import Unavailable

Client = Any  # boto3 publishes no types; the ports above the adapters are what is typed

TRANSIENT = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "InternalError",
        "LimitExceededException",
        "OverLimit",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
TRANSIENT_STATUS = 500


@cache
def client(service: str) -> Client:
    """One low-level client per service and process.

    Parameter validation is off because every request is built by one of our own serializers (it halves the cost of a
    batch write); time-outs and attempts keep a request inside API Gateway's 29 s.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        parameter_validation=False,
        user_agent="catchment",  # botocore would put one together anew for every call, a seventh of a put's CPU
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=64,
        tcp_keepalive=True,
        retries={"mode": "standard", "total_max_attempts": 3},
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "auto"},
    )
    return boto3.client(service, config=config)


def error_code(error: Exception) -> str:
    """The service's error code of a botocore ClientError, or an empty string."""
    response: dict[str, Any] = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def translated(service: str) -> Iterator[None]:
    """Turn throttling, time-outs and connection faults into `Unavailable`; let every other error through."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if error_code(error) in TRANSIENT or status >= TRANSIENT_STATUS:
            raise Unavailable(f"{service} is not available") from error
        raise
    except BotoCoreError as error:
        raise Unavailable(f"{service} is not available") from error
