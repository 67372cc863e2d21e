"""Every path that providers and the gateways before them use."""

from typing import Any

import pytest

from chalicelib.domain.extraction.anthropic import ANTHROPIC
from chalicelib.domain.extraction.chat import CHAT
from chalicelib.domain.extraction.endpoints import Endpoint, locate
from chalicelib.domain.extraction.gemini import GEMINI
from chalicelib.domain.extraction.interactions import INTERACTIONS
from chalicelib.domain.extraction.responses import RESPONSES
from chalicelib.domain.extraction.shapes import recognise
from tests.unit.domain.extraction.exchanges import answer, generation, named, read

GENERATING = [
    ("/v1/chat/completions", Endpoint(CHAT)),
    ("/chat/completions", Endpoint(CHAT)),
    ("chat/completions/", Endpoint(CHAT)),
    ("https://api.openai.com/v1/chat/completions?x=/v1/messages#y", Endpoint(CHAT)),
    ("/api/v1/chat/completions", Endpoint(CHAT)),
    ("/V1/Chat/Completions", Endpoint(CHAT)),
    ("//v1//chat/completions", Endpoint(CHAT)),
    ("/v1beta/openai/chat/completions", Endpoint(CHAT)),
    ("/openai/deployments/gpt%204/chat/completions?api-version=2024-10-21", Endpoint(CHAT, "gpt 4")),
    ("/v1/responses", Endpoint(RESPONSES)),
    ("/responses", Endpoint(RESPONSES)),
    ("/openai/responses?api-version=preview", Endpoint(RESPONSES)),
    ("/openai/v1/responses", Endpoint(RESPONSES)),
    ("/v1/messages?beta=true", Endpoint(ANTHROPIC)),
    ("/messages", Endpoint(ANTHROPIC)),
    ("/anthropic/v1/messages", Endpoint(ANTHROPIC)),
    ("/api/v1/messages", Endpoint(ANTHROPIC)),
    ("/model/anthropic.claude-v1%3A0/invoke", Endpoint(None, "anthropic.claude-v1:0")),
    ("/model/us.anthropic.claude/invoke-with-response-stream", Endpoint(None, "us.anthropic.claude")),
    ("/model/arn:aws:bedrock:inference-profile/x/invoke", Endpoint(None, "arn:aws:bedrock:inference-profile/x")),
    ("/model/arn%3Aaws%3Abedrock%2Fx/invoke", Endpoint(None, "arn:aws:bedrock/x")),
    ("/v1/projects/p/publishers/anthropic/models/claude@1:rawPredict", Endpoint(ANTHROPIC, "claude@1")),
    ("/v1/projects/p/publishers/anthropic/models/claude%401:streamRawPredict", Endpoint(ANTHROPIC, "claude@1")),
    ("/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict", Endpoint(None, "m")),
    ("/v1beta/models/gemini-2.5:generateContent", Endpoint(GEMINI, "gemini-2.5")),
    ("/v1beta/models/gemini-2.5:streamGenerateContent?alt=sse", Endpoint(GEMINI, "gemini-2.5")),
    ("/v1/projects/p/locations/l/publishers/google/models/g:generateContent", Endpoint(GEMINI, "g")),
    ("/v1beta/interactions", Endpoint(INTERACTIONS)),
    ("/v1/projects/p/locations/l/endpoints/openapi/chat/completions", Endpoint(CHAT)),
    ("", Endpoint()),
    ("https://host", Endpoint()),
    ("/some/proxy", Endpoint()),
    ("/v1/threads/t/messages", Endpoint(generates=False)),
]  # fmt: skip

ELSEWHERE = [
    "/v1/embeddings",
    "/openai/deployments/d/embeddings",
    "/v1/messages/count_tokens?beta=true",
    "/v1/messages/batches",
    "/v1/messages/batches/b/cancel",
    "/v1/responses/r",
    "/v1/responses/r/cancel",
    "/v1/responses/compact",
    "/v1/responses/input_tokens",
    "/v1/chat/completions/c",
    "/v1/models",
    "/v1/audio/speech",
    "/v1beta/models/gemini:countTokens",
    "/v1beta/models/gemini:embedContent",
    "/v1beta/models/gemini:batchGenerateContent",
    "/v1beta/interactions/i",
    "/v1beta/interactions/i/cancel",
]

UNREAD = {
    "/v1/completions": "legacy completions",
    "/api/generate": "Ollama generate",
    "/model/m/converse": "Bedrock Converse",
    "/model/m/converse-stream": "Bedrock Converse",
}


@pytest.mark.parametrize(("path", "endpoint"), GENERATING)
def test_a_path_tells_shape_and_model(path: str, endpoint: Endpoint) -> None:
    assert locate(path, "POST") == endpoint
    assert locate(path, None) == endpoint
    assert locate(path, "post") == endpoint


@pytest.mark.parametrize("path", ELSEWHERE)
def test_paths_that_are_no_generation_are_kept_as_they_are(path: str) -> None:
    whole = read(path, {"model": "m", "messages": []}, answer(), model=named("mine"))
    assert whole.outcome == "not_applicable"
    assert whole.reason is None
    assert whole.generation.model == named("mine")
    assert whole.generation.output == ()


@pytest.mark.parametrize("method", ["GET", "delete", "HEAD"])
def test_only_what_is_posted_generates(method: str) -> None:
    assert locate("/v1/chat/completions", method) == Endpoint(generates=False)


@pytest.mark.parametrize(("path", "shape"), UNREAD.items())
def test_a_generation_in_a_shape_that_is_not_read_says_so(path: str, shape: str) -> None:
    reading = read(path, {"messages": []}, answer(), prompt="mine")
    assert (reading.outcome, reading.reason) == ("failed", f"the shape {shape} is not read")
    assert (reading.generation.prompt, reading.generation.output) == ("mine", ())


@pytest.mark.parametrize(
    ("path", "request_model", "model"),
    [
        ("/openai/deployments/d/chat/completions", "asked", "asked"),
        ("/openai/deployments/d/chat/completions", None, "d"),
        ("/v1/chat/completions", None, "answered"),
        ("/openai/deployments/" + "d" * 257 + "/chat/completions", None, "answered"),
        ("/openai/deployments/d/chat/completions", "a\x00b", "d"),
        ("/openai/deployments/d/chat/completions", {"not": "text"}, "d"),
    ],
)
def test_the_model_is_the_requests_else_the_paths_else_the_responses(
    path: str, request_model: object, model: str
) -> None:
    read = generation(path, {"model": request_model, "messages": []}, {"model": "answered", **answer()})
    assert read.model
    assert read.model.name == model
    assert read.response_model == "answered"
    assert "model" not in read.metadata


def test_a_model_that_could_not_be_filtered_by_is_kept_aside() -> None:
    name = "m" * 2_000
    read = generation(
        "/v1/chat/completions", {"model": name}, {**answer(), "model": name}, model=named("mine", "openai")
    )
    assert (read.model, read.response_model) == (named("mine", "openai"), None)
    assert read.metadata["model"] == "m" * 1_000


@pytest.mark.parametrize(
    ("request_body", "response", "provider", "completion"),
    [
        (None, answer("chat"), None, "chat"),
        (None, {"type": "message", "content": [{"type": "text", "text": "anthropic"}]}, None, "anthropic"),
        (None, {"role": "assistant", "content": [{"type": "text", "text": "anthropic"}]}, None, "anthropic"),
        (None, {"candidates": [{"content": {"parts": [{"text": "gemini"}]}}]}, None, "gemini"),
        (None, [{"candidates": [{"content": {"parts": [{"text": "gemini"}]}}]}], None, "gemini"),
        (None, {"status": "completed", "outputs": [{"type": "text", "text": "interaction"}]}, None, "interaction"),
        ({"contents": "Hi"}, None, None, None),
        ({"input": "Hi", "system_instruction": "s"}, None, None, None),
        (None, {"object": "response", "output": [{"content": [{"type": "output_text", "text": "r"}]}]}, None, "r"),
        ({"messages": [], "anthropic_version": "bedrock-2023-05-31"}, None, None, None),
        ({"input": "Hi"}, None, None, None),
        ({"messages": []}, None, None, None),
        ({"messages": [], "max_tokens": 1}, None, "Anthropic", None),
    ],
)
def test_the_bodies_tell_where_no_path_does(
    request_body: object, response: object, provider: str | None, completion: str | None
) -> None:
    model = named(None, provider)
    assert generation("/proxy", request_body, response, model=model).completion == completion


@pytest.mark.parametrize(
    ("request_body", "provider", "reason_key"),
    [
        ({"messages": [], "max_tokens": 1, "system": "s"}, None, "stop_reason"),
        ({"messages": [], "tools": [{"input_schema": {}}]}, None, "stop_reason"),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}, None, "stop_reason"),
        ({"messages": [], "max_tokens": 1}, "anthropic", "stop_reason"),
        ({"messages": [], "max_tokens": 1}, "azure-openai", "finish_reason"),
        ({"messages": []}, "anthropic", "finish_reason"),
        ({"input": "x", "max_tokens": 1}, "anthropic", "finish_reason"),
    ],
)
def test_a_request_alone_tells_its_shape(request_body: dict[str, Any], provider: str | None, reason_key: str) -> None:
    """Its own marks come before what the provider is called."""
    shape = recognise(Endpoint(), request_body, None, provider)
    assert shape
    assert shape.reason_key == reason_key


@pytest.mark.parametrize(
    ("request_body", "response", "reason"),
    [
        ({"prompt": "x"}, {"result": "y"}, "neither the path nor the bodies are of a known shape"),
        ("hello", None, "neither the path nor the bodies are of a known shape"),
        (None, "<html>", "neither the path nor the bodies are of a known shape"),
        (None, [{"unknown": 1}], "neither the path nor the bodies are of a known shape"),
    ],
)
def test_an_unknown_shape_is_a_failure(request_body: object, response: object, reason: str) -> None:
    reading = read("/proxy", request_body, response, completion="mine")
    assert (reading.outcome, reading.reason, reading.generation.completion) == ("failed", reason, "mine")
