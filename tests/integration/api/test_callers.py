"""Who is let into which route: every route of the table, those to come included."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib import bootstrap
from chalicelib.api.routing import Operation
from chalicelib.domain.api_key import ROLES, Role, digest_of
from chalicelib.observability import logs
from tests.integration.api.faults import failing
from tests.integration.api.keyed import KEYS, REQUIRED, Holder, filled, holder, make_key, routes
from tests.integration.api.service import Service, running
from tests.integration.api.test_logs import PresentStdout

pytestmark = pytest.mark.moto

ANYTHING: dict[str, str] = defaultdict(lambda: "anything")
PROTECTED = [pytest.param(one, path, id=f"{one.method} {path}") for one, path in routes() if one.role is not None]
OPEN = [pytest.param(one, path, id=path) for one, path in routes() if one.role is None]
GOOD = "sk-acme-" + "g" * 43


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(None, **REQUIRED, WEBHOOK_ALLOWED_HOSTS="localhost") as started:
        yield started


@pytest.fixture(scope="module")
def nobodies(service: Service) -> dict[str, dict[str, str]]:
    """Headers of callers who must not be let in, by what is wrong with them."""
    revoked, expired, good = make_key("acme"), make_key("acme", seconds=1), make_key("acme").secret
    bootstrap.container().api_keys.revoke("acme", revoked.key.id)
    service.clock.ahead += timedelta(seconds=2)
    return {
        "nothing": {},
        "a tenant and no key": {"X-Scope-OrgID": "acme"},
        "a wrong key": {"X-Ingate-Key": GOOD},
        "a wrong key in Bearer": {"Authorization": f"Bearer {GOOD}"},
        "a wrong key before a right one": {"X-Ingate-Key": GOOD, "Authorization": f"Bearer {good}"},
        "no key at all": {"Authorization": "Bearer token"},
        "a revoked key": {"X-Ingate-Key": revoked.secret},
        "an expired key": {"X-Ingate-Key": expired.secret},
        "another tenant": {"X-Ingate-Key": good, "X-Scope-OrgID": "other"},
    }


@pytest.fixture(scope="module")
def holders(service: Service) -> dict[Role, Holder]:
    """One caller of each role."""
    return {role: holder(service, role, "acme") for role in ROLES}


@pytest.mark.parametrize(("operation", "path"), PROTECTED)
def test_nobody_without_a_valid_key_is_let_in(
    service: Service, nobodies: dict[str, dict[str, str]], operation: Operation, path: str
) -> None:
    for wrong, headers in nobodies.items():
        answer = service.request(operation.method, filled(path, ANYTHING), b"{}", headers)
        assert (answer.status, answer.error_code) == (401, "UNAUTHENTICATED"), wrong
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("operation", "path"), PROTECTED)
def test_each_role_reaches_what_its_actions_say_and_nothing_else(
    holders: dict[Role, Holder], role: Role, operation: Operation, path: str
) -> None:
    assert operation.role is not None
    answer = holders[role].request(operation.method, filled(path, ANYTHING), b"{}")
    if ROLES.index(role) >= ROLES.index(operation.role):
        assert answer.status not in {401, 403}
        assert answer.status < 500
    else:
        assert (answer.status, answer.error_code) == (403, "FORBIDDEN")
        assert answer.body["error"]["meta"] == {"action": operation.action}


@pytest.mark.parametrize(("operation", "path"), OPEN)
def test_routes_without_a_role_ask_nobody(service: Service, operation: Operation, path: str) -> None:
    assert service.request(operation.method, path).status == 200


def test_storage_that_is_down_is_no_wrong_key(service: Service) -> None:
    unused = holder(service)
    with failing("dynamodb"):
        answer = unused.get("/api/v1/generations")
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"]
    assert unused.get("/api/v1/generations").status == 200


def test_a_revoked_key_stops_within_thirty_seconds_where_it_is_in_use(service: Service) -> None:
    admin = holder(service)
    used = holder(service, "member", admin.name)
    assert used.get("/api/v1/generations").status == 200
    assert admin.request("DELETE", f"{KEYS}/{used.key.id}").status == 200
    statuses = []
    for _ in range(31):
        statuses.append(used.get("/api/v1/generations").status)
        service.clock.ahead += timedelta(seconds=1)
    assert statuses[-1] == 401
    assert statuses == sorted(statuses), "once it has stopped it stays so"


def test_no_secret_is_in_any_log_or_in_any_answer_but_the_first(
    service: Service, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Through every route, in every way to show a key, with storage down too."""
    logs.configure("DEBUG", "catchment", stream=PresentStdout())
    caplog.set_level(logging.DEBUG)
    admin = holder(service)
    answer = admin.request("POST", KEYS, b'{"name": "n", "role": "member"}')
    secret, key_id = answer.body["key"], answer.body["id"]
    answers = []
    for wrong in (secret, secret[:-1] + "!", secret[:-1]):
        for shown in ({"X-Ingate-Key": wrong}, {"Authorization": f"Bearer {wrong}"}):
            for operation, path in routes():
                answers.append(service.request(operation.method, filled(path, ANYTHING), b"{}", shown).body)
            answers.append(service.request("GET", KEYS, headers={**shown, "X-Scope-OrgID": "other"}).body)
            service.clock.ahead += timedelta(seconds=21)
            with failing("dynamodb"):
                answers.append(service.request("GET", KEYS, headers=shown).body)
    answers += [admin.get(KEYS).body, admin.request("DELETE", f"{KEYS}/{key_id}").body, admin.get(KEYS).body]
    written = capsys.readouterr()
    for hidden in (secret[:-1], secret[-43:-1]):
        assert hidden not in str(answers)
        assert hidden not in written.out + written.err
        assert hidden not in caplog.text
    assert digest_of(secret) not in str(answers)
    assert digest_of(secret) not in written.out + written.err
    assert key_id in written.out
