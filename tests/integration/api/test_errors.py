"""Errors: one shape on every route, and what is not the caller's reads as what does not exist."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from chalicelib import bootstrap
from chalicelib.api.errors import STATUS
from chalicelib.api.routes import OPERATIONS
from chalicelib.api.routing import Operation
from chalicelib.api.voker.failure import typed_failure
from chalicelib.bootstrap import Container
from chalicelib.domain import errors
from chalicelib.domain.evaluator import Filter
from chalicelib.domain.run_config import RunConfig
from chalicelib.services.evaluation.backfilling import BackfillWanted
from chalicelib.services.ports import Ports
from chalicelib.settings import Settings
from tests.integration.api import items, voker
from tests.integration.api.faults import failing
from tests.integration.api.service import EXPORT, Service, Tenant

pytestmark = pytest.mark.moto

PREFIX = "/api"
GUARDED = [operation for operation in OPERATIONS if operation.role is not None]
PLACES = [
    pytest.param(operation, path, id=f"{operation.method} {path}")
    for operation in GUARDED
    for path in (PREFIX + operation.path, *operation.aliases)
]
REACHED = [  # a tenant header makes nobody an admin
    pytest.param(operation, path, id=f"{operation.method} {path}")
    for operation in GUARDED
    if operation.role != "admin"
    for path in (PREFIX + operation.path, *operation.aliases)
]
# Each route that reads one thing, with what it is asked for a generation `g-1` of the agent `tester` (see `given`).
READS = {
    "/api/v1/generations/{generation_id}": "/api/v1/generations/g-1",
    "/generations/{generation_id}": "/generations/g-1",
    "/api/v1/generations/{generation_id}/scores": "/api/v1/generations/g-1/scores",
    "/api/v1/generations/{generation_id}/dependents": "/api/v1/generations/g-1/dependents",
    "/api/v1/generations/{generation_id}/lineage": "/api/v1/generations/g-1/lineage",
    "/api/v1/agents/{agent_name}": "/api/v1/agents/tester",
    "/api/v1/agents/{agent_name}/agent-versions/{agent_version_name}": "/api/v1/agents/tester/agent-versions/v",
    "/api/v1/people/{person_id}": "/api/v1/people/ada",
    "/api/v1/sessions/{session_id}": "/api/v1/sessions/s-1",
    "/api/v1/traces/{trace_id}": "/api/v1/traces/t-1",
    "/traces/{trace_id}": "/traces/t-1",
    "/api/v1/traces/{trace_id}/generations": "/api/v1/traces/t-1/generations",
    "/traces/{trace_id}/generations": "/traces/t-1/generations",
    "/api/v1/traces/{trace_id}/tree": "/api/v1/traces/t-1/tree",
    "/api/v1/fingerprints/{fingerprint_id}": f"/api/v1/fingerprints/{voker.FINGERPRINT_ID}",
    "/api/v1/evaluators/{evaluator_id}": "/api/v1/evaluators/judge",
    "/api/v1/evaluators/{evaluator_id}/backfill": "/api/v1/evaluators/judge/backfill",
    "/api/v1/evaluators/{evaluator_id}/stats": "/api/v1/evaluators/judge/stats",
    "/api/v1/evaluators/{evaluator_id}/failures": "/api/v1/evaluators/judge/failures",
    "/api/v1/agents:lookup": "/api/v1/agents:lookup?name=tester",
    "/api/v1/agents:versions": "/api/v1/agents:versions?name=tester",
    "/api/v1/agents/{agent_name}/run-config": "/api/v1/agents/tester/run-config",
    "/api/v1/conversations/{conversation_id}": "/api/v1/conversations/c-9",
    "/api/v1/conversations/{conversation_id}/ratings": "/api/v1/conversations/c-9/ratings",
    "/api/v1/conversations/{conversation_id}/workflow-steps": "/api/v1/conversations/c-9/workflow-steps",
    "/api/v1/workflow-steps/{step_id}": "/api/v1/workflow-steps/step-9",
}
SECRET = "table catchment has no key of account 123456789012"


class Exploding:
    """Every port of it fails in a way that nobody foresaw."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(SECRET)


def ask(tenant: Tenant, operation: Operation, path: str) -> Any:
    """A request that the route would take."""
    concrete = READS.get(path, path).replace("{", "").replace("}", "")
    if operation.method == "GET":
        return tenant.get(concrete)
    return tenant.post([items.small("g-1")])


def given(tenant: Tenant) -> None:
    """All that `READS` asks for."""
    tenant.accept(items.small("g-1", person_id="ada", session_id="s-1", trace_id="t-1"))
    tenant.service.work()
    voker.fingerprint(tenant)
    made = bootstrap.container()
    made.evaluators.put(tenant.name, "judge", {"kind": "regex", "config": {"pattern": "x"}})
    made.backfilling.start(tenant.name, "judge", BackfillWanted(None, None, Filter(), rate=1))
    step = {"id": "step-9", "conversation_id": "c-9", "step_name": "plan", "linked_generation_ids": ["g-1"]}
    rating = {"rating_id": "r-9", "rating": "CONVERSATION_RATING_VALUE_BAD"}
    assert tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": [step]}).status == 202
    assert tenant.send("POST", "/api/v1/conversations/c-9/ratings", rating).status == 200
    made.ports.run_configs.put(tenant.name, RunConfig("tester", "main", "m", "2026-01-01T00:00:00.000000Z"))
    body = {"agent_version_name": "v"}
    assert tenant.send("PUT", "/api/v1/agents/tester/agent-versions", body).status == 200


@pytest.fixture
def exploding(service: Service) -> Iterator[Service]:
    before = bootstrap.container()
    fail = cast("Any", Exploding())
    names = Ports.__dataclass_fields__
    bootstrap.install(Container(Settings(), Ports(**dict.fromkeys(names, fail))))
    yield service
    bootstrap.install(before)


@pytest.mark.parametrize(("operation", "path"), PLACES)
def test_nobody_is_answered_401(service: Service, operation: Operation, path: str) -> None:
    answer = service.request(operation.method, path.replace("{", "").replace("}", ""), b"{}")
    assert (answer.status, answer.error_code) == (401, "UNAUTHENTICATED")
    assert answer.headers["content-type"] == "application/json"
    assert ("type" in answer.body) == (operation.failure is typed_failure)


@pytest.mark.parametrize(("operation", "path"), REACHED)
def test_storage_that_is_down_is_503_with_a_time_to_wait(tenant: Tenant, operation: Operation, path: str) -> None:
    with failing("dynamodb"):
        answer = ask(tenant, operation, path)
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(("operation", "path"), REACHED)
def test_what_nobody_foresaw_is_500_and_tells_nothing(exploding: Service, operation: Operation, path: str) -> None:
    answer = ask(exploding.tenant(), operation, path)
    assert (answer.status, answer.error_code) == (500, "INTERNAL")
    assert answer.body["error"] == {"code": "INTERNAL", "message": "internal error", "meta": {}}
    assert answer.body.get("type", "internal") == "internal"
    assert answer.headers["x-correlation-id"]


@pytest.mark.parametrize("path", ["/api/v1/generations", "/api/v1/agents", *READS.values()])
def test_a_query_parameter_that_no_route_knows_is_400_and_named(tenant: Tenant, path: str) -> None:
    for name in ("colour", "Limit", "tagx"):
        answer = tenant.get(f"{path}{'&' if '?' in path else '?'}{name}=1")
        assert (answer.status, answer.error_code) == (400, "MALFORMED")
        assert answer.body["error"]["meta"] == {"parameter": name}


def test_every_route_that_reads_one_thing_is_in_the_table_above() -> None:
    reading = [operation for operation in GUARDED if operation.method == "GET"]
    paths = {path for operation in reading for path in (PREFIX + operation.path, *operation.aliases)}
    assert {path for path in paths if "{" in path} <= set(READS)


@pytest.mark.parametrize("path", READS.values())
def test_what_another_tenant_has_reads_as_what_does_not_exist(service: Service, path: str) -> None:
    owner, stranger = service.tenant(), service.tenant()
    given(owner)
    assert owner.get(path).status == 200
    foreign = stranger.get(path)
    assert (foreign.status, foreign.error_code) == (404, "NOT_FOUND")
    stranger.accept(items.small("g-2", agent_name="another"))
    service.work()
    assert stranger.get(path).body == foreign.body


@pytest.mark.parametrize("path", READS.values())
def test_what_does_not_exist_is_404(tenant: Tenant, path: str) -> None:
    answer = tenant.get(path)
    assert (answer.status, answer.error_code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("generation_id", ["x" * 257, "a%00b", "%ED%A0%80", "%FF", "ä" * 241, "%0A"])
def test_an_id_that_no_generation_can_have_is_404(tenant: Tenant, generation_id: str) -> None:
    assert tenant.get(f"/api/v1/generations/{generation_id}").status == 404


@pytest.mark.parametrize("agent_name", ["x" * 3000, "a%00b", "%FF", "%ED%A0%80"])
def test_a_name_that_no_agent_can_have_is_404(tenant: Tenant, agent_name: str) -> None:
    for path in (f"/api/v1/agents/{agent_name}", f"/api/v1/agents:lookup?name={agent_name}"):
        assert tenant.get(path).status == 404
    assert tenant.get(f"/api/v1/agents:versions?name={agent_name}").status == 404


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.0", "1e1", "abc", "+1", " 1", "٣", "9" * 5000, "0x1", "1_0"])
@pytest.mark.parametrize("path", ["/api/v1/generations?", "/api/v1/agents?", "/api/v1/agents:versions?name=x&"])
def test_a_limit_out_of_bounds_is_400(tenant: Tenant, path: str, limit: str) -> None:
    answer = tenant.get(f"{path}limit={limit.replace(' ', '%20').replace('+', '%2B')}")
    assert (answer.status, answer.body["error"]["meta"]) == (400, {"parameter": "limit"})


@pytest.mark.parametrize("limit", ["1", "200", "050", ""])
def test_a_limit_within_bounds_or_empty_is_taken(tenant: Tenant, limit: str) -> None:
    assert tenant.get(f"/api/v1/generations?limit={limit}").status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "done"),
        ("source", "elsewhere"),
        ("fields", "all"),
        ("since", "yesterday"),
        ("until", "2026-03-01"),
        ("agent_name", "x" * 257),
        ("trace_id", "a\x00b"),
        ("tag.env", "x" * 257),
        ("tag.env", "\n"),
    ],
)
def test_a_filter_without_meaning_is_400_and_named(tenant: Tenant, name: str, value: str) -> None:
    answer = tenant.get("/api/v1/generations", **{name: value})
    assert (answer.status, answer.body["error"]["meta"]) == (400, {"parameter": name})


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"x"', b"{", b'{"generations": {}}', b'{"generations": "x"}', b"\xff", b"{} x", b"NaN"],
)
def test_a_body_that_is_no_export_is_400(tenant: Tenant, body: bytes) -> None:
    answer = tenant.request("POST", EXPORT, body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")


def test_where_the_json_breaks_is_said(tenant: Tenant) -> None:
    answer = tenant.request("POST", EXPORT, b'{"generations":\n [}')
    assert answer.body["error"]["meta"] == {"line": 2, "column": 3, "offset": 18}


def test_every_error_of_the_tree_has_a_status_of_its_own() -> None:
    tree = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.CatchmentError)}
    assert tree - {errors.CatchmentError, errors.Rejected} == set(STATUS)
    assert len(set(STATUS.values())) == len(STATUS)
