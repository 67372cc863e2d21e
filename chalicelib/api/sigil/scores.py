"""From one JSON body of `POST scores:export` to scores, item by item."""

from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError
from pydantic.alias_generators import to_camel

from chalicelib.api.faults import validated
from chalicelib.api.limits import items_of
from chalicelib.api.scalars import Identifier, Text, Time
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import MAX_LEVELS, Json, Unreadable, normal
from chalicelib.services.ports import Score
from chalicelib.services.ports.lineage import OWN_PREFIX

MOST_DOCUMENT = 100_000
REQUIRED = ("score_id", "generation_id", "evaluator_id", "evaluator_version", "score_key")
KINDS: dict[str, tuple[type, ...]] = {"number": (int, float), "bool": (bool,), "string": (str,)}


class ScoreRejected(Malformed):
    """One score cannot be taken in; `score_id` is its id as far as it has one."""

    def __init__(self, score_id: str, error: str) -> None:
        super().__init__(error)
        self.score_id = score_id
        self.error = error


class WireScore(BaseModel):
    """One element of `scores`; unknown fields are kept."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, populate_by_name=True, defer_build=True)

    score_id: Identifier = None
    generation_id: Identifier = None
    evaluator_id: Identifier = None
    evaluator_version: Identifier = None
    score_key: Identifier = None
    value: dict[str, Any] | None = None
    passed: StrictBool | None = None
    explanation: Text | None = None
    metadata: dict[str, Any] | None = None
    created_at: Time = None
    conversation_id: Identifier = None
    trace_id: Identifier = None
    source: Any = None


def read_scores(body: object, now: str) -> list[Score | ScoreRejected]:
    """The scores of a parsed body in its order; `now` is the time of those that have none.

    Raises:
        Malformed: the body is no object, or its `scores` no list.
        TooLarge: over 1,000 items.
    """
    return [_outcome(item, now) for item in items_of(body, "scores")]


def _outcome(item: Json, now: str) -> Score | ScoreRejected:
    try:
        return _read(item, now)
    except ScoreRejected as rejected:
        return rejected


def _read(raw: Json, now: str) -> Score:
    if not isinstance(raw, dict):
        raise ScoreRejected("", raw.reason if isinstance(raw, Unreadable) else "score must be an object")
    own_id = raw.get("score_id", raw.get("scoreId"))
    own_id = own_id if isinstance(own_id, str) else ""
    try:
        document = _document(raw, now)
    except ValidationError as error:
        raise ScoreRejected(own_id, _fault(error)) from None
    except ValueError as error:
        raise ScoreRejected(own_id, str(error)) from None
    return Score.of(document)


def _document(raw: dict[str, Any], now: str) -> dict[str, Any]:
    wire = validated(WireScore, raw)
    for name in REQUIRED:
        if getattr(wire, name) is None:
            raise ValueError(f"{name} is required")
    document: dict[str, Any] = normal(wire.model_dump(), MAX_LEVELS)
    if document["score_id"].startswith(OWN_PREFIX):
        reason = f"score_id must not begin with {OWN_PREFIX}, as the scores of evaluators do"
        raise ValueError(reason)
    document["value"] = _value(wire.value)
    document["created_at"] = wire.created_at or now
    document["metadata"] = document["metadata"] or {}
    if len(str(document)) > MOST_DOCUMENT:
        raise ValueError(f"a score may have at most {MOST_DOCUMENT:,} characters")
    return document


def _value(value: dict[str, Any] | None) -> dict[str, Any]:
    """Exactly one of number, bool and string, of that type."""
    given = {name: each for name, each in (value or {}).items() if each is not None}
    if not given:
        raise ValueError("score value is required")
    if len(given) > 1:
        raise ValueError("score value must contain exactly one type")
    [(name, each)] = given.items()
    if name not in KINDS or not isinstance(each, KINDS[name]) or (name == "number" and isinstance(each, bool)):
        raise ValueError("score value must be {number}, {bool} or {string}")
    return {name: each}


def _fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    path = ".".join(str(step) for step in fault["loc"])
    if isinstance(fault["input"], Unreadable):
        return f"{path}: {fault['input'].reason}"
    return f"{path}: {fault['msg'] if fault['type'] == 'reason' else 'is invalid'}"
