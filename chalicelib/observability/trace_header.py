"""The X-Ray trace header (`Root=…;Parent=…;Sampled=…`): read, written and carried with the work at hand.

Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html (tracing header).
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple, cast

Sampled = Literal["0", "1"]

_MAX_LENGTH = 512
_FIELDS = re.compile(r"[A-Za-z]+=[\w.:?|@+/-]+(;[A-Za-z]+=[\w.:?|@+/-]+)*;?", re.ASCII)
_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_PARENT = re.compile(r"[0-9a-f]{16}")

_carried: ContextVar[str | None] = ContextVar("carried_trace_header", default=None)


class TraceHeader(NamedTuple):
    """`sampled` is None when the sender left the decision open."""

    root: str
    parent: str | None = None
    sampled: Sampled | None = None

    def __str__(self) -> str:
        """The header's text, as SQS takes it in `AWSTraceHeader`."""
        parts = (("Root", self.root), ("Parent", self.parent), ("Sampled", self.sampled))
        return ";".join(f"{name}={value}" for name, value in parts if value is not None)


def parse(text: str | None) -> TraceHeader | None:
    """Reads a header; None when it names no trace or is malformed. Other fields (`Self`, `Lineage`) are passed over."""
    if not text or len(text) > _MAX_LENGTH or not _FIELDS.fullmatch(text):
        return None
    fields = dict(field.split("=", 1) for field in text.rstrip(";").split(";"))
    root, parent, sampled = fields.get("Root", ""), fields.get("Parent"), fields.get("Sampled")
    if not _ROOT.fullmatch(root) or (parent is not None and not _PARENT.fullmatch(parent)):
        return None
    return TraceHeader(root, parent, cast("Sampled", sampled) if sampled in {"0", "1"} else None)


def new_root() -> str:
    """A new trace id: version, seconds since the epoch, 96 random bits."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"


@contextmanager
def carrying(text: str | None) -> Iterator[None]:
    """Makes `text` the header of the work inside. A malformed one counts as none: SQS refuses it."""
    token = _carried.set(text if parse(text) else None)
    try:
        yield
    finally:
        _carried.reset(token)


def carried() -> str | None:
    """The header that came with the work at hand, exactly as it came."""
    return _carried.get()


def carried_trace_id() -> str | None:
    """The trace id of the work at hand."""
    header = parse(_carried.get())
    return header.root if header else None
