"""The events in tests/data/voker, as Voker's package posted them."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[3] / "data" / "voker"
TAGS = (
    "openai-chat-completions",
    "openai-responses",
    "anthropic-messages",
    "anthropic-beta-messages",
    "gemini-models",
    "gemini-interactions",
)


def names() -> list[str]:
    """Directory and number of every event."""
    found = sorted(EVENTS.glob("*/*-POST-api-v1-events.json"))
    return [f"{path.parent.name}/{path.name.partition('-')[0]}" for path in found]


def properties(name: str) -> dict[str, Any]:
    """What an event says of the call."""
    event = json.loads((EVENTS / f"{name}-POST-api-v1-events.json").read_text(encoding="utf-8"))
    said: dict[str, Any] = event["body"]["properties"]
    return said
