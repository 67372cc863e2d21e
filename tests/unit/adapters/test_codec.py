"""What is compressed comes back, from any version of the product."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.attributes import attribute, item, plain
from chalicelib.adapters.dynamodb.codec import compress, decompress

RELEASED = "0183d68be99871550b00"


@given(st.binary(max_size=2000))
def test_any_bytes_come_back(content: bytes) -> None:
    assert decompress(compress(content)) == content


def test_what_a_release_has_written_stays_readable() -> None:
    """The preset dictionary never changes: old items need it."""
    assert decompress(bytes.fromhex(RELEASED)) == b'{"id":"g","source":"sigil"}'


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown codec 02"):
        decompress(b"\x02" + compress(b"x")[1:])


@given(st.dictionaries(st.text("abc", min_size=3), st.text() | st.binary() | st.booleans() | st.integers()))
def test_attributes_keep_values_and_types(values: dict[str, str | bytes | bool | int]) -> None:
    stored = item(("p", "s"), values)
    assert plain(stored) == {"pk": "p", "sk": "s", **values}
    assert [type(value) for value in plain(stored).values()][2:] == [type(value) for value in values.values()]


def test_none_is_left_out_and_numbers_are_text() -> None:
    assert item(("p", "s"), {"a": None, "n": 2**63}) == {"pk": {"S": "p"}, "sk": {"S": "s"}, "n": {"N": str(2**63)}}
    assert attribute(True) == {"BOOL": True}
