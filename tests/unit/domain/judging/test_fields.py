"""Naming what of a generation is judged."""

import pytest

from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.fields import NAMES, check_field, check_numeric_field, text_of, value_of
from tests.unit.domain.judging.samples import resource

VALUES = {
    "completion": "Hello, world",
    "completion.length": 12,
    "prompt": "Hi",
    "system_prompt": None,
    "system_prompt.length": None,
    "output.length": 1,
    "stop_reason": "stop",
    "status": "completed",
    "error.message": None,
    "error.message.length": None,
    "model.name": "gpt-5",
    "usage.input_tokens": 10,
    "usage.reasoning_tokens": None,
    "token_count": 30,
    "latency_ms": 250,
    "cost_usd": 0.002,
    "metadata.score": 0.5,
    "metadata.a.b": [1, 2],
    "metadata.none": None,
    "tags.env": "prod",
    "tags.team.name": "a",
}


@pytest.mark.parametrize(("name", "value"), VALUES.items())
def test_a_name_is_the_path_in_the_resource(name: str, value: Json) -> None:
    assert check_field(name) == name
    assert value_of(resource(), name) == value


def test_a_failed_generation_has_an_error() -> None:
    failed = resource(call_error="broken", error_code="rate_limited")
    assert [value_of(failed, name) for name in ("error.message", "error.code", "error.message.length")] == [
        "broken",
        "rate_limited",
        6,
    ]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_is_one_of_the_resource(name: str) -> None:
    """None of them breaks on a generation that has nothing, and none is a slip of the pen."""
    value_of(resource(output=(), input=(), model=None, usage=None, tags={}, metadata={}), name)
    if not name.endswith(".length"):
        shown = resource(call_error="x", error_code="y")
        head, _, rest = name.partition(".")
        assert not rest or rest in shown[head]
        assert head in shown


@pytest.mark.parametrize(
    "name", ["", "x", "metadata.", "completion.x", "usage", "model", "tenant_id", "tags." + "x" * 300]
)
def test_what_is_no_field_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no field"):
        check_field(name)


@pytest.mark.parametrize("name", ["completion", "stop_reason", "tags.x", "metadata", "output"])
def test_what_holds_no_number_has_no_threshold(name: str) -> None:
    with pytest.raises(ValueError, match="no field that holds a number"):
        check_numeric_field(name)


def test_what_is_no_text_is_searched_as_json() -> None:
    assert (text_of("a\ud800"), text_of({"a": [1, "é"]}), text_of(True)) == ("a\ufffd", '{"a":[1,"é"]}', "true")
