"""Any valid generation or step is the same record over gRPC as over HTTP; a retry over the other one is accepted."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from hypothesis import example, given, settings

from chalicelib.rpc.schema import message
from tests.integration.api.service import Service, Tenant, running
from tests.integration.rpc.client import STEPS, Client, Outcome, served
from tests.properties.grpc_messages import valid

pytestmark = pytest.mark.moto

OWN = {"tenant_id", "created_at", "updated_at", "last_activity_at"}
"""What says who sent a record, and when."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true") as started:
        yield started


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    assert service
    with served() as client:
        yield client


def seldom_drawn() -> Message:
    """Each value that the two fronts write most differently."""
    bytes_of_no_text = (
        {"tool_call": {"input_json": b"\xff"}},
        {"tool_result": {"content_json": b"\xfe", "is_error": False}},
    )
    return message("Generation")(
        id="g",
        model={"provider": "p", "name": "n"},
        temperature=float("nan"),
        top_p=float("-inf"),
        max_tokens=0,
        thinking_enabled=False,
        tool_choice="",
        usage={"input_tokens": 0, "output_tokens": 2**63 - 1, "input_semantics": 1},
        input=[{"role": 77, "parts": [*bytes_of_no_text, {"text": ""}, {"media": {}}]}],
        tools=[{"input_schema_json": b"\xff"}, {}],
        raw_artifacts=[{"kind": 9, "payload": b"\x00\xff"}],
        metadata={"whole": 1.0, "large": 1e300, "none": None, "deep": [{"n": -0.0}]},
        started_at={"seconds": -62135596800, "nanos": 999_999_999},
        parent_generation_ids=["g", "a", "a", ""],
    )


def over_http(tenant: Tenant, generation: Message) -> None:
    """As the SDKs write it over HTTP: an item that they made needs no conversation."""
    item = MessageToDict(generation, preserving_proto_field_name=True)
    [result] = tenant.export(json.loads(json.dumps(item)))
    assert result == {"generation_id": item["id"], "accepted": True, "error": ""}


def over_grpc(client: Client, tenant: Tenant, generation: Message) -> None:
    outcome: Outcome = client.export(generation, tenant=tenant.name)
    assert outcome.errors == [""]


def record(tenant: Tenant, generation: Any) -> dict[str, Any]:
    found = tenant.record(generation.id)
    # A generation that failed has an end: that of its receipt, where it has none of its own.
    own = OWN if generation.HasField("completed_at") else OWN | {"completed_at", "latency_ms"}
    return {key: value for key, value in found.items() if key not in own}


@settings(max_examples=80)
@example(generation=seldom_drawn())
@given(generation=valid("Generation"))
def test_a_generation_is_the_same_record_over_either_front(service: Service, client: Client, generation: Any) -> None:
    service.forget_everything()
    generation.metadata["x.sdk.name"] = "python"
    first, second = service.tenant(), service.tenant()
    over_http(first, generation)
    over_grpc(client, second, generation)
    assert record(first, generation) == record(second, generation)
    over_grpc(client, first, generation)
    over_http(second, generation)
    service.work()
    assert record(first, generation) == record(second, generation)


@settings(max_examples=40)
@given(step=valid("WorkflowStep"))
def test_a_step_is_the_same_record_over_either_front(service: Service, client: Client, step: Any) -> None:
    service.forget_everything()
    first, second = service.tenant(), service.tenant()
    item = MessageToDict(step, preserving_proto_field_name=True)
    request = message("ExportWorkflowStepsRequest")(workflow_steps=[step]).SerializeToString()
    accepted = [{"step_id": step.id, "accepted": True, "error": ""}]

    def over_http(tenant: Tenant) -> None:
        answer = tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": [item]})
        assert (answer.status, answer.body) == (202, {"results": accepted})

    def over_grpc(tenant: Tenant) -> None:
        assert client.send(request, {"x-scope-orgid": tenant.name}, method=STEPS).results == accepted

    over_http(first)
    over_grpc(second)
    assert stored_step(first, step) == stored_step(second, step)
    over_grpc(first)
    over_http(second)


def stored_step(tenant: Tenant, step: Any) -> dict[str, Any]:
    answer = tenant.get(f"/api/v1/workflow-steps/{quote(step.id, safe='')}")
    assert answer.status == 200, answer.body
    return {key: value for key, value in answer.body.items() if key not in OWN}
