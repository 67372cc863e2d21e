"""Who is calling, and how far it may go."""

import base64

import pytest

from chalicelib.api.auth import RANK, Principal, Role, authenticate, require
from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.settings import Settings

OPEN = Settings(auth_enabled=False, fake_tenant_id="me")
TRUSTED = Settings()
KEYED = Settings(auth_require_key=True)


def test_without_authentication_everybody_is_the_admin_of_one_tenant() -> None:
    assert authenticate({"x-scope-orgid": "other"}, OPEN) == Principal("me", "admin")


def test_the_tenant_header_names_a_member() -> None:
    assert authenticate({"x-scope-orgid": "acme", "authorization": "Bearer proxy"}, TRUSTED) == Principal(
        "acme", "member"
    )


@pytest.mark.parametrize("headers", [{}, {"x-scope-orgid": ""}, {"x-scope-orgid": "a#b"}, {"x-scope-orgid": ".."}])
def test_no_tenant_or_an_invalid_one_is_nobody(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(headers, TRUSTED)


@pytest.mark.parametrize("headers", [{}, {"x-scope-orgid": "acme"}, {"authorization": "Bearer sk-x"}])
def test_where_a_key_is_required_a_header_is_not_enough(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(headers, KEYED)


@pytest.mark.parametrize("role", RANK)
@pytest.mark.parametrize("needed", RANK)
def test_a_role_reaches_as_far_as_its_rank(role: Role, needed: Role) -> None:
    if RANK[role] >= RANK[needed]:
        require(Principal("t", role), needed, "generations:GetGeneration")
        return
    with pytest.raises(Forbidden) as refused:
        require(Principal("t", role), needed, "generations:GetGeneration")
    assert refused.value.meta == {"action": "generations:GetGeneration"}


KEY = "sk-t1-" + "a" * 43
BASIC = base64.b64encode(f"user:{KEY}".encode()).decode()


@pytest.mark.parametrize(
    "credential",
    [
        {"x-ingate-key": KEY},
        {"x-ingate-key": "foo"},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY}"},
        {"authorization": f"Basic {BASIC}"},
    ],
)
def test_a_key_that_is_shown_has_to_be_right_whatever_the_tenant_header_says(credential: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        authenticate({"x-scope-orgid": "t1", **credential}, Settings())


@pytest.mark.parametrize(
    "credential", ["Bearer a-token-for-a-proxy", "Basic dXNlcjpwYXNz", "Basic ???", "Digest x", ""]
)
def test_other_credentials_are_a_proxys(credential: str) -> None:
    assert authenticate({"x-scope-orgid": "t1", "authorization": credential}, Settings()).tenant == "t1"
