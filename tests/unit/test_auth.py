"""Who is calling, and how far it may go."""

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
