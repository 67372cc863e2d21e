"""Run in an SDK's own environment: tells it everything that it can be told, and leaves the sending to its defaults.

`python grpc_calls.py PACKAGE AGENT` writes one JSON object: the ids of the generations and steps, and what the SDK
complained of. Endpoint and tenant are in the environment.
"""

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

PACKAGE, AGENT = sys.argv[1:3]
MANY = 120  # more than the SDK puts into one request
STARTED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)

sdk = import_module(PACKAGE)
models = import_module(f"{PACKAGE}.models")


class Keep(logging.Handler):
    """Keeps what the SDK complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """An SDK never raises for what it could not send; a warning is all that is seen of it."""
        self.kept.append(self.format(record))


def start(**fields: Any) -> Any:
    """The beginning of a call."""
    model = models.ModelRef("anthropic", "claude-3-5-sonnet-20241022")
    return sdk.GenerationStart(model=model, agent_name=AGENT, started_at=STARTED, **fields)


def whole_start() -> Any:
    """One with every field."""
    return start(
        conversation_id=f"conv {AGENT}",
        conversation_title="The weather",
        user_id="ada@example.org",
        agent_version="7.1",
        system_prompt="Answer <briefly>.",
        max_tokens=100,
        temperature=0.5,
        top_p=0.0,
        tool_choice="auto",
        thinking_enabled=True,
        tools=[
            models.ToolDefinition("weather", "d <&>", "function", b'{ "city": {"type": "string"} }', deferred=True),
            models.ToolDefinition("search", "", "function", b"\xff not text"),
        ],
        tags={"env": "prod", "team": "blue"},
        metadata={"depth": {"n": [1, 2.5, None, True]}},
        parent_generation_ids=["parent-1", "parent-2"],
    )


def whole_end() -> Any:
    """The end of it."""
    thought = models.thinking_part("Short.")
    thought.metadata = models.PartMetadata("thinking")
    call = models.tool_call_part(models.ToolCall("weather", "call_2", '{"city": "Zürich"}'.encode()))
    result = models.ToolResult("call_1", "weather", "", b'{"t": 21.0}', is_error=True)
    return models.Generation(
        input=[
            models.user_text_message("Weather in Zürich?"),
            models.Message(models.MessageRole.TOOL, [models.tool_result_part(result)], name="weather"),
        ],
        output=[models.Message(models.MessageRole.ASSISTANT, [thought, models.text_part("Sunny."), call])],
        usage=models.TokenUsage(1000, 400, 0, 60, 40, 7),
        stop_reason="end_turn",
        response_id="msg_1",
        response_model="claude-3-5-sonnet-20241022",
        completed_at=STARTED + timedelta(seconds=2),
        artifacts=[models.Artifact(models.ArtifactKind.REQUEST, "body", "application/json", b'{"stream":false}')],
    )


def record(client: Any, seed: Any, end: Any) -> str:
    """Tell the SDK of one call; gives its id."""
    with client.start_generation(seed) as recorder:
        recorder.set_result(end)
    if recorder.err() is not None:
        raise RuntimeError(str(recorder.err()))
    return str(recorder.last_generation.id)


def step(client: Any, generation_id: str) -> str:
    """Tell it of a step with every field."""
    made = models.WorkflowStep(
        id=f"step-{AGENT}",
        conversation_id=f"conv {AGENT}",
        step_name="plan",
        framework="langgraph",
        agent_name=AGENT,
        agent_version="7.1",
        started_at=STARTED,
        completed_at=STARTED + timedelta(seconds=3),
        input_state={"question": "Zürich?", "n": 1},
        output_state={"plan": ["a", 2.5]},
        error="none",
        tags={"env": "prod"},
        metadata={"depth": 1},
        linked_generation_ids=[generation_id],
        parent_step_ids=["step-0"],
        trace_id="0af7651916cd43dd8448eb211c80319c",
        span_id="b7ad6b7169203331",
    )
    client.enqueue_workflow_step(made)
    return str(made.id)


def main() -> None:
    """Record, let the SDK send at its own pace, and end as an application does."""
    complaints = Keep()
    logging.getLogger().addHandler(complaints)
    client = sdk.Client()
    whole = record(client, whole_start(), whole_end())
    many = [record(client, start(id=f"{AGENT}-{number}"), models.Generation()) for number in range(MANY)]
    told = {"whole": whole, "many": many, "step": step(client, whole)}
    client.shutdown()
    sys.stdout.write(json.dumps({**told, "wrong": complaints.kept}))


if __name__ == "__main__":
    main()
