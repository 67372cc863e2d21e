"""Patterns: verdicts, and no pattern or text that makes one slow."""

import random
from typing import Any

import pytest

from chalicelib.domain.evaluator import Judgement, JudgingFailed
from chalicelib.domain.judging.judge import judge
from chalicelib.domain.judging.regex import MOST_WORK, Pattern, judge_text
from tests.unit.domain.judging.cpu import outcome
from tests.unit.domain.judging.samples import evaluator, resource


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"pattern": "world"}, Judgement(True, True, "the pattern matches at character 7")),
        ({"pattern": "^world"}, Judgement(False, False, "the pattern matches nowhere")),
        ({"pattern": "WORLD"}, Judgement(False, False, "the pattern matches nowhere")),
        ({"pattern": "WORLD", "ignore_case": True}, Judgement(True, True, "the pattern matches at character 7")),
        ({"pattern": "world", "expect": "no_match"}, Judgement(True, False, "the pattern matches at character 7")),
        ({"pattern": "sorry", "expect": "no_match"}, Judgement(False, True, "the pattern matches nowhere")),
        ({"pattern": "^Hi$", "field": "prompt"}, Judgement(True, True, "the pattern matches at character 0")),
        ({"pattern": '"text":"Hello', "field": "output"}, Judgement(True, True, "the pattern matches at character 31")),
        ({"pattern": "^250$", "field": "latency_ms"}, Judgement(True, True, "the pattern matches at character 0")),
    ],
)
def test_verdicts(config: dict[str, Any], expected: Judgement) -> None:
    assert judge(evaluator("regex", config), resource()) == expected


def test_characters_are_counted_and_not_bytes() -> None:
    assert Pattern("!").found_at("äöü!") == 3


def test_a_field_that_is_not_there_gives_no_verdict() -> None:
    with pytest.raises(JudgingFailed, match="no system_prompt") as raised:
        judge(evaluator("regex", {"pattern": "x", "field": "system_prompt"}), resource())
    assert not raised.value.again


HOSTILE = ["(a+)+$", "(a|a)*$", "(.*)*$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|b)*a(a|b){300}c", "(a?){500}b"]


@pytest.mark.parametrize("pattern", HOSTILE)
@pytest.mark.parametrize("characters", [30, 50_000, 1_000_000, 10_000_000])
def test_no_pattern_and_no_text_takes_long(pattern: str, characters: int) -> None:
    """Ten megabytes are searched where the pattern is small; with a large one they are refused."""
    text = "".join(random.Random(1).choices("ab", k=1000)) * (characters // 1000) + "!"
    said = outcome(lambda: judge_text({"pattern": pattern}, text))
    assert said.startswith(("the pattern matches", "the text is too long for this pattern"))


def test_the_bound_is_on_text_times_pattern() -> None:
    assert Pattern("c").found_at("a" * 10_000_000) is None
    with pytest.raises(JudgingFailed, match="too long"):
        Pattern("(?:abc){100}").found_at("a" * (MOST_WORK // 300))


def test_a_lone_surrogate_is_searched_around() -> None:
    assert judge_text({"pattern": "b"}, "a\ud800b").value is True
