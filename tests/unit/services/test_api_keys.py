"""Making and revoking keys."""

from datetime import timedelta

import pytest

from chalicelib.domain.api_key import ApiKey, digest_of, looks_like_a_key
from chalicelib.domain.errors import Malformed, NotFound
from chalicelib.domain.times import format_time
from chalicelib.services.api_keys import KeyManagement, Wanted
from tests.fakes.access import FakeApiKeys
from tests.fakes.clock import START, FixedClock, SequentialKeys, SequentialTokens


class Unasked(FakeApiKeys):
    """A store that is not to be reached: its keys have bounds that these ids do not keep to."""

    def revoke(self, tenant: str, key_id: str, at: str) -> ApiKey | None:  # noqa: ARG002 - any call is wrong
        raise AssertionError(key_id)


def management(store: FakeApiKeys) -> KeyManagement:
    return KeyManagement(store, FixedClock(), SequentialKeys(), SequentialTokens())


def test_a_key_is_stored_under_its_digest_and_shown_whole_once() -> None:
    store = FakeApiKeys()
    made = management(store).make("acme", Wanted("ci", "member", "p"))
    assert looks_like_a_key(made.secret)
    assert store.find(digest_of(made.secret)) == made.key
    assert (made.key.tenant, made.key.name, made.key.role, made.key.project_id) == ("acme", "ci", "member", "p")
    assert made.key.created_at == format_time(START)


def test_a_key_that_would_have_expired_is_not_made() -> None:
    store = FakeApiKeys()
    with pytest.raises(Malformed) as refused:
        management(store).make("acme", Wanted("ci", "member", None, format_time(START)))
    assert refused.value.meta == {"field": "expires_at"}
    assert store.page("acme", None, 5).rows == []
    later = format_time(START + timedelta(microseconds=1))
    assert management(store).make("acme", Wanted("ci", "member", None, later)).key.expires_at == later


@pytest.mark.parametrize("key_id", ["", "key_", "k" * 3000, "key_" + "a" * 26, "\x00", "key_" + "\u0660" * 26])
def test_what_is_no_id_is_not_found_without_a_look(key_id: str) -> None:
    with pytest.raises(NotFound):
        management(Unasked()).revoke("acme", key_id)
