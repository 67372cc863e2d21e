"""Who is calling, in each mode, whatever the request shows."""

import base64
from datetime import UTC, datetime

import pytest

from chalicelib.api.auth import Principal, authenticate
from chalicelib.api.errors import error_reply
from chalicelib.api.roles import allowed_actions, require
from chalicelib.domain.api_key import ROLES, Role
from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.services.api_keys import KeyManagement, MadeKey, Wanted
from chalicelib.services.key_ring import KeyRing
from chalicelib.settings import Settings
from tests.fakes.access import FakeApiKeys
from tests.fakes.clock import FixedClock, SequentialKeys, SequentialTokens

OPEN = Settings(auth_enabled=False, fake_tenant_id="me")
TRUSTED = Settings()
KEYED = Settings(auth_require_key=True)
Headers = dict[str, str]


class Lock:
    """One tenant's key, a ring that knows it, and the ways to show a key."""

    def __init__(self) -> None:
        self.store = FakeApiKeys()
        clock = FixedClock(datetime(2026, 5, 1, tzinfo=UTC))
        self.management = KeyManagement(self.store, clock, SequentialKeys(), SequentialTokens())
        self.ring = KeyRing(self.store, clock)
        self.made: MadeKey = self.management.make("acme", Wanted("ci", "viewer", "p1"))

    @property
    def principal(self) -> Principal:
        return Principal("acme", "viewer", self.made.key.id, "p1")

    def caller(self, headers: Headers, settings: Settings) -> Principal:
        return authenticate(headers, settings, self.ring)


@pytest.fixture
def lock() -> Lock:
    return Lock()


def basic(password: str, user: str = "acme") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


WAYS = ["x-ingate-key", "Bearer", "bearer", "Basic"]


def showing(way: str, key: str) -> Headers:
    """The headers that show a key in one of the ways."""
    if way == "x-ingate-key":
        return {way: key}
    return {"authorization": basic(key) if way == "Basic" else f"{way}  {key} "}


WRONG = "sk-acme-" + "x" * 43


def test_without_authentication_everybody_is_the_admin_of_one_tenant(lock: Lock) -> None:
    shown = {"x-scope-orgid": "other", "x-ingate-key": "wrong", "authorization": "Bearer " + WRONG}
    assert lock.caller(shown, OPEN) == Principal("me", "admin")
    assert lock.store.reads == 0


@pytest.mark.parametrize("settings", [TRUSTED, KEYED])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tenant", [{}, {"x-scope-orgid": "acme"}])
def test_a_key_decides_tenant_and_role_in_every_mode_that_asks(
    lock: Lock, settings: Settings, way: str, tenant: Headers
) -> None:
    assert lock.caller({**showing(way, lock.made.secret), **tenant}, settings) == lock.principal


@pytest.mark.parametrize("settings", [TRUSTED, KEYED])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tenant", ["other", "", "Acme", "acme "])
def test_another_tenant_beside_a_key_is_nobody(lock: Lock, settings: Settings, way: str, tenant: str) -> None:
    with pytest.raises(Unauthenticated):
        lock.caller({**showing(way, lock.made.secret), "x-scope-orgid": tenant}, settings)


@pytest.mark.parametrize("settings", [TRUSTED, KEYED])
@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_is_shown_has_to_be_right_whatever_the_tenant_header_says(
    lock: Lock, settings: Settings, way: str
) -> None:
    with pytest.raises(Unauthenticated):
        lock.caller({**showing(way, WRONG), "x-scope-orgid": "acme"}, settings)


@pytest.mark.parametrize("settings", [TRUSTED, KEYED])
def test_the_first_that_is_shown_decides(lock: Lock, settings: Settings) -> None:
    good, wrong = lock.made.secret, WRONG
    assert lock.caller({"x-ingate-key": good, "authorization": f"Bearer {wrong}"}, settings) == lock.principal
    assert lock.caller({"x-ingate-key": "", "authorization": f"Bearer {good}"}, settings) == lock.principal
    for value in (wrong, "foo", " "):
        with pytest.raises(Unauthenticated):
            lock.caller({"x-ingate-key": value, "authorization": f"Bearer {good}"}, settings)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-scope-orgid": "acme"},
        {"authorization": "Bearer sk-x"},
        {"authorization": "Bearer"},
        {"authorization": "Basic ???"},
        {"authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
        {"authorization": "Digest x"},
        {"x-ingate-key": "sk-acme-\u00fc"},
    ],
)
def test_where_a_key_is_required_nothing_else_is_enough(lock: Lock, headers: Headers) -> None:
    with pytest.raises(Unauthenticated):
        lock.caller(headers, KEYED)
    assert lock.store.reads == 0, "what cannot be a key costs no read"


@pytest.mark.parametrize("shown", ["foo", " ", "sk-acme-", "Bearer token"])
def test_our_own_header_is_a_key_in_whatever_form_and_nothing_of_a_proxy_s(lock: Lock, shown: str) -> None:
    with pytest.raises(Unauthenticated):
        lock.caller({"x-ingate-key": shown, "x-scope-orgid": "acme"}, TRUSTED)


@pytest.mark.parametrize(
    "credential",
    ["Bearer a-token-for-a-proxy", basic("pass"), "Basic ???", "Digest x", "", "Bearer sk-other-products-key"],
)
def test_behind_a_proxy_other_credentials_are_the_proxys(lock: Lock, credential: str) -> None:
    caller = lock.caller({"x-scope-orgid": "t1", "authorization": credential}, TRUSTED)
    assert caller == Principal("t1", "member")


@pytest.mark.parametrize("headers", [{}, {"x-scope-orgid": ""}, {"x-scope-orgid": "a#b"}, {"x-scope-orgid": ".."}])
def test_no_tenant_or_an_invalid_one_is_nobody(lock: Lock, headers: Headers) -> None:
    with pytest.raises(Unauthenticated):
        lock.caller(headers, TRUSTED)


def test_no_message_says_what_was_shown(lock: Lock) -> None:
    for headers in (showing("x-ingate-key", WRONG), {**showing("Bearer", lock.made.secret), "x-scope-orgid": "b"}):
        with pytest.raises(Unauthenticated) as refused:
            lock.caller(headers, KEYED)
        answer = error_reply(refused.value)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert WRONG[-43:] not in answer.text()
        assert lock.made.secret[-43:] not in answer.text()


ALLOWED = allowed_actions([("a:Read", "viewer"), ("a:Write", "member"), ("a:Delete", "admin")])


def test_a_role_is_a_set_of_actions_that_holds_those_of_the_roles_below() -> None:
    assert {
        "viewer": {"a:Read"},
        "member": {"a:Read", "a:Write"},
        "admin": {"a:Read", "a:Write", "a:Delete"},
    } == ALLOWED


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ["a:Read", "a:Write", "a:Delete", "a:Unknown"])
def test_who_lacks_an_action_is_told_which(role: Role, action: str) -> None:
    if action in ALLOWED[role]:
        require(Principal("t", role), action, ALLOWED)
        return
    with pytest.raises(Forbidden) as refused:
        require(Principal("t", role), action, ALLOWED)
    assert refused.value.meta == {"action": action}
