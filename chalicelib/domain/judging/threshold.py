"""Comparing a number of a generation with one that was configured."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.evaluator import Judgement, JudgingFailed

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


def judge_number(config: Mapping[str, Any], value: object) -> Judgement:
    """Whether a number stands as configured to another. Raises JudgingFailed for what is no finite number."""
    name, comparison, limit = config["field"], config["op"], config["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
        message = f"{name} is no number"
        raise JudgingFailed(message)
    passed = OPERATORS[comparison](value, limit)
    said = f"{name} is {value!r:.40}, {'as' if passed else 'not'} {comparison} {limit!r:.40}"
    return Judgement(value, passed, said)
