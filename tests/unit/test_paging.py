"""Cursors lead on from where a page ended, and nowhere for anybody else."""

import base64
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.api.paging import MOST_CHARACTERS, decode, encode
from chalicelib.domain.errors import Malformed
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID, NOON

SCOPE: list[object] = ["tenant", "generations", {"agent_name": "a"}, {"env": "prod"}, None, NOON]
POSITION = [NOON, "g"]
POSITIONS = st.lists(st.text(max_size=40), min_size=2, max_size=2)


def cursor(scope: list[object] = SCOPE, position: list[str] = POSITION) -> str:
    made = encode(scope, position)
    assert made is not None
    return made


@given(POSITIONS)
def test_a_cursor_is_read_back_and_fits_into_a_url(position: list[str]) -> None:
    assert decode(SCOPE, cursor(position=position), 2) == position
    assert set(cursor(position=position)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("name", AWKWARD_IDS)
def test_a_cursor_is_short_whatever_the_id(name: str) -> None:
    assert len(cursor(position=[NOON, name])) < 1000 < MOST_CHARACTERS


def test_no_cursor_is_the_beginning_and_no_position_the_end() -> None:
    assert decode(SCOPE, None, 2) is None
    assert encode(SCOPE, None) is None


@pytest.mark.parametrize("part", range(6))
def test_a_cursor_is_good_for_its_own_scope_only(part: int) -> None:
    other = [*SCOPE[:part], "other", *SCOPE[part + 1 :]]
    with pytest.raises(Malformed) as refused:
        decode(other, cursor(), 2)
    assert refused.value.meta == {"parameter": "cursor"}


def test_the_order_of_filters_does_not_matter() -> None:
    assert decode([{"b": "2", "a": "1"}], cursor([{"a": "1", "b": "2"}]), 2) == POSITION


@given(POSITIONS, POSITIONS)
def test_a_position_that_was_exchanged_is_refused(first: list[str], second: list[str]) -> None:
    assume(first != second)
    padded = cursor(position=first) + "=" * (-len(cursor(position=first)) % 4)
    _, checksum = json.loads(base64.urlsafe_b64decode(padded))
    forged = base64.urlsafe_b64encode(json.dumps([second, checksum]).encode()).decode().rstrip("=")
    with pytest.raises(Malformed):
        decode(SCOPE, forged, 2)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode(SCOPE, text, 2)


@pytest.mark.parametrize(
    "document", ["null", "1", "[]", "[[],1]", "{}", '[{"a":1},"x"]', "[[[[]]],null]", "[" * 400, '["ab","c"]']
)
def test_any_document_is_a_cursor_or_refused(document: str) -> None:
    with pytest.raises(Malformed):
        decode(SCOPE, base64.urlsafe_b64encode(document.encode()).decode(), 2)


@pytest.mark.parametrize("text", ["A" * (MOST_CHARACTERS + 1), cursor() + "A", cursor()[:-1], cursor() + "\n", "é", ""])
def test_an_altered_or_endless_cursor_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode(SCOPE, text, 2)


def test_a_cursor_of_another_kind_of_list_is_refused() -> None:
    with pytest.raises(Malformed):
        decode(SCOPE, cursor(position=[HEAVIEST_ID]), 2)


def test_a_cursor_has_one_spelling() -> None:
    """The last character of a base64 text may hold bits that decode to nothing."""
    for name in ("a", "ab", "abc"):
        cursor = encode(["t"], [name])
        assert cursor is not None
        assert decode(["t"], cursor, 1) == [name]
        for other in (cursor + "=", cursor + "%3D", cursor[:-1] + ("A" if cursor[-1] != "A" else "B")):
            with pytest.raises(Malformed):
                decode(["t"], other, 1)
