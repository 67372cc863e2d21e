"""The scalars of the Sigil wire, as protobuf's JSON mapping spells them and a little more leniently.

Each type reads what a client may send and yields the domain's value, or refuses with a short reason that never repeats
what was sent. None means "not sent".
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.domain.identifiers import optional_identifier
from chalicelib.domain.times import parse_time

REASON = "reason"  # errors of this type carry a reason, to be shown behind the field's path
SENTENCE = "sentence"  # errors of this type carry the whole text
_INT64 = 2**63
_INT64_DIGITS = 19
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,6})?")
_LONGEST_NUMBER = 400  # characters of a number sent as a string
_VERSION = re.compile(r"sha256:[0-9a-f]{64}")
_NOT_FINITE = {"NaN", "Infinity", "-Infinity"}


class NotFinite(str):
    """`NaN`, `Infinity` or `-Infinity`: a double for the reference, but nothing that JSON could store."""

    __slots__ = ()


def refused(reason: str) -> PydanticCustomError:
    """An error whose text is shown to the client behind the field's path."""
    return PydanticCustomError(REASON, "{reason}", {"reason": reason})


def enum_reader(
    names: Mapping[Any, str | None], otherwise: PydanticCustomError, *, is_open: bool = True
) -> Callable[[object], Any]:
    """A reader of an enum by any of its names or numbers; a number nobody knows comes back as it is when it is open."""

    def read(value: object) -> Any:  # noqa: ANN401  # whatever the names stand for
        if value is None:
            return None
        if type(value) not in (str, int, float):
            raise otherwise
        if value in names:
            return names[value]
        if type(value) is str or not is_open:
            raise otherwise
        return value

    return read


def _checked(value: object, check: Callable[[str], str | None]) -> str | None:
    if value is None:
        return None
    if type(value) is not str:
        raise refused("must be a string")
    try:
        return check(value)
    except ValueError as error:
        raise refused(str(error)) from None


def _identifier(value: object) -> str | None:
    return _checked(value, optional_identifier)


def _time(value: object) -> str | None:
    return _checked(value, parse_time)


def _version(value: object) -> str | None:
    text = _checked(value, str) or None
    if text is not None and not _VERSION.fullmatch(text):
        raise refused("must match ^sha256:[0-9a-f]{64}$")
    return text


def _is_number_text(value: object) -> bool:
    return type(value) is str and len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value) is not None


def _int64(value: object) -> int | None:
    if value is None:
        return None
    number = _integral(value)
    if number is None or not -_INT64 <= number < _INT64:
        raise refused("must be a 64-bit integer")
    return number


def _integral(value: Any) -> int | None:  # noqa: ANN401  # anything a client sent
    if type(value) is int:
        return value
    if type(value) is float:
        return int(value) if value.is_integer() else None
    if not _is_number_text(value):
        return None
    number = Decimal(value)
    if number.adjusted() >= _INT64_DIGITS or number != number.to_integral_value():
        return None
    return int(number)


def _double(value: object) -> float | NotFinite | None:
    if value is None:
        return None
    if type(value) is str and value in _NOT_FINITE:
        return NotFinite(value)
    number = _finite(value)
    if number is None:
        raise refused("must be a finite number")
    return number


def _finite(value: Any) -> float | None:  # noqa: ANN401  # anything a client sent
    if type(value) is not int and type(value) is not float and not _is_number_text(value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if number - number == 0 else None


# Constrained, so that pydantic looks at the characters and reports lone surrogates.
Text = Annotated[str, StringConstraints(min_length=0)]
Identifier = Annotated[str | None, PlainValidator(_identifier, json_schema_input_type=str | None)]
Version = Annotated[str | None, PlainValidator(_version, json_schema_input_type=str | None)]
Time = Annotated[str | None, PlainValidator(_time, json_schema_input_type=str | None)]
Int64 = Annotated[int | None, PlainValidator(_int64, json_schema_input_type=int | str | None)]
Double = Annotated[float | NotFinite | None, PlainValidator(_double, json_schema_input_type=float | str | None)]
