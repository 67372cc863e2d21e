"""Judging JSON by a JSON Schema, Draft 2020-12, that `schema_check.py` has taken."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.evaluator import Judgement
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.judging.json_text import NotJson, read_json
from chalicelib.domain.judging.schema_dialect import bounded, first_fault, nothing_else

MOST_EXPLANATION = 1_000


def judge_json(config: Mapping[str, Any], value: Json) -> Judgement:
    """Whether a value, or the JSON that a text holds, fits the schema of a `json_schema` evaluator.

    A text that is no JSON does not. Raises JudgingFailed when a limit is reached.
    """
    try:
        found = read_json(value) if isinstance(value, str) else normal(value)
    except NotJson as error:
        return Judgement(False, False, str(error))  # the value that is stored
    schema = normal(config["schema"])
    fault = bounded(lambda: first_fault(schema, found, nothing_else()))
    return Judgement(not fault, not fault, fault[:MOST_EXPLANATION] or "fits the schema")
