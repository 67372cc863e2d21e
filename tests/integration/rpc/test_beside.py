"""The standard services: what balancers and tools ask, without a caller's name."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.integration.api.keyed import REQUIRED
from tests.integration.api.service import running
from tests.integration.rpc.client import Client, served

pytestmark = pytest.mark.moto


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with running(None, **REQUIRED), served() as client:
        yield client


def test_the_server_is_healthy(client: Client) -> None:
    health: Any = health_pb2_grpc.HealthStub(client.channel)
    assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING


def test_each_service_is_healthy_by_its_name(client: Client) -> None:
    health: Any = health_pb2_grpc.HealthStub(client.channel)
    for listed in ask(client, list_services="").list_services_response.service:
        answer = health.Check(health_pb2.HealthCheckRequest(service=listed.name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as refused:
        health.Check(health_pb2.HealthCheckRequest(service="sigil.v1.Nobody"))
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


def test_health_is_asked_for_and_not_watched(client: Client) -> None:
    health: Any = health_pb2_grpc.HealthStub(client.channel)
    with pytest.raises(grpc.RpcError) as refused:
        next(health.Watch(health_pb2.HealthCheckRequest()))
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


def ask(client: Client, **question: str) -> Any:
    reflection: Any = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    [answer] = reflection.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**question)]))
    return answer


def test_reflection_lists_what_is_served(client: Client) -> None:
    listed = [service.name for service in ask(client, list_services="").list_services_response.service]
    assert listed == [
        "agento11y.v1.GenerationIngestService",
        "agento11y.v1.WorkflowStepIngestService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        "sigil.v1.GenerationIngestService",
        "sigil.v1.WorkflowStepIngestService",
    ]


@pytest.mark.parametrize(
    ("symbol", "package"),
    [
        ("sigil.v1.GenerationIngestService", "sigil.v1"),
        ("agento11y.v1.Generation", "agento11y.v1"),
        ("grpc.health.v1.Health", "grpc.health.v1"),
    ],
)
def test_reflection_shows_each_of_them(client: Client, symbol: str, package: str) -> None:
    answer = ask(client, file_containing_symbol=symbol).file_descriptor_response
    files = [FileDescriptorProto.FromString(each) for each in answer.file_descriptor_proto]
    assert package in {file.package for file in files}


def test_only_a_few_may_reflect_at_a_time(client: Client) -> None:
    reflection: Any = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    question = reflection_pb2.ServerReflectionRequest(list_services="")

    def endless() -> Iterator[Any]:
        while True:
            yield question

    streams = [reflection.ServerReflectionInfo(endless(), timeout=20) for _ in range(2)]
    for stream in streams:
        next(stream)
    with pytest.raises(grpc.RpcError) as refused:
        list(reflection.ServerReflectionInfo(iter([question])))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    for stream in streams:
        stream.cancel()
