"""What is to be read in each event in tests/data/voker."""

import pytest

from chalicelib.domain.extraction import Reading, read_exchange
from chalicelib.domain.generation import Exchange, Generation, Usage
from tests.unit.domain.extraction.voker_events import names, properties

CHAT_USAGE = Usage(
    input_tokens=10,
    output_tokens=5,
    total_tokens=15,
    cache_read_input_tokens=4,
    reasoning_tokens=2,
    input_semantics="inclusive",
)
CLAUDE_USAGE = Usage(
    input_tokens=10,
    output_tokens=5,
    total_tokens=22,
    cache_read_input_tokens=4,
    cache_creation_input_tokens=3,
    input_semantics="exclusive",
)
STREAMED_CLAUDE_USAGE = CLAUDE_USAGE.model_copy(update={"output_tokens": 15, "total_tokens": 32})
GEMINI_USAGE = CHAT_USAGE.model_copy(update={"output_tokens": 7, "total_tokens": 17})
INTERACTION_USAGE = Usage(input_tokens=10, output_tokens=5, total_tokens=15, input_semantics="inclusive")
MINIMAL_USAGE = Usage(input_tokens=1, output_tokens=1, total_tokens=2, input_semantics="inclusive")

Expected = tuple[str, str | None, str, str | None, str, Usage | None]
"""Model, prompt, completion, reason, mode and usage."""


def chat(prompt: str | None, completion: str = "Hi there!", mode: str = "SYNC") -> Expected:
    return "gpt-4o-mini", prompt, completion, "stop", mode, CHAT_USAGE


def response(prompt: str, mode: str = "SYNC") -> Expected:
    return "gpt-4o-mini", prompt, "Hi there!", "completed", mode, CHAT_USAGE


def claude(prompt: str, mode: str = "SYNC", usage: Usage = CLAUDE_USAGE) -> Expected:
    return "claude-sonnet-4-5", prompt, "Hi there!", "tool_use", mode, usage


def streamed_claude(prompt: str) -> Expected:
    return claude(prompt, "STREAM", STREAMED_CLAUDE_USAGE)


def gemini(prompt: str, mode: str = "SYNC", usage: Usage | None = GEMINI_USAGE) -> Expected:
    return "gemini-2.5-flash", prompt, "Hi there!", "STOP", mode, usage


EXPECTED: dict[str, Expected] = {
    "01-minimal/002": ("gpt-4o-mini", "Hello", "Hi", None, "SYNC", MINIMAL_USAGE),
    "02-openai-latest-sdks/004": chat("Hello"),
    "02-openai-latest-sdks/006": chat("Hello"),
    "02-openai-latest-sdks/008": chat(None, "Hello", "STREAM"),
    "02-openai-latest-sdks/010": response("Hello"),
    "02-openai-latest-sdks/012": response("Hello"),
    "02-openai-latest-sdks/014": response("Hello", "STREAM"),
    "02-openai-latest-sdks/017": chat("1"),
    "02-openai-latest-sdks/020": chat("async"),
    "02-openai-latest-sdks/022": chat("async-stream", "Hello", "STREAM"),
    "02-openai-latest-sdks/023": response("async-resp"),
    "02-openai-latest-sdks/025": response("async-resp-stream", "STREAM"),
    "03-anthropic-latest-sdks/003": claude("Hello"),
    "03-anthropic-latest-sdks/006": claude("Hello"),
    "03-anthropic-latest-sdks/009": claude("Hello beta"),
    "03-anthropic-latest-sdks/012": claude("async"),
    "05-openai-older-sdks/004": chat("Hello"),
    "05-openai-older-sdks/005": chat("Hello"),
    "05-openai-older-sdks/007": chat(None, "Hello", "STREAM"),
    "05-openai-older-sdks/010": response("Hello"),
    "05-openai-older-sdks/013": response("Hello"),
    "05-openai-older-sdks/016": response("Hello", "STREAM"),
    "05-openai-older-sdks/017": chat("1"),
    "05-openai-older-sdks/020": chat("async"),
    "05-openai-older-sdks/021": chat("async-stream", "Hello", "STREAM"),
    "05-openai-older-sdks/024": response("async-resp"),
    "05-openai-older-sdks/025": response("async-resp-stream", "STREAM"),
    "06-anthropic-older-sdks/003": claude("Hello"),
    "06-anthropic-older-sdks/006": claude("Hello"),
    "06-anthropic-older-sdks/008": streamed_claude("Hello"),
    "06-anthropic-older-sdks/010": claude("Hello beta"),
    "06-anthropic-older-sdks/011": streamed_claude("Hello beta"),
    "06-anthropic-older-sdks/013": claude("async"),
    "06-anthropic-older-sdks/015": streamed_claude("async stream"),
    "07-gemini-older-sdks/004": gemini("Hello"),
    "07-gemini-older-sdks/006": gemini("Hello"),
    "07-gemini-older-sdks/009": gemini("Hello", "STREAM", None),
    "07-gemini-older-sdks/010": ("gemini-2.5-flash", "Hello", "Hi there!", "completed", "SYNC", INTERACTION_USAGE),
    "07-gemini-older-sdks/012": gemini("async"),
    "10-minimal-in-git-repo/002": ("gpt-4o-mini", "Hello", "Hi", None, "SYNC", MINIMAL_USAGE),
}
OF_NO_PROVIDER = "08-all-api-calls/002"
SYSTEM_PROMPTS = {
    "02-openai-latest-sdks/004", "02-openai-latest-sdks/008", "02-openai-latest-sdks/010",
    "03-anthropic-latest-sdks/003", "03-anthropic-latest-sdks/006",
    "05-openai-older-sdks/004", "05-openai-older-sdks/007", "05-openai-older-sdks/010",
    "06-anthropic-older-sdks/003", "06-anthropic-older-sdks/006",
    "07-gemini-older-sdks/006",
}  # fmt: skip
TOOLS = {
    "02-openai-latest-sdks/004", "03-anthropic-latest-sdks/003",
    "05-openai-older-sdks/004", "06-anthropic-older-sdks/003",
}  # fmt: skip


def read(name: str, shape: str | None) -> Reading:
    """The event as it is read by that name of its shape."""
    said = properties(name)
    exchange = Exchange(shape=shape, request_body=said["inputs"], response_body=said["output"])
    return read_exchange(Generation(id="g", source="voker", exchange=exchange))


def test_every_event_is_here() -> None:
    assert {*EXPECTED, OF_NO_PROVIDER} == set(names())


@pytest.mark.parametrize("name", EXPECTED)
def test_an_event_says_what_was_asked_and_answered(name: str) -> None:
    reading = read(name, properties(name)["api"])
    assert (reading.outcome, reading.reason) == ("succeeded", None)
    found = reading.generation
    assert found.model
    said = (found.model.name, found.prompt, found.completion, found.stop_reason, found.mode, found.usage)
    assert said == EXPECTED[name]
    assert found.token_count == (found.usage.total_tokens if found.usage else None)
    assert found.system_prompt == ("be nice" if name in SYSTEM_PROMPTS else None)
    assert [tool.name for tool in found.tools] == (["get_weather"] if name in TOOLS else [])
    assert found.call_error is None


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if "claude" in expected[0]])
def test_blocks_of_a_message_are_what_they_were(name: str) -> None:
    parts = read(name, properties(name)["api"]).generation.output[0].parts
    calls = [part.tool_call for part in parts if part.tool_call]
    assert [(call.id, call.name, call.input_json) for call in calls] == [("toolu_1", "get_weather", '{"city":"Paris"}')]
    thoughts = [part.thinking for part in parts if part.thinking]
    assert thoughts == ([] if EXPECTED[name][4] == "STREAM" else ["hmm"])


@pytest.mark.parametrize("tag", [None, "vercel-ai-sdk", "openai-chat-completions", "anthropic-messages"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_missing_unknown_or_wrong_name_of_the_shape_loses_nothing(name: str, tag: str | None) -> None:
    right, other = read(name, properties(name)["api"]), read(name, tag)
    assert other.outcome == "succeeded"
    assert other.generation.model_copy(update={"exchange": right.generation.exchange}) == right.generation


def test_an_event_of_no_provider_is_not_read() -> None:
    reading = read(OF_NO_PROVIDER, properties(OF_NO_PROVIDER)["api"])
    assert (reading.outcome, reading.reason) == ("failed", "neither the path nor the bodies are of a known shape")
