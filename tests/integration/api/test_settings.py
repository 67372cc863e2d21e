"""Who is served under which settings."""

from collections.abc import Mapping

import pytest

from chalicelib import bootstrap
from chalicelib.api.routes import OPERATIONS
from chalicelib.settings import InvalidSettings, Settings
from tests.integration.api import items
from tests.integration.api.service import Service, running

pytestmark = pytest.mark.moto

LIST = "/api/v1/generations"


def status(service: Service, path: str = LIST, headers: Mapping[str, str] | None = None) -> int:
    """The status of a GET with just these headers."""
    return service.request("GET", path, headers=headers).status


def test_with_authentication_disabled_everybody_is_the_one_tenant() -> None:
    with running(SIGIL_AUTH_ENABLED="false") as service:
        service.tenant("somebody").accept(items.small("g-1"))
        for headers in ({}, {"X-Scope-OrgID": "another"}, {"X-Scope-OrgID": "not valid!/"}, {"Authorization": "x"}):
            answer = service.request("GET", f"{LIST}/g-1", headers=headers)
            assert (answer.status, answer.body["tenant_id"]) == (200, "fake")


def test_the_name_of_the_one_tenant_can_be_set() -> None:
    with running(SIGIL_AUTH_ENABLED="false", SIGIL_FAKE_TENANT_ID="solo") as service:
        service.tenant("somebody").accept(items.small("g-1"))
        assert service.request("GET", f"{LIST}/g-1").body["tenant_id"] == "solo"


def test_by_default_the_tenant_header_is_required() -> None:
    with running() as service:
        assert status(service) == 401
        assert status(service, headers={"X-Scope-OrgID": "team-a"}) == 200
        assert status(service, headers={"x-scope-orgid": "team-a"}) == 200
        assert status(service, headers={"X-Scope-OrgID": "team-a", "Authorization": "Bearer for-a-proxy"}) == 200


@pytest.mark.parametrize(
    "tenant",
    ["", " ", ".", "..", "a/b", "a b", "a#b", "a|b", "ü", "a" * 151, "a,b", "a:b", "a\\b", "a\x00", "a\n", "a%"],
)
def test_an_invalid_tenant_id_is_nobody(tenant: str) -> None:
    with running() as service:
        answer = service.request("GET", LIST, headers={"X-Scope-OrgID": tenant})
        assert (answer.status, answer.error_code) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("tenant", ["a", "a" * 150, "A-Z_0.9!*'()", "..."])
def test_a_valid_tenant_id_is_somebody(tenant: str) -> None:
    with running() as service:
        service.tenant(tenant).accept(items.small("g-1"))
        service.work()
        assert service.tenant(tenant).listed_ids() == ["g-1"]


def test_tenants_whose_names_begin_alike_stay_apart() -> None:
    with running() as service:
        short, long = service.tenant("a"), service.tenant("a.b")
        long.accept(items.small("g-1"))
        service.work()
        assert (short.listed_ids(), short.read("g-1").status) == ([], 404)


@pytest.mark.parametrize(
    "headers", [{}, {"X-Scope-OrgID": "team-a"}, {"Authorization": "Bearer sk-x-y"}, {"X-Ingate-Key": "sk-x-y"}]
)
def test_where_a_key_is_required_nobody_without_a_valid_one_gets_in(headers: dict[str, str]) -> None:
    with running(SIGIL_AUTH_ENABLED="true", SIGIL_AUTH_REQUIRE_KEY="true") as service:
        for operation in OPERATIONS:
            path = operation.path.replace("{", "").replace("}", "")
            open_to_all = operation.role is None
            prefix = "" if open_to_all else "/api"
            answer = service.request(operation.method, prefix + path, headers=headers)
            assert answer.status == (200 if open_to_all else 401), path
            if not open_to_all:
                assert answer.error_code == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"SIGIL_AUTH_ENABLED": "false", "SIGIL_AUTH_REQUIRE_KEY": "true"}, "SIGIL_AUTH_REQUIRE_KEY"),
        ({"SIGIL_AUTH_ENABLED": "maybe"}, "SIGIL_AUTH_ENABLED"),
        ({"SIGIL_FAKE_TENANT_ID": "a/b"}, "SIGIL_FAKE_TENANT_ID"),
        ({"MAX_BODY_BYTES": "0"}, "MAX_BODY_BYTES"),
        ({"INDEXED_TAGS": "a,b,c,d,e,f"}, "INDEXED_TAGS"),
        ({"LISTEN_HOST": "0.0.0.0", "SIGIL_AUTH_ENABLED": "false"}, "SIGIL_ALLOW_INSECURE_AUTH"),  # noqa: S104
        ({"LISTEN_HOST": "192.0.2.1"}, "SIGIL_ALLOW_INSECURE_AUTH"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "api"}, "SIGIL_ALLOW_INSECURE_AUTH"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "api", "SIGIL_AUTH_ENABLED": "false"}, "SIGIL_ALLOW_INSECURE_AUTH"),
    ],
)
def test_settings_that_contradict_or_expose_refuse_to_start(env: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSettings, match=named):
        Settings.from_env(env)


@pytest.mark.parametrize(
    "env",
    [
        {"AWS_LAMBDA_FUNCTION_NAME": "api", "SIGIL_AUTH_REQUIRE_KEY": "true"},
        {"AWS_LAMBDA_FUNCTION_NAME": "api", "SIGIL_ALLOW_INSECURE_AUTH": "true"},
        {"LISTEN_HOST": "0.0.0.0", "SIGIL_AUTH_ENABLED": "false", "SIGIL_ALLOW_INSECURE_AUTH": "1"},  # noqa: S104
        {"LISTEN_HOST": "127.0.0.1", "SIGIL_AUTH_ENABLED": "no"},
    ],
)
def test_safe_settings_and_a_word_for_unsafe_ones_start(env: dict[str, str]) -> None:
    assert Settings.from_env(env)


def test_refused_settings_answer_no_request_but_in_the_error_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Lambda nobody sees a process refuse to start; no route may work there, and none may tell why."""
    with running() as service:
        bootstrap.uninstall()
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "api")
        answer = service.request("GET", LIST, headers={"X-Scope-OrgID": "team-a"})
        assert (answer.status, answer.error_code) == (500, "INTERNAL")
        assert "SIGIL" not in str(answer.body)


def test_without_an_index_for_any_tag_a_filter_on_tags_holds_all_the_same() -> None:
    with running(INDEXED_TAGS="") as service:
        tenant = service.tenant()
        tags = [{"env": ("prod", "test")[number % 2], "free": f"v{number % 4}"} for number in range(8)]
        tenant.accept(*(items.small(f"g-{number}", tags=each) for number, each in enumerate(tags)))
        service.work()
        assert sorted(tenant.listed_ids(3, **{"tag.env": "prod"})) == ["g-0", "g-2", "g-4", "g-6"]
        assert sorted(tenant.listed_ids(3, **{"tag.env": "prod", "tag.free": "v2"})) == ["g-2", "g-6"]


def test_who_shows_no_key_is_not_limited() -> None:
    for mode in ("true", "false"):
        with running(SIGIL_AUTH_ENABLED=mode, RATE_LIMIT_ITEMS_PER_SECOND="1") as service:
            for number in range(3):
                service.tenant("t").accept(items.small(f"{number}-1"), items.small(f"{number}-2"))
