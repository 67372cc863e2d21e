"""What a deployment redacts beyond credentials in headers and URLs, as its settings say it.

There are no patterns of an operator's own: one that takes exponential time would hang requests.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.redaction.credentials import is_header_name
from chalicelib.domain.redaction.fields import reaches_text
from chalicelib.domain.redaction.paths import Path, read_path
from chalicelib.domain.redaction.patterns import PATTERNS

_BODIES = ("request_body", "response_body")


@dataclass(frozen=True, slots=True)
class Rules:
    """Names of headers and of patterns, and paths. Without any: the rules that are always on, and only those."""

    headers: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    paths: frozenset[Path] = frozenset()


def read_headers(text: str) -> frozenset[str]:
    """Names of headers, separated by commas. Raises ValueError for what cannot name one."""
    names = frozenset(_items(text))
    for name in names:
        if not is_header_name(name):
            raise ValueError(f"must be names of headers: {name}")
    return names


def read_patterns(text: str) -> frozenset[str]:
    """Names of patterns, separated by commas. Raises ValueError for one that there is not."""
    names = frozenset(_items(text))
    for name in names - PATTERNS.keys():
        raise ValueError(f"must be some of {', '.join(PATTERNS)}: {name}")
    return names


def read_paths(text: str) -> frozenset[Path]:
    """Paths, separated by commas. Raises ValueError for what cannot be read and for what names no text."""
    return frozenset(_path(item) for item in _items(text))


def _path(text: str) -> Path:
    path = read_path(text)
    if path[0] in _BODIES:
        path = ("exchange", *path)
    if not reaches_text(path):
        raise ValueError(f"must lead to a text or to free JSON of a generation: {text}")
    return path


def _items(text: str) -> Iterator[str]:
    return (item.strip() for item in text.split(",") if item.strip())
