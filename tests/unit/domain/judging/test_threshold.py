"""Numbers compared."""

from typing import Any

import pytest

from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.domain.judging.judge import judge
from tests.unit.domain.judging.samples import evaluator, resource


@pytest.mark.parametrize(
    ("op", "below", "same", "above"),
    [
        ("lt", False, False, True),
        ("lte", False, True, True),
        ("gt", True, False, False),
        ("gte", True, True, False),
        ("eq", False, True, False),
        ("ne", True, False, True),
    ],
)
def test_every_comparison(op: str, below: bool, same: bool, above: bool) -> None:
    """The measured 250 ms against a limit below, the same and above."""
    for limit, expected in ((249.5, below), (250, same), (251, above)):
        given = judge(evaluator("threshold", {"field": "latency_ms", "op": op, "value": limit}), resource())
        assert (given.value, given.passed) == (250, expected)


def test_the_explanation_names_both_numbers() -> None:
    given = judge(evaluator("threshold", {"field": "cost_usd", "op": "lt", "value": 0.001}), resource())
    assert given.explanation == "cost_usd is 0.002, not lt 0.001"


@pytest.mark.parametrize(
    ("field", "metadata"),
    [
        ("usage.reasoning_tokens", {}),
        ("metadata.x", {}),
        ("metadata.x", {"x": True}),
        ("metadata.x", {"x": "5"}),
        ("metadata.x", {"x": [5]}),
        ("metadata.x", {"x": float("nan")}),
        ("metadata.x", {"x": float("inf")}),
    ],
)
def test_what_is_no_number_gives_no_verdict(field: str, metadata: dict[str, Any]) -> None:
    with pytest.raises(JudgingFailed):
        judge(evaluator("threshold", {"field": field, "op": "lt", "value": 1}), resource(metadata=metadata))


def test_a_number_beyond_every_double_is_compared_exactly() -> None:
    given = judge(
        evaluator("threshold", {"field": "metadata.x", "op": "gt", "value": 1e308}), resource(metadata={"x": 10**4000})
    )
    assert given.passed
    assert len(given.explanation) < 200
