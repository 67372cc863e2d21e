"""A small world in which agents run: clients, workers and schedules that may die at any call, and providers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.content import stored_json
from chalicelib.domain.errors import CatchmentError
from chalicelib.domain.generation import Generation, Message, Part, ToolResult
from chalicelib.domain.provider import Provider, ProviderReply
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.domain.run import DEFAULT_PATIENCE, Course, bare
from chalicelib.domain.run_config import RunConfig
from chalicelib.observability.tracing import NullTracer
from chalicelib.services.abandoning import Abandoning
from chalicelib.services.ingest import NOBODY, Ingest, IngestPorts
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import NewAgent, OutboxRow, Ports
from chalicelib.services.running.agents import Asked, Manner, Running, RunningPorts
from chalicelib.services.running.carrying import Carrying, CarryingPorts
from chalicelib.services.running.messages import RUN_QUEUE, decode
from chalicelib.services.running.standing import Standing
from chalicelib.services.runs import RunPorts, Runs, begun
from tests.contract.grounds import Ground
from tests.fakes.providers import FakeProviders
from tests.unit.services.watched import Dying, Hook, Killed, watched
from tests.unit.services.world import EVERYTHING, World, quiet

AGENT = "agent"
RUN = "run"
PROVIDER = Provider("main", "openai-chat", "https://provider.test/v1", "openai")
CONFIGURED: Mapping[str, Provider] = {"main": PROVIDER}
CONFIG = RunConfig(AGENT, "main", "gpt-4o-mini", "2026-05-01T12:00:00.000000Z", system_prompt="Be short.")


def asked(text: str = "Hi", depth: int | None = None, *, later: bool = False, own_id: str = RUN) -> Asked:
    """What a client asks."""
    said = (Message(role="user", parts=(Part(text=text),)),)
    return Asked(Generation(id=own_id, source="lifecycle", trace_id="trace", input=said), depth, Manner(later))


def reply(message: dict[str, Any], reason: str = "stop", status: int = 200) -> ProviderReply:
    """A chat completion."""
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", **message}}
    body = {"id": "r", "object": "chat.completion", "model": "gpt-4o-mini-1", "choices": [choice], "usage": usage}
    return ProviderReply(status, json.dumps(body))


def calling(*ids: str, arguments: str = '{"a":1}') -> ProviderReply:
    """A completion that wants tools to be called."""
    calls = [{"id": each, "type": "function", "function": {"name": "f", "arguments": arguments}} for each in ids]
    return reply({"content": None, "tool_calls": calls}, "tool_calls")


def results(*ids: str) -> list[ToolResult]:
    """What tools have answered."""
    return [ToolResult(tool_call_id=each, content=f"answer {each}") for each in ids]


class Watched(FakeProviders):
    """Providers that let something happen while they are asked."""

    def __init__(self, *answers: ProviderReply | Exception) -> None:
        super().__init__(*answers)
        self.meanwhile: Callable[[], object] = lambda: None

    def ask(self, provider: Provider, path: str, body: bytes, seconds: float) -> ProviderReply:
        self.meanwhile()
        return super().ask(provider, path, body, seconds)


class AgentWorld(World):
    """One agent that can run."""

    def __init__(
        self, *answers: ProviderReply | Exception, retries: bool = False, ground: Ground | None = None
    ) -> None:
        super().__init__(ground)
        self.providers = Watched(*answers)
        self.retries = retries
        self.configured = dict(CONFIGURED)
        self.ground.ports = replace(self.ground.ports, providers=self.providers, sleep=self.sleep)
        self.configure(CONFIG)
        made = [NewAgent(name, CONFIG.updated_at, None) for name in (AGENT, "bare")]
        self.ground.ports.catalog.enroll(self.tenant, made)

    def configure(self, config: RunConfig) -> None:
        self.ground.ports.run_configs.put(self.tenant, config)

    def sleep(self, seconds: float) -> None:
        self.clock.advance(int(seconds * 1000))

    def ports(self, hook: Hook | None) -> Ports:
        return watched(self.ground.ports, hook or Dying())

    def carrying(self, runs: Runs, ports: Ports) -> Carrying:
        used = CarryingPorts(ports.store, ports.courses, ports.providers, ports.clock, ports.sleep)
        return Carrying(runs, used, self.configured, retry_interrupted=self.retries)

    def running(self, hook: Hook | None = None) -> Running:
        return self.all_of(hook)[0]

    def runs(self, hook: Hook | None = None) -> Runs:
        ports = self.ports(hook)
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        redactor = Redactor(Rules())
        ingest = Ingest(IngestPorts(ports.store, ports.clock, ports.new_key), outgoing, redactor, quiet())
        return Runs(RunPorts(ports.store, ports.courses, ports.clock, ports.new_key), ingest, outgoing, redactor)

    def all_of(self, hook: Hook | None = None) -> tuple[Running, Carrying]:
        ports = self.ports(hook)
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        runs = self.runs(hook)
        carrying = self.carrying(runs, ports)
        narrowed = RunningPorts(ports.catalog, ports.run_configs, ports.clock, ports.new_key)
        return Running(runs, carrying, narrowed, outgoing, self.configured), carrying

    def generate(self, said: Asked | None = None, hook: Hook | None = None) -> Standing:
        return self.running(hook).generate(self.tenant, AGENT, said or asked(), NOBODY)

    def submit(self, *ids: str, later: bool = False, hook: Hook | None = None) -> Standing:
        return self.running(hook).submit(self.tenant, AGENT, RUN, results(*ids), Manner(later))

    def due(self) -> list[str]:
        """The bodies of the run queue's messages."""
        return [message.body for message in self.ground.take(RUN_QUEUE)]

    def carry_on(self, body: str, hook: Hook | None = None) -> bool:
        """Whether a worker has come to the end of a message."""
        try:
            self.running(hook).carry_on(decode(body))
        except (Killed, CatchmentError):
            return False
        return True

    def abandon(self, hook: Hook | None = None) -> int | None:
        """One run of the schedule."""
        ports = self.ports(hook)
        outgoing = Outgoing(ports.outbox, ports.queue, ports.clock, NullTracer())
        narrowed = RunPorts(ports.store, ports.courses, ports.clock, ports.new_key)
        patience = replace(DEFAULT_PATIENCE, retries=self.retries)
        try:
            return Abandoning(narrowed, outgoing, patience, quiet(), EVERYTHING)()
        except (Killed, CatchmentError):
            return None

    @property
    def is_there(self) -> bool:
        return RUN in self.ground.ports.store.heads(self.tenant, [RUN])

    @property
    def course(self) -> Course:
        ports = self.ground.ports
        return ports.courses.read(self.tenant, [RUN]).get(RUN) or begun(ports.store.heads(self.tenant, [RUN])[RUN])

    @property
    def calls(self) -> int:
        """How often the provider was asked."""
        return len(self.providers.asked)

    def promises(self) -> list[OutboxRow]:
        """What the outbox holds for the run queue."""
        return [row for row in self.ground.ports.outbox.due(10**15, EVERYTHING) if row.queue == RUN_QUEUE]


def purge(world: AgentWorld, standing: Standing) -> None:
    """As far as it has to come for nobody to read the content any more."""
    ports = world.ground.ports
    ports.purge.replace(world.tenant, standing.head, stored_json(bare(standing.opened)), standing.head.created_at)
