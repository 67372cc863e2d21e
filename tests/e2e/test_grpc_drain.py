"""The gRPC server is stopped under load: what it has acknowledged is there, and what it has not is taken on a retry."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from chalicelib.rpc.schema import message
from tests.e2e.generations import listed
from tests.e2e.stack import Stack
from tests.integration.rpc.client import GENERATIONS, results_of, small

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

CLIENTS, CALLS, ITEMS = 4, 60, 5
BEFORE_THE_END = 20  # calls that are acknowledged before the server is told to end
SECONDS = 60


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    started = Stack(tmp_path / "data")
    yield started
    started.stop()


class Load:
    """Clients that export until they have made all their calls, each again until it is answered."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.acknowledged: list[str] = []
        self.refused: set[grpc.StatusCode] = set()
        self.under_way = threading.Event()

    def run(self, client: int) -> None:
        """One client."""
        channel: Any = grpc.insecure_channel(self._address)  # its stubs know less than it takes
        with channel:
            export = channel.unary_unary(f"/agento11y.v1.{GENERATIONS}")
            for number in range(CALLS):
                self._call(export, [f"g-{client}-{number}-{item}" for item in range(ITEMS)])

    def _call(self, export: Any, ids: list[str]) -> None:
        request = message("ExportGenerationsRequest")(generations=[small(each) for each in ids]).SerializeToString()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                answer = export(request, metadata=(("x-scope-orgid", "acme"),), timeout=10)
            except grpc.RpcError as error:
                failed: Any = error  # a call, too
                self.refused.add(failed.code())
                time.sleep(0.05)
                continue
            assert all(result["accepted"] for result in results_of(GENERATIONS, answer))
            self.acknowledged += ids
            if len(self.acknowledged) >= BEFORE_THE_END * ITEMS:
                self.under_way.set()
            return
        raise AssertionError("a call was never answered")


def test_a_drain_under_load_loses_nothing_that_was_acknowledged(stack: Stack) -> None:
    load = Load(stack.grpc)
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(load.run, client) for client in range(CLIENTS)]
        assert load.under_way.wait(SECONDS)
        acknowledged = set(load.acknowledged)
        os.kill(stack.pids()["grpc"], signal.SIGTERM)
        for client in clients:
            client.result(SECONDS)
    assert load.refused <= {grpc.StatusCode.UNAVAILABLE}
    assert load.refused, "the end came when nobody was calling"
    assert "The grpc ended unexpectedly (exit code 0)" in stack.errors()
    deadline = time.monotonic() + SECONDS
    while set(listed(stack.url)) != set(load.acknowledged) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert acknowledged < set(load.acknowledged) == set(listed(stack.url))
    assert len(load.acknowledged) == CLIENTS * CALLS * ITEMS
