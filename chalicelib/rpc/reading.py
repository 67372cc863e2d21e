"""From protocol buffers to the values that JSON over HTTP would have brought, so that one dialect reads both.

Only what is set is there, under the field's own name: a scalar at its default counts as absent, as everywhere in
proto3, unless the field is optional or a member of a oneof. A field that this service does not know becomes
`field_<number>`.
"""

import base64
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from chalicelib.api.limits import limit_items
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.free_form import Json, Unreadable
from chalicelib.rpc.counting import count_fields
from chalicelib.rpc.schema import message

Read = Callable[[Any], Json]
Struct = Any  # a message of the well-known types, whose class is made at run time

MAX_FIELDS = 100_000
"""Fields that one item may have, those inside one another counted: what is parsed takes up to fifty times its bytes."""
MAX_FIELDS_IN_ALL = 500_000
"""Fields that all items of a request may have."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOS = 10**9
_NO_TIME = Unreadable("must be a time in the years 0001 to 9999")
_NO_MESSAGE = Unreadable("is no valid protocol buffer, or is nested too deep")
_TOO_MANY_FIELDS = Unreadable(f"has more than {MAX_FIELDS:,} fields")


def read_items(request: bytes, item: type[Message], name: str) -> Iterator[Json]:
    """The items of an export, which are called `name`, each an object, or `Unreadable` where it is none or too large.

    Raises:
        Malformed: the request itself is no valid message.
        TooLarge: over 1,000 items, or over 500,000 fields in all.
    """
    envelope_of: type[Message] = message("Envelope", "catchment.v1")
    try:
        if count_fields(request, envelope_of.DESCRIPTOR, MAX_FIELDS_IN_ALL) > MAX_FIELDS_IN_ALL:
            raise _too_many_fields()
        envelope: Any = envelope_of.FromString(request)
    except DecodeError:
        raise Malformed("the request is no valid protocol buffer") from None
    limit_items(envelope.items, name)
    return _items(envelope.items, item)


def _items(contents: Iterable[bytes], item: type[Message]) -> Iterator[Json]:
    left = MAX_FIELDS_IN_ALL
    for content in contents:
        try:
            fields = count_fields(content, item.DESCRIPTOR, MAX_FIELDS)
            read = item.FromString(content) if fields <= MAX_FIELDS else None
        except DecodeError:
            yield _NO_MESSAGE
            continue
        if read is None:
            yield _TOO_MANY_FIELDS
            continue
        left -= fields
        if left < 0:
            raise _too_many_fields()
        yield to_object(read)


def _too_many_fields() -> TooLarge:
    meta = {"limit": MAX_FIELDS_IN_ALL}
    return TooLarge(f"a request may have at most {MAX_FIELDS_IN_ALL:,} fields", meta=meta)


def to_object(read: Message) -> dict[str, Json]:
    """The fields that are set, by name."""
    fields = _fields(read.DESCRIPTOR)
    found: dict[str, Json] = {}
    for field, value in read.ListFields():
        name, reader = fields[field.number]
        found[name] = reader(value)
    unknown_fields: Any = UnknownFieldSet(read)  # its stub does not say that it can be iterated over
    for unknown in unknown_fields:
        found.setdefault(f"field_{unknown.field_number}", []).append(_unknown(unknown.data))
    return found


@cache
def _fields(kind: Descriptor) -> Mapping[int, tuple[str, Read]]:
    return {field.number: (field.name, _reader(field)) for field in kind.fields}


def _reader(field: FieldDescriptor) -> Read:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return dict
    read = _single(field)
    return partial(_list, read) if field.is_repeated else read


def _single(field: FieldDescriptor) -> Read:
    if field.message_type is not None:
        return _WELL_KNOWN.get(field.message_type.full_name, to_object)
    return _double if field.type == FieldDescriptor.TYPE_DOUBLE else _as_it_is


def _list(read: Read, values: Any) -> Json:  # noqa: ANN401  # a container of the library's
    return [read(value) for value in values]


def _as_it_is(value: Json) -> Json:
    return value


def _double(value: float) -> float | str:
    """What JSON has no number for goes by its name in the JSON mapping."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _time(value: Any) -> str | Unreadable:  # noqa: ANN401  # a Timestamp
    if not 0 <= value.nanos < _NANOS:
        return _NO_TIME
    try:
        moment = _EPOCH + timedelta(seconds=value.seconds)
    except OverflowError:
        return _NO_TIME
    return f"{moment.replace(tzinfo=None).isoformat()}.{value.nanos:09d}Z"


def _struct(value: Struct) -> dict[str, Json]:
    return {key: _value(inner) for key, inner in value.fields.items()}


def _value(value: Struct) -> Json:
    kind = value.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return None
    inner = getattr(value, kind)
    if kind == "struct_value":
        return _struct(inner)
    return [_value(each) for each in inner.values] if kind == "list_value" else inner


_WELL_KNOWN: Mapping[str, Read] = {"google.protobuf.Struct": _struct, "google.protobuf.Timestamp": _time}


def _unknown(data: Any) -> Json:  # noqa: ANN401  # whatever the wire type holds
    """A number, a text, bytes in base64, or the fields of a group."""
    if isinstance(data, bytes):
        try:
            return data.decode()
        except UnicodeDecodeError:
            return base64.b64encode(data).decode("ascii")
    if isinstance(data, int):
        return data
    return {str(each.field_number): _unknown(each.data) for each in data}
