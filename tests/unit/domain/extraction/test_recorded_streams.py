"""The streams in tests/data/sse: what the official package puts together is what is read, and what it cannot, too."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.generation import Generation
from tests.unit.domain.extraction.exchanges import CHAT, MESSAGES, RESPONSES, STREAMS, generation, recorded_stream

PATHS = {"chat": CHAT, "responses": RESPONSES, "anthropic": MESSAGES}
# The package forgets the usage when a later chunk has null in its place.
LOSES_USAGE = "chat_usage_on_finish_chunk_then_null"


def documents() -> list[Path]:
    """What the packages made of the streams that they did not raise at."""
    made = sorted(STREAMS.glob("*.sdk.json"))
    assert len(made) > 15
    return [path for path in made if "ok" in json.loads(path.read_text(encoding="utf-8"))]


def streamed(name: str) -> Generation:
    """The generation that one of the streams gives."""
    return generation(PATHS[name.partition("_")[0]], None, recorded_stream(name))


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name.removesuffix(".sdk.json"))
def test_a_stream_reads_like_the_document_that_the_package_makes_of_it(path: Path) -> None:
    name = path.name.removesuffix(".sdk.json")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["ok"]
    ours = streamed(name)
    theirs = generation(PATHS[name.partition("_")[0]], None, document)
    update: dict[str, Any] = {"mode": "STREAM", "exchange": ours.exchange}
    if name == LOSES_USAGE:
        assert ours.usage
        assert theirs.usage is None
        update |= {"usage": ours.usage, "token_count": 15}
    assert ours == theirs.model_copy(update=update)
    assert ours.call_error is None


@pytest.mark.parametrize(
    ("name", "completion", "reason", "error"),
    [
        ("chat_length", "Hello", "length", None),
        ("chat_two_choices", "A1", "stop", None),
        ("chat_openrouter_comment_and_midstream_error", "par", "error", "Provider returned 502: Provider disconnected"),
        ("anthropic_midstream_error", "Hel", None, "Provider request failed: Overloaded"),
        ("responses_incomplete", "Hello", "max_output_tokens", None),
        ("responses_failed", None, "failed", "Provider request failed: boom"),
        ("responses_error_event", None, "in_progress", "Provider request failed: slow down"),
        (
            "responses_truncated_no_terminal",
            "Hello",
            "in_progress",
            "Provider request failed: the stream ended before its end",
        ),
    ],
)
def test_a_stream_that_the_package_raises_at_is_read(
    name: str, completion: str | None, reason: str | None, error: str | None
) -> None:
    read = streamed(name)
    assert (read.completion, read.stop_reason, read.call_error) == (completion, reason, error)
    assert read.mode == "STREAM"


def test_every_choice_of_a_stream_is_a_message() -> None:
    output = streamed("chat_two_choices").output
    assert [[part.text for part in message.parts] for message in output] == [["A1"], ["B2"]]


def test_the_last_counts_of_a_message_stand() -> None:
    usage = streamed("anthropic_thinking_tool").usage
    assert usage
    assert (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens) == (12, 20, 6)
    assert (usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (5, 3)
    assert (usage.total_tokens, usage.input_semantics) == (40, "exclusive")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["chat_parallel_tools", "responses_function_call", "anthropic_thinking_tool"])
def test_line_endings_do_not_matter(name: str, ending: str) -> None:
    path = PATHS[name.partition("_")[0]]
    text = recorded_stream(name)
    whole = generation(path, None, text)
    other = generation(path, None, text.rstrip().replace("\n", ending))
    assert other.model_copy(update={"exchange": whole.exchange}) == whole
