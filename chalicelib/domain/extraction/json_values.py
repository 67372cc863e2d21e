"""Values out of JSON that somebody else made.

A value of another type than is asked for counts as not there, so that it costs its own place only.
"""

import json
import re
from collections.abc import Iterator

from chalicelib.domain.free_form import Json, mended_tree

_MAX_COUNT = 2**63 - 1
_MENDED_LEVELS = 150  # deeper than any document of a provider; bounds the walk over one that has escaped surrogates
_CAPITAL = re.compile(r"(?<=[a-z0-9])[A-Z]")
_NEXT_OBJECT = re.compile(r"\s*[\[,]\s*\{")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _absent(_: str) -> None:
    """In place of NaN and the infinities, which are no JSON, and of a number too long to be read."""


def _integer(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


# Line breaks inside a string are no JSON either, but tell no less of what was said.
_DECODER = json.JSONDecoder(strict=False, parse_constant=_absent)
_LONG_NUMBERS = json.JSONDecoder(strict=False, parse_constant=_absent, parse_int=_integer)


def parse(text: str) -> Json:
    """The value of a JSON text, free of lone surrogates.

    Raises:
        ValueError: it is no JSON, or nested too deeply.
    """
    try:
        value = _decoded(text)
        return mended_tree(value, _MENDED_LEVELS) if "\\ud" in text or "\\uD" in text else value
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def parse_objects(text: str) -> Json:
    """The value of the text of an array of objects that may have lost its end, as far as its objects are whole.

    Raises:
        ValueError: it is no JSON and does not begin with a whole object either.
    """
    try:
        return parse(text)
    except ValueError:
        end = _end_of_objects(text)
        if end is None:
            raise
    return parse(text[:end] + "]")


def _end_of_objects(text: str) -> int | None:
    end = None
    while begun := _NEXT_OBJECT.match(text, end or 0):
        try:
            _, end = _DECODER.raw_decode(text, begun.end() - 1)
        except (ValueError, RecursionError):
            break
    return end


def _decoded(text: str) -> Json:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer with more digits than Python reads
        return _LONG_NUMBERS.decode(text)


def compact(value: object) -> str | None:
    """JSON text without spaces, key order kept; None for nothing and for what JSON cannot hold."""
    if value is None:
        return None
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError):
        return None


def text_or_json(value: object) -> str | None:
    """A string as it is, anything else as compact JSON: how the arguments of a tool call are kept."""
    return (value or None) if isinstance(value, str) else compact(value)


def mapping(value: object) -> dict[str, Json]:
    """The value, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def elements(value: object) -> list[Json]:
    """The value, if it is an array; else an empty one."""
    return value if isinstance(value, list) else []


def snake_case(value: object) -> dict[str, Json]:
    """The fields of an object under their names in snake_case, without those that are null; none of what is no object.

    It goes no deeper: what is inside may be somebody's arguments or schema.
    """
    return {
        _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", key): field
        for key, field in mapping(value).items()
        if field is not None
    }


def mappings(value: object) -> Iterator[dict[str, Json]]:
    """The objects in an array."""
    return (element for element in elements(value) if isinstance(element, dict))


def string(fields: dict[str, Json], *keys: str) -> str | None:
    """The first of the keys that holds a string which is not empty."""
    for key in keys:
        value = fields.get(key)
        if value and isinstance(value, str):
            return value
    return None


def count(fields: dict[str, Json], *keys: str) -> int | None:
    """The first of the keys that holds an integer of 0 or more in 64 bits; 5.0 is one, true is none."""
    for key in keys:
        value = fields.get(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is int and 0 <= value <= _MAX_COUNT:
            return value
    return None


def number(fields: dict[str, Json], key: str) -> float | None:
    """A finite number."""
    value = fields.get(key)
    if type(value) is int and abs(value) <= _MAX_COUNT:
        return float(value)
    return value if isinstance(value, float) and value - value == 0 else None


def position(fields: dict[str, Json], key: str) -> int:
    """The index that a streamed piece belongs to; 0 where none is given."""
    value = fields.get(key)
    return value if type(value) is int else 0
