"""Cursors: opaque, short, and good only for the tenant, the route and the filters they were made for.

A cursor is a position with a checksum over everything it belongs to. The tenant never comes from a cursor, so a forged
one leads nowhere but to another position in the caller's own list.
"""

import base64
import json
from hashlib import blake2b
from typing import Any

from chalicelib.domain.errors import Malformed

MOST_CHARACTERS = 2048


def page_body(items: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    """The shape of every list."""
    return {"items": items, "next_cursor": cursor}


def encode(scope: list[Any], position: list[str] | None) -> str | None:
    """A cursor for a position within a scope (tenant, route, filters), or None at the end."""
    if position is None:
        return None
    document = json.dumps([position, _checksum(scope, position)], ensure_ascii=False, separators=(",", ":"))
    return _text(document.encode())


def decode(scope: list[Any], cursor: str | None, parts: int) -> list[str] | None:
    """The position of a cursor. Raises Malformed when it was altered or belongs to something else."""
    if cursor is None:
        return None
    position, checksum = _read(cursor)
    if len(position) != parts or checksum != _checksum(scope, position):
        raise Malformed("cursor does not belong to this tenant, route and filters", meta={"parameter": "cursor"})
    return position


def _read(cursor: str) -> tuple[list[str], str]:
    """Position and checksum; nothing at all when it is no cursor."""
    if len(cursor) > MOST_CHARACTERS:
        return [], ""
    try:
        document = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        if _text(document) != cursor:
            return [], ""
        position, checksum = json.loads(document)
        return [str(part) for part in position], str(checksum)
    except (ValueError, TypeError, RecursionError):
        return [], ""


def _text(document: bytes) -> str:
    return base64.urlsafe_b64encode(document).decode().rstrip("=")


def _checksum(scope: list[Any], position: list[str]) -> str:
    document = json.dumps([scope, position], sort_keys=True).encode()
    return blake2b(document, digest_size=9).hexdigest()
