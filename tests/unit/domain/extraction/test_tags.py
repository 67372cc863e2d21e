"""A client's own name for the shape of its bodies."""

from typing import Any

import pytest

from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.extraction.anthropic import ANTHROPIC
from chalicelib.domain.extraction.chat import CHAT
from chalicelib.domain.extraction.endpoints import Endpoint, locate
from chalicelib.domain.extraction.gemini import GEMINI
from chalicelib.domain.extraction.interactions import INTERACTIONS
from chalicelib.domain.extraction.responses import RESPONSES
from chalicelib.domain.extraction.shape import Shape
from chalicelib.domain.extraction.shapes import recognise
from chalicelib.domain.generation import Exchange, Generation
from tests.unit.domain.extraction.exchanges import answer, asked, chunk

TAGS = {
    "openai-chat-completions": CHAT,
    "openai-responses": RESPONSES,
    "anthropic-messages": ANTHROPIC,
    "anthropic-beta-messages": ANTHROPIC,
    "gemini-models": GEMINI,
    "gemini-interactions": INTERACTIONS,
}
MESSAGE = {"type": "message", "role": "assistant", "content": []}


@pytest.mark.parametrize(("tag", "shape"), TAGS.items())
@pytest.mark.parametrize("response", [None, {}, "text", {"error": {"message": "no"}}])
@pytest.mark.parametrize("request_body", [None, {}, {"model": "m"}])
def test_a_known_name_is_the_shape_where_the_bodies_tell_none(
    tag: str, shape: Shape, response: Any, request_body: Any
) -> None:
    assert recognise(Endpoint(), request_body, response, None, tag) is shape


@pytest.mark.parametrize(
    ("tag", "request_body", "response", "shape"),
    [
        ("anthropic-messages", {"messages": []}, None, ANTHROPIC),
        ("gemini-interactions", {"model": "m", "input": "Hi"}, None, INTERACTIONS),
        ("openai-chat-completions", {"messages": [], "max_tokens": 1, "top_k": 1}, None, CHAT),
        ("openai-chat-completions", {"messages": [], "max_tokens": 1, "top_k": 1}, answer(), CHAT),
        ("openai-chat-completions", {"messages": []}, MESSAGE, ANTHROPIC),
        ("openai-chat-completions", {"messages": []}, {**MESSAGE, **answer()}, CHAT),
        ("anthropic-messages", {"messages": []}, {**MESSAGE, **answer()}, ANTHROPIC),
        ("openai-chat-completions", {"contents": "Hi"}, None, GEMINI),
        ("openai-chat-completions", {"input": "Hi"}, {"status": "completed", "outputs": []}, INTERACTIONS),
        ("gemini-models", {"messages": []}, None, CHAT),
        ("gemini-models", {"messages": []}, answer(), CHAT),
        ("gemini-models", {"contents": "Hi"}, answer(), CHAT),
        ("gemini-models", {"messages": []}, {"candidates": None}, GEMINI),
        ("gemini-interactions", {"input": "Hi"}, {"object": "response", "output": []}, RESPONSES),
        ("openai-responses", {"input": "Hi"}, {"object": "interaction", "outputs": []}, INTERACTIONS),
    ],
)
def test_bodies_that_are_plainly_of_another_shape_come_first(
    tag: str, request_body: Any, response: Any, shape: Shape
) -> None:
    assert recognise(Endpoint(), request_body, response, None, tag) is shape


@pytest.mark.parametrize("tag", [None, "", "x", "OpenAI-Chat-Completions"])
def test_an_unknown_name_leaves_it_to_path_and_bodies(tag: str | None) -> None:
    assert recognise(Endpoint(), None, answer(), None, tag) is CHAT
    assert recognise(Endpoint(RESPONSES), None, answer(), None, tag) is RESPONSES
    assert recognise(Endpoint(unread="legacy completions"), None, answer(), None, tag) is None


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/completions", "/proxy"])
def test_a_known_name_comes_before_the_path(path: str) -> None:
    assert recognise(locate(path, "POST"), {"messages": []}, answer(), None, "openai-chat-completions") is CHAT
    exchange = Exchange(path=path, shape="openai-chat-completions", response_body=[chunk({"content": "Hi"})])
    assert read_exchange(Generation(id="g", source="voker", exchange=exchange)).generation.completion == "Hi"


def test_nothing_is_generated_elsewhere_whatever_the_name() -> None:
    exchange = Exchange(path="/v1/embeddings", shape="openai-responses", request_body={"input": "Hi"})
    assert read_exchange(Generation(id="g", source="voker", exchange=exchange)).outcome == "not_applicable"


@pytest.mark.parametrize(
    ("request_body", "temperature", "max_tokens"),
    [
        ({"extra_body": {"temperature": 0.5, "max_tokens": 3}}, 0.5, 3),
        ({"temperature": 0.25, "extra_body": {"temperature": 0.5, "max_tokens": 3}}, 0.25, 3),
        ({"temperature": None, "extra_body": {"temperature": 0.5}}, 0.5, None),
        ({"temperature": 0.25, "extra_body": None}, 0.25, None),
        ({"temperature": 0.25, "extra_body": "text"}, 0.25, None),
    ],
)
def test_fields_that_a_python_client_was_given_besides_count_where_the_request_lacks_them(
    request_body: dict[str, Any], temperature: float, max_tokens: int | None
) -> None:
    found = asked("/v1/chat/completions", model="m", messages=[{"role": "user", "content": "Hi"}], **request_body)
    assert (found.prompt, found.temperature, found.max_tokens) == ("Hi", temperature, max_tokens)
