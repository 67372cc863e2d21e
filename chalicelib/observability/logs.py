"""Structured logs: one JSON object per line, a constant event name with a few small fields.

Payloads, prompts and keys never get here: a value is a number, a boolean, None or a string cut to 256 characters,
and an error is told by its type and place. The message of an error is told only when the error is ours.
"""

import json
import logging
import math
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

from chalicelib.domain.errors import CatchmentError
from chalicelib.observability.catalog import Level
from chalicelib.observability.trace_header import carried_trace_id

Field = str | int | float | bool | None

MAX_STRING = 256
MAX_FRAMES = 20
MAX_CAUSES = 5

_LOGGER = logging.getLogger("catchment")


class _Work(NamedTuple):
    """What the lines of one request or message have in common."""

    correlation_id: str | None = None
    function: str | None = None


_NOTHING_KNOWN = _Work()
_work: ContextVar[_Work] = ContextVar("work")


class _JsonLines(logging.Formatter):
    """Renders a record of `log`; the names that every line has win over fields of the same name."""

    def __init__(self, service: str, stage: str | None) -> None:
        super().__init__()
        self._service = service
        self._stage = stage

    def format(self, record: logging.LogRecord) -> str:
        work = _work.get(_NOTHING_KNOWN)
        common = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname,
            "event": record.getMessage(),
            "service": self._service,
            "stage": self._stage,
            "function": work.function,
            "correlation_id": work.correlation_id,
            "xray_trace_id": carried_trace_id(),
        }
        known = {name: value for name, value in common.items() if value is not None}
        fields = getattr(record, "fields", {})
        return json.dumps(known | {name: value for name, value in fields.items() if name not in common})


def configure(level: str, service: str, stage: str | None = None, stream: TextIO | None = None) -> None:
    """Sends the lines of this process from `level` up to `stream` (stdout, which Lambda keeps). May be called again.

    Raises ValueError when `level` is none of DEBUG, INFO, WARNING, ERROR, CRITICAL.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(_JsonLines(service, stage))
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(level)
    # Lambda's runtime has a handler of its own on the root logger, which would write each line a second time.
    _LOGGER.propagate = False


@contextmanager
def correlation(correlation_id: str, *, function: str | None = None) -> Iterator[None]:
    """Lines written inside bear this id and, when given, the name of the function at work."""
    token = _work.set(_Work(correlation_id, function or _work.get(_NOTHING_KNOWN).function))
    try:
        yield
    finally:
        _work.reset(token)


def current_correlation_id() -> str | None:
    """The id of the request or message at hand, to be handed on with whatever it causes."""
    return _work.get(_NOTHING_KNOWN).correlation_id


def log(event: str, *, level: Level = "INFO", **fields: Field) -> None:
    """Writes one line. `event` is a constant listed in `catalog.EVENTS`, never text made up on the way."""
    _write(event, level, {name: _bounded(value) for name, value in fields.items()})


def log_exception(event: str, error: BaseException, *, level: Level = "ERROR", **fields: Field) -> None:
    """Writes one line about an error: type, types of its causes, stack as `file:line function`, innermost last.

    The message and code are written for a `CatchmentError` only; anybody else's message may quote what a client sent.
    """
    told: dict[str, object] = {name: _bounded(value) for name, value in fields.items()}
    told["error_type"] = _type_name(error)
    if isinstance(error, CatchmentError):
        told |= {"error_code": error.code, "error_message": _bounded(error.message)}
    if causes := [_type_name(cause) for cause in _causes(error)]:
        told["error_causes"] = causes
    told["stack"] = _stack(error)
    _write(event, level, told)


def _write(event: str, level: Level, fields: dict[str, object]) -> None:
    _LOGGER.log(logging.getLevelNamesMapping()[level], "%s", event, extra={"fields": fields})


def _bounded(value: object) -> Field:
    """Anything but a small scalar is told by its type, so that no payload can slip in as a list or an object."""
    if isinstance(value, str):
        return value[:MAX_STRING]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, int | float):
        return value
    return f"<{type(value).__name__}>"


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    for _ in range(MAX_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__


def _stack(error: BaseException) -> list[str]:
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), limit=-MAX_FRAMES, lookup_lines=False
    )
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    return "/".join(filename.rsplit("/", 3)[-3:])
