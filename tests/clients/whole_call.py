"""One call of which the SDK is told everything that it can be told."""

from datetime import timedelta
from typing import Any

from sigil_sdk import GenerationStart
from sigil_sdk import models as sdk

from tests.clients.sdk_calls import CAPTURE_MODE, SEARCH, STARTED, TOOL_CALL, WEATHER, start

RESULT = sdk.ToolResult("call_1", "weather", "", b'{"t": 21.0}', is_error=True)


def whole_call(agent: str) -> GenerationStart:
    """Its beginning."""
    return start(
        agent,
        conversation_id=f"conv {agent}",
        conversation_title="The weather",
        user_id="ada@example.org",
        agent_version="7.1",
        system_prompt="Answer <briefly>.",
        max_tokens=100,
        temperature=0.5,
        top_p=0.0,
        tool_choice="auto",
        thinking_enabled=True,
        tools=[WEATHER, SEARCH],
        tags={"env": "prod", "team": "blue"},
        metadata={"depth": {"n": [1, 2.5, None, True]}},
        parent_generation_ids=["parent-1", "parent-2"],
    )


def whole_result() -> sdk.Generation:
    """Its end."""
    thought = sdk.thinking_part("Short.")
    thought.metadata = sdk.PartMetadata("thinking")
    return sdk.Generation(
        input=[
            sdk.user_text_message("Weather in Zürich?"),
            sdk.Message(sdk.MessageRole.TOOL, [sdk.tool_result_part(RESULT)], name="weather"),
        ],
        output=[
            sdk.Message(sdk.MessageRole.ASSISTANT, [thought, sdk.text_part("Sunny."), sdk.tool_call_part(TOOL_CALL)])
        ],
        usage=sdk.TokenUsage(1000, 400, 0, 60, 40, 7),
        stop_reason="end_turn",
        response_id="msg_1",
        response_model="claude-3-5-sonnet-20241022",
        completed_at=STARTED + timedelta(seconds=2),
        artifacts=[sdk.Artifact(sdk.ArtifactKind.REQUEST, "body", "application/json", b'{"stream":false}')],
    )


WHOLE: dict[str, Any] = {
    "source": "sigil",
    "status": "completed",
    "mode": "SYNC",
    "operation_name": "generateText",
    "agent_version": "7.1",
    "model": {"provider": "anthropic", "name": "claude-3-5-sonnet-20241022"},
    "response_id": "msg_1",
    "response_model": "claude-3-5-sonnet-20241022",
    "system_prompt": "Answer <briefly>.",
    "max_tokens": 100,
    "temperature": 0.5,
    "top_p": 0,
    "tool_choice": "auto",
    "thinking_enabled": True,
    "stop_reason": "end_turn",
    "error": None,
    "started_at": "2026-03-01T10:00:00.000000Z",
    "completed_at": "2026-03-01T10:00:02.000000Z",
    "latency_ms": 2000,
    "tags": {"env": "prod", "team": "blue"},
    "depends_on": ["parent-1", "parent-2"],
    "prompt": "Weather in Zürich?",
    "completion": "Sunny.",
    "token_count": 1400,
    "metadata": {
        "depth": {"n": [1, 2.5, None, True]},
        "sigil.sdk.name": "sdk-python",
        CAPTURE_MODE: "full",
        "sigil.conversation.title": "The weather",
        "sigil.user.id": "ada@example.org",
    },
}
WHOLE_USAGE = {
    "input_tokens": 1000,
    "output_tokens": 400,
    "total_tokens": 1400,
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 40,
    "reasoning_tokens": 7,
}
