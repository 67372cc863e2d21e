"""Fields are counted before anything is made of them: as the parser would find them, and no further than need be."""

import subprocess
import sys

import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rpc.counting import count_fields
from chalicelib.rpc.schema import message
from tests.properties.grpc_messages import valid

GENERATION = message("Generation").DESCRIPTOR
ENOUGH = 10**6
MIB = 1024 * 1024
PIECES = st.sampled_from([b"\x0a", b"\x5a\x02", b"\x1a", b"\x00", b"\x0b", b"\x0c"])
PEAK = """
import resource
from chalicelib.rpc.reading import read_items
from chalicelib.rpc.schema import message
def inside(number, content):
    length, head = len(content), bytes([number << 3 | 2])
    while length > 127:
        head, length = head + bytes([length & 127 | 128]), length >> 7
    return head + bytes([length]) + content
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
request = inside(1, b"\\x5a" + inside(11, b"\\x1a\\x00" * (8 * 1024 * 1024 - 20))[1:])
before = peak()
[item] = read_items(request, message("Generation"), "generations")
print(item.reason)
print(peak() - before)
"""


def fields_of(read: Message) -> int:
    """The fields of a message by the parser's account; an entry of a map is a message of two."""
    count = 0
    for field, value in read.ListFields():
        several = field.is_repeated
        if field.message_type is None:
            count += len(value) if several else 1
        elif field.message_type.GetOptions().map_entry:
            inner = field.message_type.fields_by_name["value"].message_type
            count += sum(3 + (fields_of(value[key]) if inner else 0) for key in value)
        else:
            count += sum(1 + fields_of(each) for each in (value if several else [value]))
    return count


@given(st.one_of(valid("Generation"), valid("WorkflowStep")))
def test_all_fields_of_a_message_are_counted(read: Message) -> None:
    assert count_fields(read.SerializeToString(), read.DESCRIPTOR, ENOUGH) == fields_of(read)


@given(st.binary(max_size=40) | st.lists(PIECES).map(b"".join))
def test_what_the_parser_takes_is_not_refused(content: bytes) -> None:
    try:
        message("Generation").FromString(content)
    except DecodeError:
        return
    assert count_fields(content, GENERATION, ENOUGH) <= len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\x0a",
        b"\x0a\x05x",
        b"\x5a\x02\x1a\x05",
        b"\x80" * 11,
        b"\x08",
        b"\x09\x00",
        b"\x0d\x00",
        b"\x0b",
        b"\x0c",
        b"\x0e",
        b"\x5a\x01\x0c",
    ],
)
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(DecodeError):
        count_fields(content, GENERATION, ENOUGH)


def test_a_group_is_left_where_it_ends() -> None:
    group = b"\xfb\x07\x5a\x02\x1a\x00\x0b\x0c\xfc\x07"  # 127: a group with a text of two bytes and an empty group
    assert count_fields(group + b"\x5a\x02\x1a\x00", GENERATION, ENOUGH) == 5 + 2


def test_counting_stops_where_enough_is_found() -> None:
    assert count_fields(b"\x1a\x00" * MIB, message("Message").DESCRIPTOR, 1000) == 1001


def test_eight_million_empty_parts_take_no_memory() -> None:
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, timeout=60, check=True)
    reason, grown = done.stdout.splitlines()
    assert reason == "has more than 100,000 fields"
    assert int(grown) < 64 * 1024  # KiB: copies of the message itself
