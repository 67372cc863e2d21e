"""From the bytes of a request body to a JSON value, whatever the bytes are.

Nothing here can be made to recurse without bound, to inflate past the limit or to take more than linear time. One value
that cannot be taken in (nested too deep, a number of thousands of digits) becomes `Unreadable` in its place, so that
only the item it is in need be refused: a client drops a whole batch that was answered 400.
"""

import gzip
import io
import json
import re
import zlib
from typing import NoReturn

from pydantic_core import from_json

from chalicelib.api.deep_json import parse_deep
from chalicelib.domain.errors import Malformed, TooLarge, UnsupportedEncoding
from chalicelib.domain.free_form import MAX_LEVELS, NUMBER_TOO_LONG, TOO_DEEP, Json, Unreadable

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_NAMES = {"gzip", "x-gzip"}
ENVELOPE = 2  # {"generations": [ … ]}
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]+|\\.)*"|(NaN|-?Infinity)')
_LONGEST_INTEGER = 4300  # digits and sign; what the fast parser takes, and `int` by default


class _BareConstantError(Exception):
    """A NaN or an Infinity stands where JSON wants a value."""


def read_body(raw: bytes, content_encoding: str | None, limit: int) -> bytes:
    """The body after decompression (gzip by `Content-Encoding` or by its first two bytes; several members are fine).

    Raises:
        TooLarge: over `limit` bytes after decompression; no more than that is ever inflated.
        UnsupportedEncoding: any other encoding than gzip and identity.
        Malformed: broken or truncated gzip.
    """
    named = {name.strip().lower() for name in (content_encoding or "").split(",")} - {"", "identity"}
    if named - _GZIP_NAMES:
        raise UnsupportedEncoding("Content-Encoding must be gzip or identity")
    body = _inflate(raw, limit) if named or raw.startswith(_GZIP_MAGIC) else raw
    if len(body) > limit:
        message = f"the body is over the limit of {limit} bytes"
        raise TooLarge(message, meta={"limit": limit})
    return body


def parse_json(body: bytes, max_depth: int = MAX_LEVELS, envelope: int = ENVELOPE) -> Json:
    """The JSON value that the body is.

    `max_depth` is counted inside an item; `envelope` is the number of levels around the items (0 for a body that is one
    item). What is nested deeper is `Unreadable`, as is an integer of over 4,300 digits. Strings may hold lone
    surrogates, and `1e999` reads as infinity: validators decide. Of duplicate keys the last wins.

    Raises:
        Malformed: no UTF-8, a byte order mark, no JSON, a bare NaN or Infinity, or bytes after the end. `meta` has
        `line`, `column`
            (both from 1) and `offset` (from 0; in characters, or in bytes where the UTF-8 is broken) when they are
            known.
    """
    levels = max_depth + envelope
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        # The fast parser also refuses what we take (lone surrogates, depth, long numbers) and knows no offsets.
        value = _parse_slowly(body, levels)
    _cut_below(value, levels)
    return value


def _inflate(raw: bytes, limit: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            return stream.read(limit + 1)
    except (OSError, EOFError, zlib.error):
        raise Malformed("the body is not valid gzip") from None


def _parse_slowly(body: bytes, levels: int) -> Json:
    text = _decode(body)
    decoder = json.JSONDecoder(parse_int=_bounded_integer, parse_constant=_refuse_constant)
    try:
        try:
            return decoder.decode(text)
        except RecursionError:
            return parse_deep(text, decoder, levels)
    except _BareConstantError:
        _refuse_at(text, _first_constant(text), "NaN and Infinity are no JSON")
    except json.JSONDecodeError as error:
        _refuse_at(text, error.pos, error.msg)


def _decode(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start]
        _refuse("not UTF-8", before.count(b"\n") + 1, error.start - before.rfind(b"\n"), error.start)
    if text.startswith("\ufeff"):
        _refuse("unexpected byte order mark", 1, 1, 0)
    return text


def _refuse(reason: str, line: int, column: int, offset: int) -> NoReturn:
    message = f"invalid JSON at line {line} column {column} (offset {offset}): {reason}"
    raise Malformed(message, meta={"line": line, "column": column, "offset": offset}) from None


def _refuse_at(text: str, offset: int, reason: str) -> NoReturn:
    where = json.JSONDecodeError(reason, text, offset)
    _refuse(reason, where.lineno, where.colno, offset)


def _refuse_constant(_name: str) -> NoReturn:
    raise _BareConstantError


def _first_constant(text: str) -> int:
    return next((match.start() for match in _STRING_OR_CONSTANT.finditer(text) if match.group(1)), 0)


def _bounded_integer(digits: str) -> int | Unreadable:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else NUMBER_TOO_LONG


def _cut_below(value: Json, levels: int) -> None:
    """Replaces every container that is nested deeper than `levels`, in place."""
    nodes = [value] if isinstance(value, dict | list) else []
    for _ in range(levels - 1):
        nodes = [
            child
            for node in nodes
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not nodes:
            return
    for node in nodes:
        for key, child in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if isinstance(child, dict | list):
                node[key] = TOO_DEEP
