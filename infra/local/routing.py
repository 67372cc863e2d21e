"""Finds the route of a path the way API Gateway does: literal segments before parameters, parameters left encoded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class Match:
    """A route's pattern and the raw, still percent-encoded values of its parameters."""

    pattern: str
    parameters: Mapping[str, str]


class Router:
    """Matches paths against patterns such as `/v1/generations/{id}`; a parameter is one whole, non-empty segment."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._literal = {pattern: Match(pattern, {}) for pattern in patterns if "{" not in pattern}
        self._by_length: dict[int, list[tuple[str, list[str]]]] = {}
        for pattern in sorted(patterns, key=_literals_first):
            if "{" in pattern:
                segments = pattern.split("/")
                self._by_length.setdefault(len(segments), []).append((pattern, segments))

    def match(self, path: str) -> Match | None:
        """`path` is raw, as it came over the wire. One trailing slash is ignored."""
        path = path[:-1] if len(path) > 1 and path.endswith("/") else path
        found = self._literal.get(path)
        if found:
            return found
        given = path.split("/")
        for pattern, segments in self._by_length.get(len(given), ()):
            parameters = _parameters(segments, given)
            if parameters is not None:
                return Match(pattern, parameters)
        return self._literal.get(unquote(path)) if "%" in path else None


def _literals_first(pattern: str) -> list[tuple[bool, str]]:
    return [(segment.startswith("{"), segment) for segment in pattern.split("/")]


def _parameters(segments: list[str], given: list[str]) -> dict[str, str] | None:
    parameters = {}
    for segment, value in zip(segments, given, strict=True):
        if segment.startswith("{"):
            if not value:
                return None
            parameters[segment[1:-1]] = value
        elif segment != value and segment != unquote(value):
            return None
    return parameters
