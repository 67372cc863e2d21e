"""Sends prepared exports over gRPC, one connection per client."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import grpc
from google.protobuf.json_format import ParseDict

from benchmarks.load import TIMEOUT_SECONDS, Batch, in_parallel
from benchmarks.workload import Wire
from chalicelib.rpc.schema import message

METHOD = "/sigil.v1.GenerationIngestService/ExportGenerations"
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


def request(generations: Sequence[Wire]) -> bytes:
    """The message of an export."""
    made = message("ExportGenerationsRequest")()
    ParseDict({"generations": [_spelled(each) for each in generations]}, made)
    return made.SerializeToString()


def send_all(address: str, batches: Sequence[Batch], connections: int) -> list[float]:
    """Seconds that each call took. Raises RuntimeError when anything is not accepted."""
    return in_parallel(lambda shared: _send(address, shared), batches, connections)


def _spelled(generation: Wire) -> Wire:
    """The protocol knows what a generation depends on by another name than the document."""
    return {"parent_generation_ids" if name == "depends_on" else name: value for name, value in generation.items()}


def _send(address: str, batches: Iterable[Batch]) -> list[float]:
    channel: Any = grpc.insecure_channel(address, options=OWN_CONNECTION)  # its stubs know less than it takes
    answers: Any = message("ExportGenerationsResponse")
    taken: list[float] = []
    with channel:
        export = channel.unary_unary(METHOD, response_deserializer=answers.FromString)
        for batch in batches:
            begin = time.perf_counter()
            answer = export(batch.body, timeout=TIMEOUT_SECONDS)
            taken.append(time.perf_counter() - begin)
            if [result.accepted for result in answer.results] != [True] * len(batch.ids):
                raise RuntimeError(str(answer)[:300])
    return taken
