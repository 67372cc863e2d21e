"""Any valid item of an export as a protocol buffer, drawn from its own description, so that no field is missed."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from chalicelib.rpc.schema import message

IDS = {
    *("id", "conversation_id", "trace_id", "span_id", "agent_name", "agent_version", "parent_generation_ids"),
    *("WorkflowStep.step_name", "framework", "linked_generation_ids", "parent_step_ids"),
    *("ModelRef.provider", "ModelRef.name"),
}
ID = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(str.strip)
TEXT = st.text(max_size=20)
VERSION = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | st.integers(-(2**70), 2**70).map(float) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3).filter(lambda made: "unrecognized" not in made)
TIME = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
NEEDED = {
    *("Generation.id", "Generation.model", "ModelRef.provider", "ModelRef.name"),
    *("WorkflowStep.id", "WorkflowStep.conversation_id", "WorkflowStep.step_name"),
}
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=12) | st.sampled_from([b"{}", b'{"a": 1.0}', b"null"]),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1) | st.just(0),
    FieldDescriptor.TYPE_DOUBLE: st.floats() | st.just(0.0),
}


@st.composite
def valid(draw: st.DrawFn, name: str) -> Message:
    """Any valid message of that name."""
    made = message(name)()
    fill(draw, made)
    return made


def fill(draw: st.DrawFn, made: Any) -> None:
    """Set some of a message's fields; of those of which it may have one, one or none."""
    chosen = {one.name: draw(st.sampled_from([None, *one.fields])) for one in made.DESCRIPTOR.oneofs}
    for field in made.DESCRIPTOR.fields:
        path = f"{made.DESCRIPTOR.name}.{field.name}"
        one = field.containing_oneof
        if chosen[one.name] is field if one else path in NEEDED or draw(st.booleans()):
            put(draw, made, field, path)


def put(draw: st.DrawFn, made: Any, field: FieldDescriptor, path: str) -> None:
    """Give a field a value, or several."""
    value = getattr(made, field.name)
    if field.message_type is None:
        scalar = scalars(field, path)
        if field.is_repeated:
            value.extend(draw(st.lists(scalar, max_size=3)))
        else:
            setattr(made, field.name, draw(scalar))
    elif field.message_type.GetOptions().map_entry:
        value.update(draw(st.dictionaries(ID, ID, max_size=3)))
    elif field.is_repeated:
        for _ in range(draw(st.integers(0, 2))):
            fill(draw, value.add())
    else:
        value.SetInParent()
        put_one(draw, value)


def put_one(draw: st.DrawFn, value: Any) -> None:
    """Fill a message that a field holds."""
    if value.DESCRIPTOR.name == "Struct":
        value.update(draw(OBJECT))
    elif value.DESCRIPTOR.name == "Timestamp":
        value.FromDatetime(draw(TIME))
        value.nanos = draw(st.integers(0, 10**9 - 1))
    else:
        fill(draw, value)


def scalars(field: FieldDescriptor, path: str) -> st.SearchStrategy[Any]:
    """The values that a field may have one of; of an enum whose numbers may grow, one that nobody knows, too."""
    if field.enum_type is not None:
        known = [value.number for value in field.enum_type.values]
        return st.sampled_from(known if field.name == "mode" else [*known, 77])
    if field.name == "effective_version":
        return VERSION
    return ID if field.name in IDS or path in IDS else SCALARS[field.type]
