"""What an envelope (HTTP headers, SQS record) tells about the work it brings: correlation id and trace header."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

CORRELATION_ATTRIBUTE = "correlation_id"
"""Name of the SQS message attribute (String) that hands the correlation id on."""

_CORRELATION_HEADERS = ("x-correlation-id", "x-request-id")
_TRACE_HEADER = "x-amzn-trace-id"
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def correlation_of_headers(headers: Mapping[str, str]) -> str:
    """The client's `X-Correlation-Id`, else its `X-Request-Id`, else a new id. A malformed id counts as none."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return _first_valid(*(lowered.get(name) for name in _CORRELATION_HEADERS))


def trace_header_of_headers(headers: Mapping[str, str]) -> str | None:
    """The request's `X-Amzn-Trace-Id`, unchecked."""
    return next((value for name, value in headers.items() if name.lower() == _TRACE_HEADER), None)


def correlation_of_record(record: Mapping[str, Any]) -> str:
    """The id that the sender of an SQS record (as Lambda gets it) handed on, else a new one."""
    attribute = (record.get("messageAttributes") or {}).get(CORRELATION_ATTRIBUTE) or {}
    return _first_valid(attribute.get("stringValue"))


def trace_header_of_record(record: Mapping[str, Any]) -> str | None:
    """The `AWSTraceHeader` of an SQS record, unchecked."""
    header = (record.get("attributes") or {}).get("AWSTraceHeader")
    return header if isinstance(header, str) else None


def _first_valid(*candidates: object) -> str:
    for candidate in candidates:
        if isinstance(candidate, str) and _CORRELATION_ID.fullmatch(candidate):
            return candidate
    return uuid.uuid4().hex
