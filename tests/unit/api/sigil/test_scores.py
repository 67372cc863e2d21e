"""Scores: what is refused costs one item, and no value is bent into another type."""

from typing import Any

import pytest

from chalicelib.api.sigil.scores import ScoreRejected, read_scores
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.services.ports import Score

NOW = "2026-11-21T12:00:00.000000Z"
GOOD: dict[str, Any] = {
    "score_id": "s",
    "generation_id": "g",
    "evaluator_id": "e",
    "evaluator_version": "1",
    "score_key": "k",
    "value": {"number": 0.5},
}


def read(**changes: Any) -> Score | ScoreRejected:
    [outcome] = read_scores({"scores": [{**GOOD, **changes}]}, NOW)
    return outcome


@pytest.mark.parametrize("passed", [True, False, None])
def test_passed_is_a_bool_or_absent(passed: bool | None) -> None:
    score = read(passed=passed)
    assert isinstance(score, Score)
    assert (score.passed, score.created_at) == (passed, NOW)


@pytest.mark.parametrize("passed", ["no", "false", 1, 0, 0.0, {}, []])
def test_what_is_no_bool_is_refused_and_not_bent_into_one(passed: Any) -> None:
    rejected = read(passed=passed)
    assert isinstance(rejected, ScoreRejected)
    assert (rejected.score_id, rejected.error) == ("s", "passed: is invalid")


@pytest.mark.parametrize("name", ["score_id", "generation_id", "evaluator_id", "evaluator_version", "score_key"])
def test_what_is_required_is_named(name: str) -> None:
    rejected = read(**{name: ""})
    assert isinstance(rejected, ScoreRejected)
    assert rejected.error == f"{name} is required"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "score value is required"),
        ({}, "score value is required"),
        ({"number": 1, "bool": True}, "score value must contain exactly one type"),
        ({"number": True}, "score value must be {number}, {bool} or {string}"),
        ({"bool": "yes"}, "score value must be {number}, {bool} or {string}"),
        ({"text": "x"}, "score value must be {number}, {bool} or {string}"),
    ],
)
def test_a_value_has_exactly_one_type(value: Any, error: str) -> None:
    rejected = read(value=value)
    assert isinstance(rejected, ScoreRejected)
    assert rejected.error == error


def test_camel_case_and_unknown_fields_are_kept() -> None:
    score = read_scores(
        {"scores": [{"scoreId": "s", **{k: v for k, v in GOOD.items() if k != "score_id"}, "x": 1}]}, NOW
    )[0]
    assert isinstance(score, Score)
    assert (score.score_id, score.document["x"]) == ("s", 1)


def test_a_body_that_is_no_export_is_malformed_and_a_large_one_too_large() -> None:
    bodies: list[Any] = [None, [], {}, {"scores": {}}]
    for body in bodies:
        with pytest.raises(Malformed):
            read_scores(body, NOW)
    with pytest.raises(TooLarge):
        read_scores({"scores": [GOOD] * 1001}, NOW)


def test_the_ids_of_evaluators_scores_are_theirs() -> None:
    """Whoever took one would keep a generation from being judged."""
    rejected = read(score_id="eval_127b073216bc8f73a34702670e9e45e4530d93b7")
    assert isinstance(rejected, ScoreRejected)
    assert rejected.error == "score_id must not begin with eval_, as the scores of evaluators do"
    assert isinstance(read(score_id="evaluation"), Score)
