"""How many fields a serialized message has, before any of them is made: two bytes on the wire can ask for a message of
a hundred.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from google.protobuf.message import DecodeError

MAX_LEVELS = 100
"""Messages and groups inside one another; the parser takes no more, either."""

_VARINT, _EIGHT_BYTES, _DELIMITED, _GROUP, _GROUP_END, _FOUR_BYTES = range(6)
_FIXED = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_LONGEST_VARINT = 10
_MORE = 0x80
_UINT32 = 0xFFFFFFFF

_Descriptor: TypeAlias = Any  # of whichever implementation of the library
_Inside: TypeAlias = Mapping[int, _Descriptor]


def count_fields(content: bytes, kind: _Descriptor, most: int) -> int:
    """The fields of a message and of all messages inside it; what is over `most` is not counted to its end.

    Raises:
        DecodeError: it is certain that these bytes are no such message. Whether they are one the parser says.
    """
    counting = _Counting(content, most)
    counting.message(0, len(content), kind, MAX_LEVELS)
    return counting.count


class _Counting:
    def __init__(self, content: bytes, most: int) -> None:
        self._content = content
        self._most = most
        self.count = 0

    def message(self, at: int, end: int, kind: _Descriptor, levels: int) -> None:
        """Count what lies from `at` to `end`."""
        if end > len(self._content) or levels < 0:
            raise DecodeError("a message is cut off or nested too deep")
        inside = _messages(kind)
        while at < end and self.count <= self._most:
            number, wire_type, at = self._tag(at)
            at = self._behind(at, number, wire_type, inside, levels)
            if at > end:
                raise DecodeError("a field goes beyond its message")

    def _behind(self, at: int, number: int, wire_type: int, inside: _Inside, levels: int) -> int:
        """Where a field ends whose tag ends at `at`; what it holds is counted."""
        if wire_type == _VARINT:
            return self._varint(at)[1]
        if wire_type in _FIXED:
            return at + _FIXED[wire_type]
        if wire_type == _GROUP:
            return self._group(at, levels - 1)
        if wire_type != _DELIMITED:
            raise DecodeError("a field is of no type")
        length, at = self._varint(at)
        if number in inside:
            self.message(at, at + length, inside[number], levels - 1)
        return at + length

    def _group(self, at: int, levels: int) -> int:
        """Where a group ends; nobody knows what its fields are."""
        if levels < 0:
            raise DecodeError("a group is nested too deep")
        while self.count <= self._most:
            number, wire_type, at = self._tag(at)
            if wire_type == _GROUP_END:
                break
            at = self._behind(at, number, wire_type, {}, levels)
        return at

    def _tag(self, at: int) -> tuple[int, int, int]:
        tag, at = self._varint(at)
        self.count += 1
        return (tag & _UINT32) >> 3, tag & 7, at

    def _varint(self, at: int) -> tuple[int, int]:
        """A number, and where it ends."""
        value = 0
        for place, byte in enumerate(self._content[at : at + _LONGEST_VARINT]):
            value |= (byte & 0x7F) << (7 * place)
            if byte < _MORE:
                return value, at + place + 1
        raise DecodeError("a number does not end")


@cache
def _messages(kind: _Descriptor) -> _Inside:
    """The fields of a message that hold messages, by number."""
    return {field.number: field.message_type for field in kind.fields if field.message_type is not None}
