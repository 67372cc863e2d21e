"""Ids and filterable values: 1-256 characters, at most 480 bytes, nothing that could break a key or a log line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.identifiers import check_identifier, check_tenant_id, optional_identifier


@pytest.mark.parametrize("value", ["a", " ", "a b", "@/%2F#?", "é" * 240, "x" * 256, "😀" * 120, "\u2028", "\ufffd"])
def test_a_fitting_value_passes_unchanged(value: str) -> None:
    assert check_identifier(value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "must not be empty"),
        ("x" * 257, "must be at most 256 characters"),
        ("😀" * 121, "must be at most 480 bytes of UTF-8"),
        ("é" * 240 + "a", "must be at most 480 bytes of UTF-8"),
        ("a\ud800b", "must not contain lone surrogates"),
        ("a\nb", "must not contain control characters"),
    ],
)
def test_the_reason_names_the_rule(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        check_identifier(value)


def test_exactly_the_control_characters_of_unicode_are_refused() -> None:
    refused = set()
    for point in (*range(0xD800), *range(0xE000, 0x110000)):
        try:
            check_identifier(f"é{chr(point)}")
        except ValueError:
            refused.add(chr(point))
    assert refused == {chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) == "Cc"}


@given(st.text(st.characters(codec=None), max_size=300))
def test_a_value_passes_exactly_when_it_keeps_every_rule(value: str) -> None:
    characters = {unicodedata.category(character) for character in value}
    fits = 1 <= len(value) <= 256 and not characters & {"Cc", "Cs"} and len(value.encode()) <= 480
    try:
        assert check_identifier(value) == value
        passed = True
    except ValueError:
        passed = False
    assert passed == fits


def test_an_empty_optional_value_is_absent() -> None:
    assert optional_identifier("") is None
    assert optional_identifier(None) is None
    assert optional_identifier("a") == "a"


@pytest.mark.parametrize("value", ["fake", "a" * 150, "Team-1_x.y*z'(!)", "..."])
def test_a_tenant_id_of_the_allowed_characters_passes(value: str) -> None:
    assert check_tenant_id(value) == value


@pytest.mark.parametrize("value", ["", ".", "..", "a" * 151, "a/b", "a|b", "a:b", "é", "a\n", " "])
def test_any_other_tenant_id_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^must"):
        check_tenant_id(value)
