"""Every form in which a body may have been captured."""

import json
from typing import Any

import pytest

from chalicelib.domain.extraction.bodies import Body, Events, read_body
from chalicelib.domain.extraction.json_values import compact
from chalicelib.domain.extraction.sse import read_events
from tests.unit.domain.extraction.exchanges import CHAT, RESPONSES, answer, chunk, generation, stream

CHUNKS = [chunk({"content": "Hel"}), chunk({"content": "lo"}), chunk({}, finish_reason="stop")]


@pytest.mark.parametrize(
    ("captured", "body"),
    [
        (None, None),
        ("", None),
        (" \r\n", None),
        ({}, {}),
        ({"a": 1}, {"a": 1}),
        ('\ufeff {"a": 1}\n', {"a": 1}),
        ("[]", Events([])),
        ([], Events([])),
        ('[{"a": 1}]', Events([{"a": 1}])),
        ([1, None, "x", {"a": 1}], Events([{"a": 1}])),
        ("<html>", "<html>"),
        ('{"a": ', '{"a":'),
        (17, "17"),
        (True, "true"),
        ("17", "17"),
        ('{"a": NaN, "b": 1}', {"a": None, "b": 1}),
        ('{"a": ' + "9" * 5_000 + ', "b": 1}', {"a": None, "b": 1}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ("[" * 100_000, "[" * 100_000),
        ('[{"a": 1}\n, {"b": 2}\n, {"cu', Events([{"a": 1}, {"b": 2}])),
        ('[{"a": 1}, ', Events([{"a": 1}])),
        ('[{"a": "\\ud83d"}, {"b": ' + "[" * 100_000, Events([{"a": "\ufffd"}])),
        ('[{"a": [1, {"cu', '[{"a": [1, {"cu'),
        ("[upstream] {", "[upstream] {"),
        (['[{"a"', ': 1}\n', ', {"data": "x"}, {"c'], Events([{"a": 1}, {"data": "x"}])),
        (['[{"a"', "data: 1"], Events([])),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ("data: [DONE]", Events([], done=True)),
        (": comment\n\ndata: [DONE]", Events([], done=True)),
        ([{"event": "message", "data": "[DONE]"}], Events([], done=True)),
        ([{"event": "error", "data": {"a": 1}}], Events([{"a": 1, "type": "error"}])),
        ([{"data": '{"a": 1}'}], Events([{"a": 1}])),
        ([{"event": None, "data": '{"type": "b"}'}], Events([{"type": "b"}])),
        (['data: {"a"', ': 1}\n\ndata: {"b": 2}\n', "\n"], Events([{"a": 1}, {"b": 2}])),
        (['data: {"a": 1}', 'data: {"b": 2}', "data: [DONE]"], Events([{"a": 1}, {"b": 2}], done=True)),
        (['{"a": 1}', '{"b": 2}', "[DONE]"], Events([{"a": 1}, {"b": 2}], done=True)),
        ('data: {"a": 1}\ndata: {"b": 2}\n', Events([{"a": 1}, {"b": 2}])),
        ('data: {"a":\ndata: 1}\n\n', Events([{"a": 1}])),
        ('data: {"a": 1}\n\ndata: {"cu', Events([{"a": 1}])),
        ('event: x\ndata: {"a": 1}\n\ndata: {"b": 1}', Events([{"a": 1, "type": "x"}, {"b": 1}])),
        ('event: x\n\ndata: {"b": 1}', Events([{"b": 1}])),
    ],
)  # fmt: skip
def test_a_body_is_a_document_events_text_or_nothing(captured: Any, body: Body) -> None:
    assert read_body(captured) == body


def test_what_json_cannot_hold_has_no_text() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert [compact(value) for value in (deep, float("inf"), {1, 2}, None)] == [None] * 4
    assert compact({"b": "é", "a": [1.5, None]}) == '{"b":"é","a":[1.5,null]}'


def test_separators_of_lines_inside_data_are_text() -> None:
    """U+2028, form feeds and the like end lines elsewhere, not in a stream of events."""
    assert list(read_events("data: a\u2028b\x85c\x0bd\n\n")) == [("", "a\u2028b\x85c\x0bd")]


def test_one_space_after_the_colon_is_not_data() -> None:
    assert list(read_events("data:  a\ndata:b\ndata\nid: 1\nretry: 5\n\n")) == [("", " a\nb\n")]


@pytest.mark.parametrize(
    "captured",
    [
        stream(CHUNKS),
        stream(CHUNKS, done=True),
        stream(CHUNKS).rstrip(),
        CHUNKS,
        json.dumps(CHUNKS),
        [{"event": None, "data": event} for event in CHUNKS],
        [{"data": json.dumps(event)} for event in CHUNKS],
        [json.dumps(event) for event in CHUNKS],
        [stream([event]) for event in CHUNKS],
    ],
)
def test_a_stream_reads_alike_however_it_was_captured(captured: Any) -> None:
    read = generation(CHAT, json.dumps({"model": "m"}), captured)
    assert (read.completion, read.stop_reason, read.mode, read.call_error) == ("Hello", "stop", "STREAM", None)


@pytest.mark.parametrize("captured", [answer(), json.dumps(answer()), [answer()], stream([answer()])])
def test_a_whole_document_reads_alike_however_it_was_captured(captured: Any) -> None:
    read = generation(CHAT, {"model": "m"}, captured)
    assert (read.completion, read.stop_reason, read.call_error) == ("Hello", "stop", None)


def test_the_event_that_ends_a_response_stands_for_it() -> None:
    response = {"id": "r", "status": "completed", "output": [{"content": [{"type": "output_text", "text": "Hi"}]}]}
    for captured in ({"type": "response.completed", "response": response}, response):
        assert generation(RESPONSES, {"model": "m"}, captured).completion == "Hi"
