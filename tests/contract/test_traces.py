"""The `Traces` port: one record per trace, the first one stands, traces are listed newest first."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.adapters.dynamodb.traces import DynamoTraces
from chalicelib.domain.errors import Unavailable
from chalicelib.services.ports import Position, Trace, Traces
from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, NOON, at

OWNER, OTHER = "K1", "K2"
RACERS = 8


@pytest.fixture
def traces(ground: Ground) -> Traces:
    return ground.ports.traces


def another_process(ground: Ground) -> Traces:
    """The port as a process has it that knows nothing yet."""
    return DynamoTraces(ground.table) if isinstance(ground, AwsGround) else ground.ports.traces


def trace(trace_id: str = "t", created_at: str = NOON, agent_name: str | None = "a") -> Trace:
    return Trace(trace_id, created_at, agent_name, "default")


def test_a_trace_is_read_back_and_listed(traces: Traces, tenant: str) -> None:
    both = [trace("s", at(1)), replace(trace("t", at(2), None), project_id="p")]
    assert traces.some(tenant, ["s", "t"]) == {}
    traces.register(tenant, OWNER, both)
    assert traces.some(tenant, ["s", "t", "u"]) == {"s": both[0], "t": both[1]}
    assert traces.newest(tenant, None, 10) == [(at(2), "t"), (at(1), "s")]
    assert traces.some(f"{tenant}!", ["s"]) == {}
    assert traces.newest(f"{tenant}!", None, 10) == []


def test_the_first_record_stands_whoever_comes_later(ground: Ground, traces: Traces, tenant: str) -> None:
    traces.register(tenant, OWNER, [])
    traces.register(tenant, OWNER, [trace()])
    for later in (traces, another_process(ground)):
        for owner in (OWNER, OTHER):
            later.register(tenant, owner, [trace(created_at=at(9), agent_name="b"), trace("new", at(3))])
    assert traces.some(tenant, ["t"]) == {"t": trace()}
    assert sorted(traces.newest(tenant, None, 10)) == sorted([(at(3), "new"), (NOON, "t")])


@pytest.mark.parametrize("owners", [[OWNER], [OWNER, OTHER]])
def test_of_racing_messages_one_stands_and_is_listed_once(ground: Ground, tenant: str, owners: list[str]) -> None:
    racers = [(another_process(ground), owners[n % len(owners)], trace(created_at=at(n))) for n in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda racer: racer[0].register(tenant, racer[1], [racer[2]]), racers))
    [standing] = ground.ports.traces.some(tenant, ["t"]).values()
    assert ground.ports.traces.newest(tenant, None, 10) == [(standing.created_at, "t")]


@pytest.mark.parametrize("limit", [1, 4, 200])
def test_traces_are_listed_newest_first_whatever_their_ids(traces: Traces, tenant: str, limit: int) -> None:
    everything = [trace(name, at(number // 3)) for number, name in enumerate(AWKWARD_IDS)]
    traces.register(tenant, OWNER, everything)
    listed: list[Position] = []
    while page := traces.newest(tenant, listed[-1] if listed else None, limit):
        assert len(page) <= limit
        listed += page
    assert listed == sorted(((each.created_at, each.trace_id) for each in everything), reverse=True)
    assert traces.some(tenant, AWKWARD_IDS) == {each.trace_id: each for each in everything}
    assert traces.some(tenant, []) == {}


def test_traces_are_in_no_list_of_generations(ground: Ground, traces: Traces, tenant: str) -> None:
    traces.register(tenant, OWNER, [trace()])
    assert ground.ports.index.oldest(tenant, ("trace", "t")) is None


class Counted(Table):
    """A table that counts requests, and can die before it writes a batch."""

    def __init__(self, ground: AwsGround) -> None:
        super().__init__(ground.clients.dynamodb, ground.table.name, sleep=lambda _: None)
        self.calls: list[str] = []
        self.dies = False
        self.blind = False

    def get_all(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append("read")
        consistent = kwargs.get("consistent", True)
        return {} if self.blind and not consistent else super().get_all(*args, **kwargs)

    def put_new(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append("put")
        return super().put_new(*args, **kwargs)

    def put_all(self, records: Any) -> None:
        if self.dies:
            raise Unavailable("dead")
        rows = list(records)
        self.calls += ["list"] * len(rows)
        super().put_all(rows)


@pytest.fixture
def counted(ground: Ground) -> Counted:
    if not isinstance(ground, AwsGround):
        pytest.skip("the fake neither asks nor dies")
    return Counted(ground)


def test_a_known_trace_asks_nothing_and_a_new_one_little(counted: Counted, tenant: str) -> None:
    traces = DynamoTraces(counted)
    traces.register(tenant, OWNER, [trace("s"), trace("t")])
    assert counted.calls == ["read", "put", "put", "list", "list"]
    counted.calls.clear()
    traces.register(tenant, OTHER, [trace("s"), trace("t")])
    assert counted.calls == []
    DynamoTraces(counted).register(tenant, OTHER, [trace("s"), trace("t")])
    assert counted.calls == ["read"]


@pytest.mark.parametrize("blind", [False, True])
def test_what_a_dead_worker_has_not_listed_its_message_lists(counted: Counted, tenant: str, *, blind: bool) -> None:
    """Whether or not the record is seen by the first read, which may lag behind; and nobody else's message does."""
    counted.dies = True
    dying = DynamoTraces(counted)
    with pytest.raises(Unavailable):
        dying.register(tenant, OWNER, [trace()])
    counted.dies, counted.blind = False, blind
    DynamoTraces(counted).register(tenant, OTHER, [trace(created_at=at(1))])
    assert counted.query(keys.list_partition(tenant, "traces", "", keys.shard_of("t", 8)), "0", "~", limit=9) == []
    dying.register(tenant, OWNER, [trace(created_at=at(2))])
    assert dying.newest(tenant, None, 10) == [(NOON, "t")]
