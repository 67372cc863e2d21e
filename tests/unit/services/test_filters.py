"""Filters: the narrowest list that holds every match, and the match itself."""

from typing import Any

import pytest

from chalicelib.domain.generation import Generation, ModelRef
from chalicelib.domain.resource import Findings, Receipt, summarise
from chalicelib.services.filters import FIELDS, Filters
from tests.contract.samples import NOON

GENERATION = Generation(
    id="g",
    source="sigil",
    agent_name="agent",
    conversation_id="c",
    session_id="s",
    person_id="p",
    trace_id="t",
    model=ModelRef(provider="openai", name="gpt"),
    tags={"env": "prod", "empty": ""},
)
FLAG = {"root_generation_id": "r", "reasons": ["failed_evaluation"], "evaluators": ["e"], "via": "", "flagged_at": NOON}
SUMMARY = {
    **summarise(GENERATION, Receipt("tenant", NOON), Findings(effective_version="v")),
    "verdict": "pass",
    "flagged": True,
    "flags": [FLAG],
}
MATCHING = {
    "status": "completed",
    "source": "sigil",
    "agent_name": "agent",
    "effective_version": "v",
    "conversation_id": "c",
    "trace_id": "t",
    "session_id": "s",
    "person_id": "p",
    "model": "gpt",
    "provider": "openai",
    "verdict": "pass",
    "flagged": "true",
    "reason": "failed_evaluation",
}


@pytest.mark.parametrize("name", FIELDS)
def test_each_filter_matches_its_own_value_only(name: str) -> None:
    assert Filters({name: "another"}).match(SUMMARY) is False
    if name in MATCHING:
        assert Filters({name: MATCHING[name]}).match(SUMMARY) is True


def test_every_filter_is_in_one_of_the_two_tables() -> None:
    assert set(FIELDS) == {*MATCHING, "initiator_generation_id", "error_code"}


def test_what_nothing_flags_has_neither_flags_nor_reasons() -> None:
    healthy = {**SUMMARY, "verdict": "unknown", "flagged": False, "flags": []}
    assert Filters({"flagged": "false", "verdict": "unknown"}).match(healthy) is True
    for name in ("flagged", "reason", "verdict"):
        assert Filters({name: MATCHING[name]}).match(healthy) is False


def test_a_reason_of_any_flag_matches() -> None:
    twice = {**SUMMARY, "flags": [FLAG, {**FLAG, "reasons": ["failed_evaluation", "failed_generation"]}]}
    assert Filters({"reason": "failed_generation"}).match(twice) is True
    assert Filters({"reason": "failed_generation"}).match(SUMMARY) is False


def test_an_error_without_a_code_has_none() -> None:
    failed = {**SUMMARY, "error": {"message": "boom"}}
    assert Filters({"error_code": "X"}).match(failed) is False
    assert Filters({"error_code": "X"}).match({**SUMMARY, "error": {"code": "X"}}) is True


def test_all_filters_must_hold() -> None:
    assert Filters(MATCHING, {"env": "prod", "empty": ""}).match(SUMMARY) is True
    assert Filters(MATCHING, {"env": "test"}).match(SUMMARY) is False
    assert Filters(MATCHING, {"absent": ""}).match(SUMMARY) is False
    assert Filters({**MATCHING, "model": "other"}, {"env": "prod"}).match(SUMMARY) is False
    assert Filters().match(SUMMARY) is True


LISTS: list[tuple[dict[str, str], dict[str, str], tuple[str, str] | None, bool]] = [
    ({}, {}, None, True),
    ({"agent_name": "a"}, {}, ("agent", "a"), True),
    ({"effective_version": "v", "agent_name": "a"}, {}, ("version", "v"), False),
    ({"agent_name": "a", "conversation_id": "c"}, {}, ("conversation", "c"), False),
    ({"person_id": "p", "session_id": "s", "trace_id": "t"}, {}, ("trace", "t"), False),
    ({"status": "failed"}, {}, ("status", "failed"), True),
    ({"status": "completed"}, {}, None, False),
    ({"model": "m"}, {}, None, False),
    ({}, {"env": "prod"}, ("tag:env", "prod"), True),
    ({}, {"other": "x"}, None, False),
    ({}, {"other": "x", "env": "prod"}, ("tag:env", "prod"), False),
    ({"status": "failed"}, {"env": "prod"}, ("tag:env", "prod"), False),
    ({"root": "r"}, {}, ("root", "r"), True),
    ({"root": "r", "conversation_id": "c"}, {}, ("root", "r"), False),
    ({"flagged": "true"}, {}, None, False),
    ({"verdict": "fail", "agent_name": "a"}, {}, ("agent", "a"), False),
]


@pytest.mark.parametrize(("fields", "tags", "best", "served"), LISTS)
def test_the_narrowest_list_is_read(fields: Any, tags: Any, best: Any, served: bool) -> None:
    filters = Filters(fields, tags, ("env", "team"))
    assert filters.best_list() == best
    assert filters.served_by_list() is served
