"""What an export over gRPC is answered: results like those of HTTP, and statuses for what concerns the whole call."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from chalicelib.rpc.schema import PACKAGES, message
from tests.integration.api.faults import INTERNALS, failing
from tests.integration.api.service import Service, Tenant, running
from tests.integration.rpc.client import STEPS, Client, served, small

pytestmark = pytest.mark.moto

OK = grpc.StatusCode.OK
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true") as started:
        yield started


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    assert service
    with served() as client:
        yield client


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_generation_is_stored_under_either_package(client: Client, tenant: Tenant, package: str) -> None:
    request = message("ExportGenerationsRequest", package)(generations=[{"id": "g", "model": model()}])
    answer = client.send(request.SerializeToString(), {"x-scope-orgid": tenant.name}, package=package)
    assert (answer.code, answer.results) == (OK, [{"generation_id": "g", "accepted": True, "error": ""}])
    assert tenant.record("g")["model"] == model()


def model() -> dict[str, str]:
    return {"provider": "openai", "name": "gpt-4o-mini"}


def test_each_item_is_answered_for_itself_in_the_words_of_http(client: Client, tenant: Tenant) -> None:
    refused: list[tuple[str, dict[str, Any]]] = [
        ("generation.id is required", {"id": " "}),
        ("generation.model is required", {"model": None}),
        ("generation.model.name is required", {"model": {"provider": "openai"}}),
        ("generation.mode is invalid", {"mode": 9}),
        ("generation.effective_version: must match ^sha256:[0-9a-f]{64}$", {"effective_version": "1.2"}),
        ("generation.metadata: contains a number out of range", {"metadata": {"n": float("nan")}}),
        ("generation.started_at: must be a time in the years 0001 to 9999", {"started_at": {"seconds": 2**60}}),
        ("generation.completed_at: must be a time in the years 0001 to 9999", {"completed_at": {"nanos": -1}}),
    ]
    bad = [message("Generation")(**{"id": "bad", "model": model(), **fields}) for _, fields in refused]
    answer = client.export(*bad, small("good"), tenant=tenant.name)
    assert answer.errors == [*(text for text, _ in refused), ""]
    assert tenant.record("good")["conversation_id"] is None
    assert tenant.read("bad").status == 404


def test_an_item_of_very_many_empty_parts_costs_only_itself(client: Client, tenant: Tenant) -> None:
    parts = message("Generation")(id="bad", model=model(), input=[{"parts": [{}] * 10_000}])
    fields = message("Generation")(id="bad", model=model(), input=[{"parts": [{}] * (MIB // 2)}])
    answer = client.export(parts, fields, small("good"), tenant=tenant.name)
    too_many = "generation: has more than 10,000 messages, parts, tools and artifacts"
    assert answer.errors == [too_many, "generation: has more than 100,000 fields", ""]
    assert tenant.record("good")["id"] == "good"


def test_items_that_have_too_many_fields_together_are_no_request(client: Client, tenant: Tenant) -> None:
    values = message("Generation")(id="bad", model=model())
    values.metadata["a"] = [None] * 45_000  # type: ignore[attr-defined]  # made at run time
    answer = client.export(*[values] * 6, small("good"), tenant=tenant.name)
    assert (answer.code, answer.details) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "a request may have at most 500,000 fields",
    )
    assert tenant.read("good").status == 404


def test_an_item_that_is_no_message_costs_only_itself(client: Client, tenant: Tenant) -> None:
    good = small("good").SerializeToString()
    broken, not_text = b"\x0a\x7f", b"\x0a\x02\xff\xfe"
    request = b"".join(b"\x0a" + bytes([len(item)]) + item for item in (broken, good, not_text))
    answer = client.send(request, {"x-scope-orgid": tenant.name})
    reason = "generation: is no valid protocol buffer, or is nested too deep"
    assert answer.errors == [reason, "", reason]


def test_a_request_that_is_no_message_is_refused(client: Client) -> None:
    answer = client.send(b"\xff\xff", {"x-scope-orgid": "acme"})
    assert (answer.code, answer.details) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "the request is no valid protocol buffer",
    )


def test_nothing_to_export_is_nothing_wrong(client: Client) -> None:
    answer = client.send(b"", {"x-scope-orgid": "acme"})
    assert (answer.code, answer.results) == (OK, [])


def test_fields_that_nobody_knows_are_kept_by_their_numbers(client: Client, tenant: Tenant) -> None:
    # 100: a text; 101: a number, twice; 102: bytes; 103: a group around a number.
    unknown = b"\xa2\x06\x02hi" + b"\xa8\x06\x07\xa8\x06\x08" + b"\xb2\x06\x01\xff" + b"\xbb\x06\x08\x05\xbc\x06"
    item = small("g").SerializeToString() + unknown
    answer = client.send(b"\x0a" + bytes([len(item)]) + item, {"x-scope-orgid": tenant.name})
    assert answer.errors == [""]
    assert tenant.record("g")["metadata"] == {
        "unrecognized": {"field_100": ["hi"], "field_101": [7, 8], "field_102": ["/w=="], "field_103": [{"1": 5}]}
    }


def test_over_a_thousand_items_are_too_many(client: Client, tenant: Tenant) -> None:
    answer = client.export(*(small(f"g-{number}") for number in range(1001)), tenant=tenant.name)
    assert (answer.code, answer.details) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "a request may have at most 1,000 generations",
    )
    assert tenant.read("g-0").status == 404


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_message_may_have_sixteen_mebibytes_inflated_or_not(
    client: Client, tenant: Tenant, compression: grpc.Compression | None
) -> None:
    def send(size: int) -> grpc.StatusCode:
        item = small("large", system_prompt="x" * (size - 100)).SerializeToString()
        request = message("ExportGenerationsRequest").FromString(b"")
        request.generations.add().ParseFromString(item)  # type: ignore[attr-defined]  # made at run time
        return client.send(request.SerializeToString(), {"x-scope-orgid": tenant.name}, compression=compression).code

    assert send(16 * MIB + 200) == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert tenant.read("large").status == 404
    assert send(16 * MIB) == OK
    assert tenant.read("large", fields="summary").status == 200


def test_an_id_is_taken_by_its_first_content(client: Client, tenant: Tenant) -> None:
    assert client.export(small("g"), small("g"), tenant=tenant.name).errors == ["", ""]
    assert client.export(small("g"), tenant=tenant.name).errors == [""]
    assert client.export(small("g", call_error="other"), tenant=tenant.name).errors == ["generation already exists"]


def test_storage_that_is_down_is_unavailable_and_says_when_to_come_again(client: Client, tenant: Tenant) -> None:
    with failing("dynamodb", "BatchWriteItem"):
        answer = client.export(small("g"), tenant=tenant.name)
    assert answer.code == grpc.StatusCode.UNAVAILABLE
    assert answer.trailers["grpc-retry-pushback-ms"] == "1000"
    assert INTERNALS not in answer.details
    assert client.export(small("g"), tenant=tenant.name).errors == [""]


def test_an_answer_bears_the_callers_correlation_id(client: Client) -> None:
    answer = client.export(small("c"), x_correlation_id="mine-1")
    assert answer.trailers["x-correlation-id"] == "mine-1"


@pytest.mark.parametrize(
    ("metadata", "details"),
    [
        ({}, "no org id"),
        ({"x-scope-orgid": "a/b"}, "X-Scope-OrgID contains an unsupported character"),
        ({"x-ingate-key": "sk-acme-" + "g" * 43}, "the API key is not valid"),
    ],
)
def test_nobody_is_unauthenticated(client: Client, metadata: dict[str, str], details: str) -> None:
    answer = client.send(b"", metadata)
    assert answer.code == grpc.StatusCode.UNAUTHENTICATED
    assert details.partition(" contains")[0] in answer.details


def test_two_tenants_at_once_are_none(client: Client) -> None:
    call = client.method()
    with pytest.raises(grpc.RpcError) as refused:
        call(b"", metadata=[("x-scope-orgid", "a"), ("x-scope-orgid", "b")])
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_steps_are_exported_as_generations_are(client: Client, tenant: Tenant) -> None:
    good = {"id": "s-1", "conversation_id": "c-1", "step_name": "plan", "linked_generation_ids": ["g-1"]}
    request = message("ExportWorkflowStepsRequest")(workflow_steps=[good, {"id": "s-2"}]).SerializeToString()
    for package in PACKAGES:
        answer = client.send(request, {"x-scope-orgid": tenant.name}, package=package, method=STEPS)
        assert answer.results == [
            {"step_id": "s-1", "accepted": True, "error": ""},
            {"step_id": "s-2", "accepted": False, "error": "workflow_step.conversation_id is required"},
        ]
    assert tenant.get("/api/v1/workflow-steps/s-1").body["linked_generation_ids"] == ["g-1"]
