"""Which generations are judged, and under which id."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.evaluator import Evaluator, Filter
from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.judging.matching import matches, sampled, score_id_of
from tests.unit.domain.judging.samples import AT, resource

MATCHING: dict[str, Any] = {
    "agent_name": "planner",
    "model": "gpt-5",
    "source": "sigil",
    "status": "completed",
    "conversation_id": "conv",
    "tags": {"env": "prod", "team.name": "a"},
}
ids = st.text(min_size=1, max_size=40)
rates = st.floats(0, 1)


def test_a_filter_without_fields_matches_everything() -> None:
    assert matches(Filter(), resource())
    assert matches(Filter(), resource(model=None, agent_name=None, tags={}))


def test_every_field_must_match() -> None:
    assert matches(Filter(**MATCHING), resource())


@pytest.mark.parametrize("name", MATCHING)
def test_one_that_does_not_match_is_enough(name: str) -> None:
    other = {"env": "test"} if name == "tags" else "other"
    assert not matches(Filter(**{**MATCHING, name: other}), resource())


def test_a_generation_without_the_field_does_not_match() -> None:
    assert not matches(Filter(model="gpt-5"), resource(model=None))
    assert not matches(Filter(tags={"none": ""}), resource())


@given(ids, ids)
def test_nothing_is_in_at_no_rate_and_everything_at_the_whole(evaluator_id: str, generation_id: str) -> None:
    assert not sampled(evaluator_id, generation_id, 0)
    assert sampled(evaluator_id, generation_id, 1)


@given(ids, ids, rates, rates)
def test_who_is_in_stays_in_at_a_higher_rate(evaluator_id: str, generation_id: str, one: float, other: float) -> None:
    lower, higher = sorted((one, other))
    assert sampled(evaluator_id, generation_id, lower) == sampled(evaluator_id, generation_id, lower)
    assert sampled(evaluator_id, generation_id, higher) or not sampled(evaluator_id, generation_id, lower)


@given(ids, st.floats(0.05, 0.95))
def test_the_share_is_about_the_rate(evaluator_id: str, rate: float) -> None:
    """Of 2,000 generations five standard deviations at most beside it."""
    share = sum(sampled(evaluator_id, f"gen_{number}", rate) for number in range(2000)) / 2000
    assert abs(share - rate) < 5 * (rate * (1 - rate) / 2000) ** 0.5


def test_two_evaluators_draw_apart() -> None:
    drawn = [(sampled("a", f"g{n}", 0.5), sampled("b", f"g{n}", 0.5)) for n in range(1000)]
    assert 150 < sum(one and other for one, other in drawn) < 350


def one(evaluator_id: str, version: int = 1) -> Evaluator:
    """An evaluator of that id and version."""
    return Evaluator(evaluator_id, version, "regex", {"pattern": "x"}, "key", AT)


@given(ids, ids)
def test_a_score_id_is_an_id(evaluator_id: str, generation_id: str) -> None:
    assert check_identifier(score_id_of(one(evaluator_id), generation_id))


def test_a_score_id_is_of_evaluator_version_and_generation() -> None:
    made = [
        score_id_of(one("a"), "g"),
        score_id_of(one("a", 2), "g"),
        score_id_of(one("b"), "g"),
        score_id_of(one("a"), "h"),
        score_id_of(one("a1"), "g"),
        score_id_of(one("a", 11), "g"),
        score_id_of(one("a", 1), "1g"),
    ]
    assert len(set(made)) == len(made)
    assert made[0] == score_id_of(one("a"), "g") == "eval_127b073216bc8f73a34702670e9e45e4530d93b7"
