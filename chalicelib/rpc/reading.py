"""From protocol buffers to the values that JSON over HTTP would have brought, so that one dialect reads both.

Only what is set is there, under the field's own name: a scalar at its default counts as absent, as everywhere in
proto3, unless the field is optional or a member of a oneof. A field that this service does not know becomes
`field_<number>`.
"""

import base64
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json, Unreadable
from chalicelib.rpc.schema import message

Read = Callable[[Any], Json]
Struct = Any  # a message of the well-known types, whose class is made at run time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOS = 10**9
_NO_TIME = Unreadable("must be a time in the years 0001 to 9999")
_NO_MESSAGE = Unreadable("is no valid protocol buffer, or is nested too deep")


def read_items(request: bytes, item: type[Message]) -> Iterator[Json]:
    """The items of an export, each an object, or `Unreadable` where its bytes are no such message.

    Raises:
        Malformed: the request itself is no valid message.
    """
    try:
        envelope: Any = message("Envelope", "catchment.v1").FromString(request)
    except DecodeError:
        raise Malformed("the request is no valid protocol buffer") from None
    return (_item(each, item) for each in envelope.items)


def _item(content: bytes, item: type[Message]) -> Json:
    try:
        read = item.FromString(content)
    except DecodeError:
        return _NO_MESSAGE
    return to_object(read)


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
