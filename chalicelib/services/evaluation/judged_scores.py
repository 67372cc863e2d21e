"""What an evaluator has said, as the score that is stored."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.evaluator import Evaluator, Judgement
from chalicelib.domain.judging.matching import score_id_of
from chalicelib.domain.times import format_time, to_datetime
from chalicelib.services.ports import Score


def judged_at(evaluator: Evaluator, received_at: str) -> str:
    """The `created_at` of a score: the same at every delivery, and later for every later version.

    A verdict is the latest score of an evaluator and key. Versions are made one after the other, so that neither of
    the two times here goes back from one to the next; a microsecond for each version parts those for which both are
    equal. Whenever a message arrives, a score of an earlier version never supersedes one of a later.
    """
    latest = to_datetime(max(evaluator.created_at, received_at))
    return format_time(latest + timedelta(microseconds=evaluator.version))


def score_of(evaluator: Evaluator, resource: Mapping[str, Any], judgement: Judgement) -> Score:
    """The score that stands for a judgement."""
    return Score.of(
        {
            "score_id": score_id_of(evaluator, resource["id"]),
            "generation_id": resource["id"],
            "evaluator_id": evaluator.id,
            "evaluator_version": str(evaluator.version),
            "score_key": evaluator.score_key,
            "value": _typed(judgement.value),
            "passed": judgement.passed,
            "explanation": judgement.explanation,
            "metadata": {},
            "created_at": judged_at(evaluator, resource["created_at"]),
            "conversation_id": resource["conversation_id"],
            "trace_id": resource["trace_id"],
            "source": {"kind": "evaluator", "id": evaluator.id},
        }
    )


def _typed(value: float | bool | str) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"bool": value}
    return {"string": value} if isinstance(value, str) else {"number": value}
