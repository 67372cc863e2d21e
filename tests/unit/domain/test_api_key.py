"""What a key looks like, and until when it is good."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.api_key import MOST_CHARACTERS, ApiKey, digest_of, hint_of, is_key_id, key_of, looks_like_a_key
from chalicelib.domain.identifiers import check_tenant_id

TENANT = st.from_regex(r"[a-zA-Z0-9!\-_.*'()]{1,150}", fullmatch=True).filter(lambda name: name not in {".", ".."})
TOKEN = st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True)
KEY = ApiKey("key_1", "t", "n", "viewer", None, "abcd", "2026-05-01T12:00:00.000000Z")


@given(tenant=TENANT, token=TOKEN)
def test_every_key_of_every_tenant_looks_like_one(tenant: str, token: str) -> None:
    key = key_of(check_tenant_id(tenant), token)
    assert looks_like_a_key(key)
    assert len(key) <= MOST_CHARACTERS
    assert digest_of(key) == hashlib.sha256(key.encode()).hexdigest()
    assert hint_of(key) == token[-4:]


@given(text=st.text(max_size=300))
def test_whatever_is_shown_is_looked_at_without_a_fault(text: str) -> None:
    assert not looks_like_a_key(text) or text.startswith("sk-")


def test_only_what_was_made_here_is_an_id() -> None:
    assert is_key_id("key_01K9ZJ6Q3V7M2T8R5W4X1Y0ABC")
    assert not any(map(is_key_id, ["", "key_", "key_01k9zj6q3v7m2t8r5w4x1y0abc", "key_01K9ZJ6Q3V7M2T8R5W4X1Y0ABC\n"]))


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "good"),
    [
        (None, None, True),
        ("2026-05-01T12:00:00.000001Z", None, True),
        ("2026-05-01T12:00:00.000000Z", None, False),
        (None, "2026-05-02T00:00:00.000000Z", False),
    ],
)
def test_a_key_is_good_until_it_expires_or_is_revoked(
    expires_at: str | None, revoked_at: str | None, *, good: bool
) -> None:
    key = replace(KEY, expires_at=expires_at, revoked_at=revoked_at)
    assert key.good_at("2026-05-01T12:00:00.000000Z") is good
