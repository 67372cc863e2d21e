"""No step and no rating, however broken, does anything but be read or be refused; spelling makes no difference."""

import copy
import json
from typing import Any
from unittest.mock import Mock

from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from chalicelib.api.json_body import parse_json
from chalicelib.api.sigil.ratings import read_rating
from chalicelib.api.sigil.steps import StepRejected, read_step, read_steps
from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.rating import BAD, GOOD, rating_hash
from chalicelib.domain.workflow_step import WorkflowStep, content_of, from_content, labels_of, step_hash
from tests.properties.generations import FILLED, IDS, JSON, TIMES
from tests.properties.test_hostile_bodies import ANY_TEXT, ANYTHING
from tests.properties.test_voker_bodies import outcome

OBJECTS = st.dictionaries(FILLED, JSON, max_size=3)
LISTS = st.lists(IDS, max_size=3)
STEPS = st.fixed_dictionaries(
    {"id": IDS, "conversation_id": IDS, "step_name": IDS},
    optional={
        "framework": IDS,
        "started_at": TIMES,
        "completed_at": TIMES,
        "input_state": OBJECTS,
        "output_state": OBJECTS,
        "error": FILLED,
        "tags": st.dictionaries(IDS, IDS, max_size=2),
        "linked_generation_ids": LISTS,
        "parent_step_ids": LISTS,
        "agent_name": IDS,
        "agent_version": IDS,
        "trace_id": IDS,
        "span_id": IDS,
        "metadata": OBJECTS,
    },
)
NAMES = st.sampled_from([*WorkflowStep.model_fields, "inputState", "unrecognized"])
RATING_NAMES = st.sampled_from(
    ["rating_id", "rating", "comment", "metadata", "generation_id", "raterId", "source", "x"]
)
RATING = {"rating_id": "r", "rating": GOOD}


def judged(item: Any) -> None:
    """Reads an item; what comes out is a refusal to show or a step to store."""
    (outcome,) = read_steps({"workflow_steps": [item]})
    if isinstance(outcome, StepRejected):
        assert outcome.error.startswith("workflow_step")
        assert "pydantic" not in outcome.error
        assert len(outcome.error) < 200
        json.dumps([outcome.error, outcome.step_id], ensure_ascii=False).encode()
        return
    said = {name: getattr(outcome, name) for name in ("input_state", "output_state", "error", "metadata")}
    assert from_content(content_of(outcome)) == said
    json.dumps(labels_of(outcome), ensure_ascii=False).encode()
    assert len(step_hash(outcome)) == 64


@given(ANYTHING | st.dictionaries(NAMES | ANY_TEXT, ANYTHING, max_size=5))
def test_any_value_as_a_step_is_read_or_refused(item: Any) -> None:
    judged(item)


@given(STEPS, NAMES | ANY_TEXT, ANYTHING)
def test_a_valid_step_with_one_field_replaced_is_read_or_refused(step: dict[str, Any], name: str, odd: Any) -> None:
    judged({**step, name: odd})


@given(ANYTHING | st.dictionaries(st.sampled_from(["workflow_steps", "workflowSteps"]), ANYTHING))
def test_any_body_is_read_or_refused(body: Any) -> None:
    try:
        results = read_steps(body)
    except (Malformed, TooLarge):
        return
    assert all(isinstance(result, WorkflowStep | StepRejected) for result in results)


@given(STEPS)
def test_either_spelling_and_any_order_is_the_same_step(step: dict[str, Any]) -> None:
    spelled = {to_camel(name): copy.deepcopy(step[name]) for name in reversed(step)}
    first, second = read_step(step), read_step(spelled)
    assert first == second
    assert step_hash(first) == step_hash(second)


@given(STEPS, STEPS)
def test_steps_hash_alike_exactly_when_they_are_alike(first: dict[str, Any], second: dict[str, Any]) -> None:
    one, other = read_step(first), read_step(second)
    assert (step_hash(one) == step_hash(other)) == (one == other)


@given(st.integers(1, 3_000), st.booleans(), NAMES)
def test_any_depth_costs_only_its_step(levels: int, in_lists: bool, name: str) -> None:
    deep = "[" * levels + "]" * levels if in_lists else '{"a":' * levels + "1" + "}" * levels
    good = '{"id":"b","conversation_id":"c","step_name":"s"}'
    body = f'{{"workflow_steps":[{{"id":"a","conversation_id":"c","step_name":"s","{name}":{deep}}},{good}]}}'
    first, second = read_steps(parse_json(body.encode()))
    assert isinstance(first, WorkflowStep | StepRejected)
    assert levels < 99 or isinstance(first, StepRejected)
    assert isinstance(second, WorkflowStep)


@given(ANYTHING | st.dictionaries(RATING_NAMES | ANY_TEXT, ANYTHING, max_size=4).map(lambda odd: {**RATING, **odd}))
def test_any_rating_is_read_or_refused_in_plain_words(body: Any) -> None:
    said = outcome(lambda: read_rating(Mock(json=lambda _: body)), "")
    if said is None:
        return
    assert said.verdict in {GOOD, BAD}
    assert len(rating_hash(said.verdict, said.generation_id, said.document)) == 64
    assert len(json.dumps(dict(said.document), ensure_ascii=False, allow_nan=False).encode()) < 30_000
