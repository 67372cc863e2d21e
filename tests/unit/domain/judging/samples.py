"""A generation's resource as the API shows it, and evaluators."""

from typing import Any

from chalicelib.domain.evaluator import Evaluator
from chalicelib.domain.generation import Generation, Message, ModelRef, Part, Usage
from chalicelib.domain.judging.configs import Identity, read_evaluator
from chalicelib.domain.resource import Findings, Receipt, payload_of, summarise

AT = "2026-01-02T03:04:05.000006Z"
IDENTITY = Identity("judge", 3, AT, "s" * 40)
HOSTS = frozenset({"hooks.example", "127.0.0.1"})


def resource(**fields: Any) -> dict[str, Any]:
    """A full resource of a generation that is, but for these fields, always the same."""
    whole: dict[str, Any] = {
        "id": "gen_1",
        "source": "sigil",
        "agent_name": "planner",
        "model": ModelRef(provider="openai", name="gpt-5"),
        "conversation_id": "conv",
        "output": (Message(role="assistant", parts=(Part(text="Hello, world"),)),),
        "input": (Message(role="user", parts=(Part(text="Hi"),)),),
        "usage": Usage(input_tokens=10, output_tokens=20),
        "latency_ms": 250,
        "stop_reason": "stop",
        "tags": {"env": "prod", "team.name": "a"},
        "metadata": {"score": 0.5, "a.b": [1, 2]},
    }
    generation = Generation(**{**whole, **fields})
    receipt, findings = Receipt("acme", AT), Findings(cost_usd=0.002, processed_at=AT, state="processed")
    return {**summarise(generation, receipt, findings), **payload_of(generation)}


def evaluator(kind: str, config: dict[str, Any], **fields: Any) -> Evaluator:
    """One that a client has configured."""
    return read_evaluator({"kind": kind, "config": config, **fields}, IDENTITY, HOSTS)
