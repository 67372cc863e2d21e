"""What a hook is asked, and that it is believed no more than it must be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.evaluator import Judgement, JudgingFailed
from chalicelib.domain.judging.hook import MOST_QUESTION, MOST_REPLY, OMITTED_FIRST, question, read_reply
from chalicelib.domain.judging.matching import score_id_of
from chalicelib.domain.resource import LINEAGE_DEFAULTS
from tests.unit.domain.judging.cpu import outcome
from tests.unit.domain.judging.samples import evaluator, resource

HOOK = evaluator("http", {"url": "https://hooks.example/"}, score_key="quality")


def asked(**fields: Any) -> dict[str, Any]:
    """The question about a generation with these fields."""
    body = question(HOOK, resource(**fields))
    assert len(body) <= MOST_QUESTION
    read: dict[str, Any] = json.loads(body)
    return read


def test_the_question_is_the_generation_and_who_asks() -> None:
    assert asked() == {
        "id": score_id_of(HOOK, "gen_1"),
        "evaluator_id": "judge",
        "evaluator_version": 3,
        "score_key": "quality",
        "omitted": [],
        "generation": {key: value for key, value in resource().items() if key not in LINEAGE_DEFAULTS},
    }


def test_the_secret_is_not_told() -> None:
    assert b"ssss" not in question(HOOK, resource())


@pytest.mark.parametrize("character", ["x", '"', "é", "\x00"])
def test_what_has_no_room_is_left_out_and_named(character: str) -> None:
    long = asked(system_prompt=character * 2_000_000, completion="short")
    assert "system_prompt" in long["omitted"]
    assert long["omitted"] == list(OMITTED_FIRST[: len(long["omitted"])])
    assert long["generation"]["completion"] == "short"
    assert not long["generation"].keys() & set(long["omitted"])


def test_nothing_is_left_out_that_has_room() -> None:
    assert asked(completion="x" * 1_000_000)["omitted"] == []


def test_metadata_goes_too_when_it_must() -> None:
    assert "metadata" in asked(metadata={"x": "y" * 2_000_000})["omitted"]


def test_a_generation_that_is_too_long_without_any_of_it_is_not_asked_about() -> None:
    with pytest.raises(JudgingFailed, match="too long for a hook"):
        question(HOOK, {**resource(), "stop_reason": "x" * 2_000_000})


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"value": 0.5}, Judgement(0.5, None)),
        ({"value": True, "passed": False}, Judgement(True, False)),
        ({"value": "good", "passed": True, "explanation": "well"}, Judgement("good", True, "well")),
        ({"value": 1, "passed": None, "explanation": None, "more": [1]}, Judgement(1, None)),
        ({"value": 1, "explanation": "x" * 5000}, Judgement(1, None, "x" * 1000)),
        ({"value": 1, "explanation": "\ud800"}, Judgement(1, None, "\ufffd")),
    ],
)
def test_what_is_believed(reply: dict[str, Any], expected: Judgement) -> None:
    assert read_reply(200, json.dumps(reply).encode()) == expected


LIES = [
    *(b"", b"OK", b"<html>", b"\xff", b"[]", b"null", b"{}", b"[" * 60_000, b'{"value": NaN}', b'{"value": 1e999}'),
    *(b'{"value": null}', b'{"value": []}', b'{"value": {}}', b'{"value": 1, "passed": "yes"}', b'{"passed": true}'),
    *(b'{"value": 1, "passed": 1}', b'{"value": 1, "explanation": 5}', b'{"value": "%s"}' % (b"x" * 1001)),
    *(b'{"value": %s}' % (b"9" * 5000), b'```json\n{"value": 1}\n```', b" " * MOST_REPLY + b'{"value": 1}'),
]


@pytest.mark.parametrize("body", LIES)
def test_nonsense_is_a_failure_for_good(body: bytes) -> None:
    with pytest.raises(JudgingFailed) as raised:
        read_reply(200, body)
    assert not raised.value.again


@pytest.mark.parametrize(
    ("status", "again"),
    [
        *((status, False) for status in (100, 301, 302, 307, 400, 401, 403, 404, 410, 422)),
        *((status, True) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
    ],
)
def test_only_a_success_is_a_judgement(status: int, again: bool) -> None:
    with pytest.raises(JudgingFailed, match=f"the hook answered {status}") as raised:
        read_reply(status, b'{"value": 1}')
    assert raised.value.again == again


@given(st.integers(200, 299), st.binary(max_size=200))
def test_any_bytes_are_a_judgement_or_a_failure(status: int, body: bytes) -> None:
    assert len(outcome(lambda: read_reply(status, body))) < 1001
