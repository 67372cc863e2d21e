"""The pure kinds of evaluators at work."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.evaluator import Evaluator, Judgement, JudgingFailed
from chalicelib.domain.judging.fields import DEFAULT, value_of
from chalicelib.domain.judging.regex import judge_text
from chalicelib.domain.judging.schema import judge_json
from chalicelib.domain.judging.threshold import judge_number

_JUDGES = {"regex": judge_text, "json_schema": judge_json, "threshold": judge_number}
PURE = frozenset(_JUDGES)


def judge(evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
    """What an evaluator of a pure kind says of a generation, given as its full resource.

    Raises:
        JudgingFailed: the generation has not the field that is judged, or a limit was reached.
    """
    name = evaluator.config.get("field", DEFAULT)
    value = value_of(resource, name)
    if value is None:
        message = f"the generation has no {name}"
        raise JudgingFailed(message)
    return _JUDGES[evaluator.kind](evaluator.config, value)
