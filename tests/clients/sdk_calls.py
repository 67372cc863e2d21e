"""What the tests tell the SDK, and the record that comes of it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sigil_sdk import GenerationStart
from sigil_sdk import models as sdk

from tests.e2e.generations import wait_until_processed

SECONDS = 10
STARTED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
WEATHER = sdk.ToolDefinition("weather", "d <&>", "function", b'{ "city": {"type": "string"} }', deferred=True)
SEARCH = sdk.ToolDefinition("search", "", "function", b"\xff not text")
TOOL_CALL = sdk.ToolCall("weather", "call_2", '{"city": "Zürich"}'.encode())
CAPTURE_MODE = "sigil.sdk.content_capture_mode"


def start(agent: str, **fields: Any) -> GenerationStart:
    """The beginning of a call."""
    model = sdk.ModelRef("anthropic", "claude-3-5-sonnet-20241022")
    return GenerationStart(model=model, agent_name=agent, started_at=STARTED, **fields)


def processed(base: str, recorder: Any) -> dict[str, Any]:
    """The record of what a recorder has sent, once the worker is through with it."""
    assert recorder.err() is None
    sent = recorder.last_generation
    assert sent is not None
    return wait_until_processed(base, quote(sent.id, safe=""), SECONDS)
