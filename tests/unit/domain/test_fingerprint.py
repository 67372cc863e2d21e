"""What identifies a client's surroundings, and what of them is not to be kept."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.fingerprint import fingerprint_id, without_userinfo

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)
FIELDS = st.dictionaries(st.text(), VALUES, max_size=5)


@given(FIELDS)
def test_the_order_of_fields_does_not_matter(fields: dict[str, Any]) -> None:
    own_id = UUID(fingerprint_id(fields))
    assert (own_id.version, own_id.variant) == (8, "specified in RFC 4122")
    assert fingerprint_id(dict(reversed(fields.items()))) == str(own_id)


@given(FIELDS, FIELDS)
def test_other_fields_have_another_id(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (fingerprint_id(one) == fingerprint_id(other)) == (repr(sorted(one.items())) == repr(sorted(other.items())))


def test_an_id_stays_what_it_is() -> None:
    """Clients keep ids for ever."""
    assert fingerprint_id({"language": "python", "system": "ü"}) == "b902ade9-f79b-83db-abbf-4d315ee570e1"


HOST = st.text("abcdefghijklmnopqrstuvwxyz.-", min_size=1)
SECRET = st.text(st.characters(exclude_characters="/?#", exclude_categories=("Cs", "Cc")), min_size=1)


@given(
    st.sampled_from(["https://", "ssh://", ""]), SECRET, HOST, st.sampled_from(["", "/a/b@c.git", ":a/b.git", "?q=@"])
)
def test_nothing_before_the_host_is_left(scheme: str, secret: str, host: str, rest: str) -> None:
    assert without_userinfo(f"{scheme}{secret}@{host}{rest}") == f"{scheme}{host}{rest}"


@pytest.mark.parametrize("url", ["", "https://github.com/a/b", "https://github.com/@a/b", "../b", "C:\\b"])
def test_what_has_no_userinfo_stays(url: str) -> None:
    assert without_userinfo(url) == url
