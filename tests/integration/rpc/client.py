"""A gRPC client of the product that runs in this process, without an SDK in between."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from chalicelib import bootstrap
from chalicelib.rpc.schema import message
from chalicelib.rpc.server import Server

GENERATIONS = "GenerationIngestService/ExportGenerations"
STEPS = "WorkflowStepIngestService/ExportWorkflowSteps"
SECONDS = 20.0


@dataclass(frozen=True)
class Outcome:
    """What one call came to. `results` are those of a call that was answered."""

    code: grpc.StatusCode
    results: list[dict[str, Any]] = field(default_factory=list)
    details: str = ""
    trailers: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[str]:
        """The error of each item; empty where it was accepted."""
        assert all(bool(result["error"]) != result["accepted"] for result in self.results)
        return [result["error"] for result in self.results]


class Client:
    """Calls the methods with any bytes. The stubs of `grpc` know less than it takes, hence a channel of no type."""

    def __init__(self, port: int) -> None:
        self.channel: Any = grpc.insecure_channel(f"127.0.0.1:{port}")

    def export(self, *generations: Message, tenant: str = "acme", **metadata: str) -> Outcome:
        """An export of generations by a tenant."""
        request = message("ExportGenerationsRequest")(generations=generations)
        return self.send(request.SerializeToString(), {"x-scope-orgid": tenant, **metadata})

    def send(
        self,
        request: bytes,
        metadata: Mapping[str, str],
        *,
        package: str = "sigil.v1",
        method: str = GENERATIONS,
        seconds: float = SECONDS,
        compression: grpc.Compression | None = None,
    ) -> Outcome:
        """A call with these bytes as its message."""
        call = self.method(package, method)
        given = [(name.replace("_", "-"), value) for name, value in metadata.items()]
        try:
            answer, ended = call.with_call(request, metadata=given, timeout=seconds, compression=compression)
        except grpc.RpcError as error:
            failed: Any = error  # a call, too
            return Outcome(failed.code(), details=failed.details(), trailers=dict(failed.trailing_metadata()))
        trailers = dict(ended.trailing_metadata())
        return Outcome(grpc.StatusCode.OK, results_of(method, answer), trailers=trailers)

    def method(self, package: str = "sigil.v1", method: str = GENERATIONS) -> Any:
        """A method whose message and answer are bytes."""
        return self.channel.unary_unary(f"/{package}.{method}")


def results_of(method: str, answer: bytes) -> list[dict[str, Any]]:
    """The results of an answer, each with all its fields."""
    read: Any = message(f"{method.rpartition('/')[2]}Response").FromString(answer)
    return [{one.name: getattr(each, one.name) for one in each.DESCRIPTOR.fields} for each in read.results]


def small(generation_id: str, **fields: Any) -> Message:
    """A generation with what it needs."""
    model = {"provider": "openai", "name": "gpt-4o-mini"}
    return message("Generation")(id=generation_id, **{"model": model, **fields})


def exported(count: int) -> bytes:
    """An export of so many small generations."""
    given = [small(f"g-{number}") for number in range(count)]
    return message("ExportGenerationsRequest")(generations=given).SerializeToString()


@contextmanager
def served(at_once: int = 8) -> Iterator[Client]:
    """A client of this process's container, behind a server on a free port."""
    server = Server(bootstrap.container(), at_once)
    client = Client(server.start("127.0.0.1:0"))
    try:
        yield client
    finally:
        client.channel.close()
        assert server.drain(10)
