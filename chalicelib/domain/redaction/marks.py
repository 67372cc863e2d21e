"""Tell from a few searches for short byte strings that a content holds nothing to redact, as most contents do."""

from collections.abc import Iterable

from chalicelib.domain.redaction.credentials import QUERY_PARAMETERS
from chalicelib.domain.redaction.patterns import Pattern

# JSON in a text may hide any of the marks behind escapes: `\/` and those of the printable ASCII characters. The
# content itself holds neither, because it is written without them.
_ESCAPES = tuple(f"\\u00{digit}".encode() for digit in "234567")


def _endings(names: Iterable[str]) -> tuple[bytes, ...]:
    """The names without those that end in another one: whoever looks for `key=` finds `api_key=` too."""
    known = set(names)
    return tuple(
        f"{name}=".encode()
        for name in sorted(known)
        if not any(name != other and name.endswith(other) for other in known)
    )


# By their last words, which follow a `-` or a `_`.
_PARAMETERS = _endings(name.rpartition("-")[2] for name in QUERY_PARAMETERS)


class Marks:
    """Whether rules may find something in a content. True may be wrong, False never is."""

    def __init__(self, patterns: Iterable[Pattern], *, always: bool) -> None:
        self._patterns = tuple(patterns)
        self._always = always

    def __call__(self, content: bytes) -> bool:
        """Of a canonical JSON or of a text in UTF-8."""
        if self._always or (b"@" in content and b"://" in content) or b"\\/" in content or _has_escape(content):
            return True
        lower = content.lower()
        return b"header" in lower or _has_parameter(lower) or any(one.may_match(lower) for one in self._patterns)


def _has_escape(content: bytes) -> bool:
    return b"\\u00" in content and any(escape in content for escape in _ESCAPES)


def _has_parameter(lower: bytes) -> bool:
    if b"%3d" in lower:
        return True
    return b"=" in lower and any(mark in lower for mark in _PARAMETERS)
