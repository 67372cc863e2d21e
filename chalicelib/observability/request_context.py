"""What an envelope (HTTP headers, SQS record) tells about the work it brings: correlation id and trace header.

The correlation id of a message is in its body, beside what it belongs to.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

_CORRELATION_HEADERS = ("x-correlation-id", "x-request-id")
_TRACE_HEADER = "x-amzn-trace-id"
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def correlation_of_headers(headers: Mapping[str, str]) -> str:
    """The client's `X-Correlation-Id`, else its `X-Request-Id`, else a new id. A malformed id counts as none."""
    lowered = {name.lower(): value for name, value in headers.items()}
    sent = (lowered.get(name) or "" for name in _CORRELATION_HEADERS)
    return next((value for value in sent if _CORRELATION_ID.fullmatch(value)), None) or uuid.uuid4().hex


def trace_header_of_headers(headers: Mapping[str, str]) -> str | None:
    """The request's `X-Amzn-Trace-Id`, unchecked."""
    return next((value for name, value in headers.items() if name.lower() == _TRACE_HEADER), None)


def trace_header_of_record(record: Mapping[str, Any]) -> str | None:
    """The `AWSTraceHeader` of an SQS record, unchecked."""
    header = (record.get("attributes") or {}).get("AWSTraceHeader")
    return header if isinstance(header, str) else None
