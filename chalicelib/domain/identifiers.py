"""What may be an id, a filterable value or a tenant.

Every such value becomes part of a DynamoDB key (2,048 bytes at most, shared with other parts), hence the limit in bytes
beside the one in characters.
"""

import re

MAX_CHARACTERS = 256
MAX_BYTES = 480
MAX_TENANT_CHARACTERS = 150

_SHORT = MAX_BYTES // 4  # so few characters cannot exceed MAX_BYTES
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode category Cc, complete
_TENANT = re.compile(r"[a-zA-Z0-9!\-_.*'()]+")


def check_identifier(value: str) -> str:
    """The value itself, if it may be an id or a filterable value.

    Raises:
        ValueError: empty, too long, with control characters or with a lone surrogate; the text names the rule, never
            the value.
    """
    if 0 < len(value) <= _SHORT and value.isascii() and value.isprintable():
        return value
    _check_length(value)
    if _CONTROL.search(value):
        raise ValueError("must not contain control characters")
    return value


def optional_identifier(value: str | None) -> str | None:
    """Like `check_identifier`, but nothing and the empty string are both None."""
    return check_identifier(value) if value else None


def check_tenant_id(value: str) -> str:
    """The value itself, if it may name a tenant: 1-150 characters of `a-zA-Z0-9!-_.*'()`, neither `.` nor `..`.

    Raises:
        ValueError: it may not; the text names the rule, never the value.
    """
    if not value:
        raise ValueError("must not be empty")
    if len(value) > MAX_TENANT_CHARACTERS:
        reason = f"must be at most {MAX_TENANT_CHARACTERS} characters"
        raise ValueError(reason)
    if not _TENANT.fullmatch(value):
        raise ValueError("must contain only a-z A-Z 0-9 ! - _ . * ' ( )")
    if value in {".", ".."}:
        raise ValueError("must not be '.' or '..'")
    return value


def _check_length(value: str) -> None:
    if not value:
        raise ValueError("must not be empty")
    if len(value) > MAX_CHARACTERS:
        reason = f"must be at most {MAX_CHARACTERS} characters"
        raise ValueError(reason)
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise ValueError("must not contain lone surrogates") from None
    if size > MAX_BYTES:
        reason = f"must be at most {MAX_BYTES} bytes of UTF-8"
        raise ValueError(reason)
