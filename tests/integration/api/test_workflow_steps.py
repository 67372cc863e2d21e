"""Workflow steps over HTTP: taken in, read back by id, in their conversation and in pictures of lineage."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api import items
from tests.integration.api.faults import failing
from tests.integration.api.service import Answer, Service, Tenant, running

pytestmark = pytest.mark.moto

EXPORT = "/api/v1/workflow-steps:export"
STARTED, ENDED = "2026-03-01T10:00:00.000000Z", "2026-03-01T10:00:02.500000Z"
SNAKE: dict[str, Any] = {
    "id": "s-1",
    "conversation_id": "c-1",
    "step_name": "plan",
    "framework": "langgraph",
    "started_at": STARTED,
    "completed_at": ENDED,
    "input_state": {"messages": ["naïve \U0001f9ea"], "n": 1},
    "output_state": {"deep": {"er": [None, 1.5, True]}},
    "error": "it broke",
    "tags": {"env": "prod"},
    "linked_generation_ids": ["g-1"],
    "parent_step_ids": ["s-0"],
    "agent_name": "tester",
    "agent_version": "1",
    "trace_id": "t-1",
    "span_id": "sp-1",
    "metadata": {"run": "r"},
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


def step(step_id: str = "s-1", **fields: Any) -> dict[str, Any]:
    return {"id": step_id, "conversation_id": "c-1", "step_name": "plan", **fields}


def export(tenant: Tenant, *steps: Any) -> list[dict[str, Any]]:
    answer = tenant.send("POST", EXPORT, {"workflow_steps": steps})
    assert (answer.status, set(answer.body)) == (202, {"results"})
    results: list[dict[str, Any]] = answer.body["results"]
    return results


def accept(tenant: Tenant, *steps: dict[str, Any]) -> None:
    assert export(tenant, *steps) == [{"step_id": each["id"], "accepted": True, "error": ""} for each in steps]


def read(tenant: Tenant, step_id: str) -> Answer:
    return tenant.get(f"/api/v1/workflow-steps/{step_id}")


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)


def test_a_step_reads_back_whole_in_either_spelling(tenant: Tenant) -> None:
    accept(tenant, SNAKE)
    shown = read(tenant, "s-1")
    assert shown.status == 200
    assert shown.body == {
        **SNAKE,
        "step_id": "s-1",
        "status": "failed",
        "error": {"message": "it broke"},
        "created_at": shown.body["created_at"],
        "content_purged_at": None,
    }
    spelled = {camel(name): value for name, value in SNAKE.items()}
    assert export(tenant, spelled) == [{"step_id": "s-1", "accepted": True, "error": ""}]
    body = json.dumps({"workflowSteps": [{**spelled, "id": "s-2"}]}).encode()
    assert tenant.request("POST", EXPORT, body).body["results"][0]["accepted"]
    assert read(tenant, "s-2").body["input_state"] == SNAKE["input_state"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"workflow_steps": [SNAKE], "workflowSteps": []}, "only one of workflow_steps and workflowSteps"),
        ({"workflow_steps": None, "workflowSteps": [SNAKE]}, "only one of workflow_steps and workflowSteps"),
        ({"steps": [SNAKE]}, "an object with a list `workflow_steps`"),
    ],
)
def test_a_body_whose_steps_would_be_lost_is_refused(tenant: Tenant, body: dict[str, Any], told: str) -> None:
    answer = tenant.send("POST", EXPORT, body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")
    assert told in answer.body["error"]["message"]
    assert [tenant.send("POST", EXPORT, none).body for none in ({}, {"workflowSteps": None})] == [{"results": []}] * 2


def test_all_keys_of_a_bare_step_are_there(tenant: Tenant) -> None:
    accept(tenant, step())
    shown = read(tenant, "s-1").body
    assert {name for name, value in shown.items() if value is None} == {
        *("framework", "started_at", "completed_at", "error", "agent_name", "agent_version", "trace_id", "span_id"),
        "content_purged_at",
    }
    assert shown["status"] == "completed"
    assert shown["input_state"] == shown["output_state"] == shown["metadata"] == shown["tags"] == {}
    assert shown["linked_generation_ids"] == shown["parent_step_ids"] == []


def test_numbers_that_are_equal_are_the_same_content(tenant: Tenant) -> None:
    accept(tenant, step(input_state={"n": 2.0, "m": 1e2}))
    accept(tenant, step(input_state={"m": 100, "n": 2}))
    assert export(tenant, step(input_state={"m": 100, "n": 2.5}))[0]["error"] == "workflow step already exists"


def test_each_item_has_its_own_fate(tenant: Tenant) -> None:
    results = export(
        tenant,
        step("a"),
        step("a", step_name="other"),
        step("a"),
        {"id": "b", "step_name": "x"},
        {"conversation_id": "c", "step_name": "x"},
        step("d", step_name=" "),
        step("e" * 300),
        step("f", started_at="yesterday"),
        step("g", linked_generation_ids=[f"g-{number}" for number in range(101)]),
        step("h", input_state=[1]),
        step("i", tags={"k": 1}),
        step("j", input_state={"a": json.loads("[" * 120 + "]" * 120)}),
        7,
        None,
    )
    assert [(each["step_id"][:9], each["error"]) for each in results] == [
        ("a", ""),
        ("a", "workflow step already exists"),
        ("a", ""),
        ("b", "workflow_step.conversation_id is required"),
        ("", "workflow_step.id is required"),
        ("d", "workflow_step.step_name is required"),
        ("e" * 9, "workflow_step.id: must be at most 256 characters"),
        ("f", "workflow_step.started_at: must be an RFC 3339 time with a zone"),
        ("g", "workflow_step.linked_generation_ids: must have at most 100 ids"),
        ("h", "workflow_step.input_state: must be an object"),
        ("i", "workflow_step.tags: must be an object with string values, or a list of strings"),
        ("j", "workflow_step.input_state: is nested over 100 levels"),
        ("", "workflow_step: must be an object"),
        ("", "workflow_step: must be an object"),
    ]
    assert [each["accepted"] for each in results] == [not each["error"] for each in results]
    assert read(tenant, "b").status == 404


def test_what_nobody_knows_and_what_does_not_count_is_kept_aside(tenant: Tenant) -> None:
    accept(tenant, step(linked_generation_ids=["g", "", "g"], parent_step_ids=["s-1", "p"], brand_new=[1]))
    shown = read(tenant, "s-1").body
    assert (shown["linked_generation_ids"], shown["parent_step_ids"]) == (["g"], ["p"])
    expected = {"brand_new": [1], "linked_generation_ids": ["", "g"], "parent_step_ids": ["s-1"]}
    assert shown["metadata"] == {"unrecognized": expected}


@pytest.mark.parametrize("body", [[], {"workflow_steps": 1}, None, {"workflow_steps": {"id": "a"}}])
def test_a_body_that_is_no_batch_is_malformed(tenant: Tenant, body: object) -> None:
    answer = tenant.send("POST", EXPORT, body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")


def test_a_request_is_bounded(tenant: Tenant) -> None:
    many = [step(f"s-{number}") for number in range(1001)]
    assert tenant.send("POST", EXPORT, {"workflow_steps": many}).error_code == "TOO_LARGE"
    linked = [step(f"s-{number}", linked_generation_ids=[f"g-{one}" for one in range(100)]) for number in range(101)]
    assert tenant.send("POST", EXPORT, {"workflow_steps": linked}).error_code == "TOO_LARGE"
    empty: list[dict[str, Any]] = [{}, {"workflow_steps": []}, {"workflow_steps": None}]
    for nothing in empty:
        assert tenant.send("POST", EXPORT, nothing).body == {"results": []}
    assert read(tenant, "s-1").status == 404


@pytest.mark.parametrize(("aws", "operation"), [("dynamodb", "BatchGetItem"), ("dynamodb", "BatchWriteItem")])
def test_storage_that_is_down_is_told_and_a_retry_is_right(tenant: Tenant, aws: str, operation: str) -> None:
    with failing(aws, operation) as failed:
        answer = tenant.send("POST", EXPORT, {"workflow_steps": [step()]})
    assert failed
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")
    accept(tenant, step())


def test_half_a_batch_that_is_stored_is_found_stored(tenant: Tenant) -> None:
    batch = [step(f"s-{number}") for number in range(4)]
    with failing("dynamodb", "PutItem", after=2):
        assert tenant.send("POST", EXPORT, {"workflow_steps": batch}).status == 503
    accept(tenant, *batch)
    listed = tenant.listed(3, "/api/v1/conversations/c-1/workflow-steps")
    assert sorted(item["id"] for item in listed) == [each["id"] for each in batch]


def test_steps_of_a_conversation_are_listed_newest_first_without_their_states(tenant: Tenant) -> None:
    batch = [
        step(f"s-{number}", started_at=f"2026-03-01T10:00:0{number}Z", input_state={"a": 1}) for number in range(5)
    ]
    accept(tenant, *batch, step("far", conversation_id="c-2"))
    for limit in (2, 200):
        found = tenant.listed(limit, "/api/v1/conversations/c-1/workflow-steps")
        assert [item["id"] for item in found] == [f"s-{number}" for number in reversed(range(5))]
    assert not {"input_state", "output_state", "metadata"} & set(found[0])
    assert tenant.get("/api/v1/conversations/nothing/workflow-steps").status == 404


def test_steps_stand_in_the_picture_between_generations(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.small("g-1"), items.small("g-2", depends_on=["g-1"]), items.failed("g-3", depends_on=["g-2"]))
    accept(
        tenant,
        step("p", linked_generation_ids=["g-1"], step_name="gather"),
        step("q", linked_generation_ids=["g-2"], parent_step_ids=["p"], error="bad", step_name='"];click'),
    )
    service.work()
    drawn = tenant.get("/api/v1/generations/g-2/lineage").body
    assert set(drawn) == {"root", "nodes", "edges", "truncated"}
    kinds = {(node["kind"], node["id"]): node["status"] for node in drawn["nodes"]}
    assert kinds == {
        ("generation", "g-1"): "completed",
        ("generation", "g-2"): "completed",
        ("generation", "g-3"): "failed",
        ("step", "p"): "completed",
        ("step", "q"): "failed",
    }
    edges = [
        {"from": "g-1", "to": "g-2"},
        {"from": "g-2", "to": "g-3"},
        {"from": "p", "to": "g-1", "from_kind": "step"},
        {"from": "q", "to": "g-2", "from_kind": "step"},
        {"from": "g-1", "to": "q", "to_kind": "step"},
    ]
    assert sorted(drawn["edges"], key=str) == sorted(edges, key=str)
    mermaid = tenant.request("GET", "/api/v1/generations/g-2/lineage?format=mermaid")
    assert mermaid.status == 200


def test_a_step_that_failed_flags_nobody(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.failed("g-1"), items.small("g-2"))
    accept(
        tenant,
        step("p", linked_generation_ids=["g-1"], error="bad"),
        step("q", linked_generation_ids=["g-2"], parent_step_ids=["p"]),
    )
    service.work()
    assert tenant.record("g-2")["flagged"] is False


def test_a_member_may_not_empty_a_step(tenant: Tenant) -> None:
    accept(tenant, step(input_state={"a": 1}))
    assert tenant.request("DELETE", "/api/v1/workflow-steps/s-1/content").status == 403
    assert read(tenant, "s-1").body["input_state"] == {"a": 1}
