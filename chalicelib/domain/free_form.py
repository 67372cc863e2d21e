"""JSON values without a schema (metadata, fields that nobody knows): one form for equal values.

Over gRPC every number is a double, over HTTP 2 and 2.0 are spelled differently: numbers that are equal get one form
here, so that content hashes alike. The value of a number never changes, however large.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

# Any JSON value. A recursive type would make every reader cast and catch nothing, because readers check what they get
# anyway.
Json: TypeAlias = Any

MAX_LEVELS = 100

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLAIN_INTEGER = 10**21  # from here on an integral double is written with an exponent
_TOO_DEEP = f"is nested over {MAX_LEVELS} levels"
_OUT_OF_RANGE = "contains a number out of range"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in a parsed body where a value could not be taken in; whoever validates refuses it with this reason."""

    reason: str


TOO_DEEP = Unreadable(_TOO_DEEP)
NUMBER_TOO_LONG = Unreadable(_OUT_OF_RANGE)


def mended(text: str) -> str:
    """The text with U+FFFD in place of every lone surrogate (a text cut inside an emoji has one)."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def normal(value: object, levels: int = MAX_LEVELS) -> Json:
    """The value in its one form: numbers by value, text mended. `levels` is how many containers may be inside one
    another.

    Raises:
        ValueError: nested deeper, no JSON value, or a number that is not finite or beyond every double.
    """
    kind = type(value)
    if kind is str:
        return mended(value)  # type: ignore[arg-type]  # `kind` says what mypy cannot see
    if kind is dict or kind is list or kind is tuple:
        return _normal_container(value, levels)
    if kind is float or kind is int:
        return _normal_number(value)  # type: ignore[arg-type]  # same
    if value is None or kind is bool:
        return value
    raise ValueError(value.reason if isinstance(value, Unreadable) else "is not a JSON value")


def _normal_container(value: Json, levels: int) -> Json:
    if levels <= 0:
        raise ValueError(_TOO_DEEP)
    if isinstance(value, dict):
        return {_key(key): normal(item, levels - 1) for key, item in value.items()}
    return [normal(item, levels - 1) for item in value]


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError("is not a JSON value")  # noqa: TRY004  # every fault here is a ValueError with a text for the client
    return mended(key)


def _normal_number(value: float) -> float:
    if isinstance(value, float):
        return _normal_float(value)
    if -_PLAIN_INTEGER < value < _PLAIN_INTEGER:
        return value
    try:
        double = float(value)
    except OverflowError:
        raise ValueError(_OUT_OF_RANGE) from None
    return double if double == value else value


def _normal_float(value: float) -> float:
    if -_PLAIN_INTEGER < value < _PLAIN_INTEGER:
        return int(value) if value.is_integer() else value
    if value - value != 0:  # infinities and NaN
        raise ValueError(_OUT_OF_RANGE)
    return value


def mended_tree(value: Json, levels: int = MAX_LEVELS) -> Json:
    """The value with all its text mended and everything else as it is.

    Raises:
        ValueError: nested deeper than `levels`.
    """
    if isinstance(value, str):
        return mended(value)
    if not isinstance(value, dict | list):
        return value
    if levels <= 0:
        raise ValueError(_TOO_DEEP)
    if isinstance(value, dict):
        return {mended_tree(key): mended_tree(item, levels - 1) for key, item in value.items()}
    return [mended_tree(item, levels - 1) for item in value]


def as_sent(value: Json, levels: int = MAX_LEVELS) -> Json:
    """The value with its text mended, its order and the spelling of its numbers kept, once `normal` would take it.

    Raises:
        ValueError: as `normal` does.
    """
    normal(value, levels)
    return mended_tree(value, levels)
