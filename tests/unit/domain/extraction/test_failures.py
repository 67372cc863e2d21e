"""When a generation has failed, what it says then, and what its extraction says beside it."""

from typing import Any

import pytest

from chalicelib.domain.extraction import Reading, filling, read_exchange
from chalicelib.domain.generation import Generation
from tests.unit.domain.extraction.exchanges import (
    CHAT,
    MESSAGES,
    RESPONSES,
    answer,
    chunk,
    generation,
    named,
    read,
    spoken,
    stream,
)

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
CUT = "Provider request failed: the stream ended before its end"


@pytest.mark.parametrize(
    ("status", "body", "message", "meta"),
    [
        (402, {"error": {"message": "pay"}}, "Provider returned 402: pay", {}),
        (
            429,
            {"error": {"message": "slow", "type": "rate_limit", "code": "r", "param": None}},
            "Provider returned 429: slow",
            {"type": "rate_limit", "code": "r"},
        ),
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "Provider returned 529: Overloaded",
            {"type": "overloaded_error"},
        ),
        (400, {"error": "plain"}, "Provider returned 400: plain", {}),
        (400, {"object": "error", "message": "m", "code": 7}, "Provider returned 400: m", {"code": 7}),
        (403, {"message": "denied"}, "Provider returned 403: denied", {}),
        (422, {"detail": "no"}, "Provider returned 422: no", {}),
        (422, {"detail": [{"loc": ["body"]}]}, 'Provider returned 422: {"detail":[{"loc":["body"]}]}', {}),
        (400, [{"error": {"message": "in a list"}}], "Provider returned 400: in a list", {}),
        (400, stream([{"error": {"message": "streamed"}}]), "Provider returned 400: streamed", {}),
        (502, "<html>\n  <h1>Bad\tGateway</h1>", "Provider returned 502: <html> <h1>Bad Gateway</h1>", {}),
        (500, None, "Provider returned 500", {}),
        (500, {}, "Provider returned 500", {}),
        (500, {"error": {}}, 'Provider returned 500: {"error":{}}', {}),
        (599, "x" * 5_000_000, "Provider returned 599: " + "x" * 1_000, {}),
        (400, {"error": {"message": {"not": "text"}, "type": 3, "code": True}}, "Provider returned 400", {}),
        (400, {"error": {"message": "m", "code": 10**30}}, "Provider returned 400: m", {}),
        (400, {"error": {"message": "m", "type": "t" * 999}}, "Provider returned 400: m", {"type": "t" * 256}),
        (700, "odd", "Provider returned 700: odd", {}),
    ],
)  # fmt: skip
def test_a_status_of_400_or_more_is_a_failure(status: int, body: Any, message: str, meta: dict[str, Any]) -> None:
    found = generation(CHAT, ASKED, body, status, metadata={"mine": 1})
    assert (found.call_error, found.error_code) == (message, "AI_PROVIDER_ERROR")
    assert found.error_meta == {"provider_status_code": status, **meta}
    assert found.metadata == {"mine": 1, **{f"error_{key}": value for key, value in meta.items()}}
    assert (found.model, found.prompt) == (named("m"), "Hi")


@pytest.mark.parametrize(
    ("body", "message"),
    [(None, "Provider request failed"), ("timed out", "Provider request failed: timed out")],
)
def test_a_status_of_0_is_a_request_that_nobody_answered(body: Any, message: str) -> None:
    found = generation(CHAT, ASKED, body, 0)
    assert (found.call_error, found.error_code, found.error_meta) == (message, "AI_PROVIDER_ERROR", {})


@pytest.mark.parametrize("status", [None, 200, 201, 302, 399, -1])
def test_other_statuses_are_none(status: int | None) -> None:
    found = generation(CHAT, ASKED, answer(), status)
    assert (found.call_error, found.error_code, found.error_meta) == (None, None, {})


@pytest.mark.parametrize(
    ("path", "body", "message", "meta"),
    [
        (
            CHAT,
            {"error": {"code": 502, "message": "gone"}},
            "Provider returned 502: gone",
            {"provider_status_code": 502, "code": 502},
        ),
        (CHAT, {"error": {"code": 700, "message": "gone"}}, "Provider request failed: gone", {"code": 700}),
        (CHAT, {"error": {"code": 7, "message": "gone"}}, "Provider request failed: gone", {"code": 7}),
        (
            CHAT,
            {"choices": [{"finish_reason": "error", "error": {"code": 429, "message": "slow"}}]},
            "Provider returned 429: slow",
            {"provider_status_code": 429, "code": 429},
        ),
        (CHAT, {"choices": [{"finish_reason": "error"}]}, "Provider request failed", {}),
        (
            CHAT,
            'data: {"choices": []}\n\nevent: error\ndata: {"error": {"message": "m", "status_code": 400}}',
            "Provider returned 400: m",
            {"provider_status_code": 400},
        ),
        (
            MESSAGES,
            {"type": "error", "error": {"type": "api_error", "message": "m"}},
            "Provider request failed: m",
            {"type": "api_error"},
        ),
        (RESPONSES, {"error": {"message": "m"}}, "Provider request failed: m", {}),
    ],
)  # fmt: skip
def test_an_error_may_come_with_a_status_of_200(path: str, body: Any, message: str, meta: dict[str, Any]) -> None:
    found = generation(path, {"model": "m"}, body)
    assert (found.call_error, found.error_code, found.error_meta) == (message, "AI_PROVIDER_ERROR", meta)
    assert found.model == named("m")


@pytest.mark.parametrize(
    ("events", "done", "error"),
    [
        ([chunk({"content": "par"})], False, CUT),
        ([chunk({"content": "par"})], True, None),
        ([chunk({"content": "par"}), chunk({}, finish_reason="length")], False, None),
        # Two choices, one of which never came to its end.
        ([chunk({"content": "par"}), chunk({}, index=1, finish_reason="stop")], False, CUT),
    ],
)
def test_a_chat_stream_has_ended_when_it_says_so_or_every_choice_has_its_reason(
    events: Any, done: bool, error: str | None
) -> None:
    found = generation(CHAT, ASKED, stream(events, done=done))
    assert (found.completion, found.call_error, found.mode) == ("par", error, "STREAM")


def test_what_a_cut_stream_had_so_far_is_kept() -> None:
    calls = [{"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"x'}}]
    text = stream([chunk({"content": "par"}, model="m-1"), chunk({"tool_calls": calls})]) + 'data: {"choices": [{"del'
    found = generation(CHAT, ASKED, text)
    assert (found.completion, found.response_model, found.call_error) == ("par", "m-1", CUT)
    assert found.output[0].parts[1].tool_call
    assert found.output[0].parts[1].tool_call.input_json == '{"x'


@pytest.mark.parametrize(
    ("request_body", "response", "reason"),
    [
        (ASKED, "<html>", "the response is neither JSON nor an event stream"),
        (ASKED, '{"choices": [', "the response is neither JSON nor an event stream"),
        (ASKED, {"type": "message"}, "the response is not of the shape Chat Completions"),
        (ASKED, [{"a": 1}, {"b": 2}], "the response is not of the shape Chat Completions"),
        ("hello", None, "the request is no JSON object"),
    ],
)
def test_what_cannot_be_read_leaves_the_clients_fields(request_body: Any, response: Any, reason: str) -> None:
    client: dict[str, Any] = {"model": named("mine"), "prompt": "p", "completion": "c", "token_count": 3}
    reading = read(CHAT, request_body, response, **client)
    assert (reading.outcome, reading.reason) == ("failed", reason)
    assert {key: getattr(reading.generation, key) for key in client} == client
    assert reading.generation.call_error is None


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("/v1/embeddings", "not_applicable"), ("/proxy", "failed"), (CHAT, "failed")],
)
def test_a_refused_exchange_that_is_not_read_has_failed_all_the_same(path: str, outcome: str) -> None:
    reading = read(path, "no JSON", {"error": {"message": "slow"}}, 429, prompt="mine")
    assert reading.outcome == outcome
    assert reading.generation.call_error == "Provider returned 429: slow"
    assert reading.generation.error_meta == {"provider_status_code": 429}
    assert reading.generation.prompt == "mine"


def test_a_readable_answer_makes_up_for_a_request_that_is_not() -> None:
    found = generation(CHAT, "no JSON", answer(), prompt="mine")
    assert (found.completion, found.prompt) == ("Hello", "mine")


@pytest.mark.parametrize("body", [None, "", " \n"])
def test_without_a_body_there_is_nothing_to_read(body: Any) -> None:
    assert read(CHAT, body, body).outcome == "not_applicable"
    refused = read(CHAT, body, body, 500)
    assert (refused.outcome, refused.generation.call_error) == ("not_applicable", "Provider returned 500")


def test_without_an_exchange_there_is_nothing_to_read() -> None:
    alone = Generation(id="g", source="ingate", started_at="2026-01-01T00:00:00.000000Z", latency_ms=5)
    assert read_exchange(alone) == Reading(alone, "not_applicable")


@pytest.mark.parametrize(
    ("latency", "completed"),
    [
        (1_500.5, "2026-01-01T00:00:01.500500Z"),
        (0, "2026-01-01T00:00:00.000000Z"),
        (None, None),
        (-1, None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_the_end_follows_from_the_start_and_how_long_it_took(latency: float | None, completed: str | None) -> None:
    client: dict[str, Any] = {"started_at": "2026-01-01T00:00:00.000000Z", "latency_ms": latency}
    for path in (CHAT, "/v1/embeddings", "/proxy"):
        assert read(path, ASKED, answer(), **client).generation.completed_at == completed
    told = generation(CHAT, ASKED, answer(), **client, completed_at="2027-01-01T00:00:00.000000Z")
    assert told.completed_at == "2027-01-01T00:00:00.000000Z"
    assert generation(CHAT, ASKED, answer(), latency_ms=5).completed_at is None


def test_what_nobody_thought_of_is_named_and_costs_that_generation_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise LookupError("the text of somebody's prompt")

    monkeypatch.setattr(filling, "last_prompt", broken)
    reading = read(CHAT, ASKED, answer(), completion="mine")
    assert (reading.outcome, reading.reason) == ("failed", "reading broke off with LookupError")
    assert reading.generation.completion == "mine"


def test_what_is_found_wins_and_what_is_not_stays_the_clients() -> None:
    client: dict[str, Any] = {
        "model": named("mine", "azure-openai"),
        "prompt": "my prompt",
        "completion": "my completion",
        "token_count": 3,
        "system_prompt": "my system",
        "stop_reason": "my reason",
        "tags": {"a": "b"},
    }
    found = generation(CHAT, ASKED, answer(), **client)
    assert found.model == named("m", "azure-openai")
    assert (found.prompt, found.completion, found.stop_reason) == ("Hi", "Hello", "stop")
    assert (found.token_count, found.system_prompt, found.tags) == (3, "my system", {"a": "b"})
    assert found.output[0].parts == spoken("Hello")
    nothing = generation(CHAT, {"model": 3}, {"choices": []}, **client)
    assert {key: getattr(nothing, key) for key in client} == client
