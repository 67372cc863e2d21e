"""Content and its hash: what counts as the same generation."""

import json
from typing import Any

import pytest

from chalicelib.domain.content import canonical_json, content_hash, from_stored_json
from chalicelib.domain.free_form import Unreadable, normal
from chalicelib.domain.generation import Generation, Message, Part, ToolResult, Usage


def generation(**fields: Any) -> Generation:
    return Generation(id="g", source="sigil", **fields)


def digest(**fields: Any) -> str:
    return content_hash(canonical_json(generation(**fields)))


def test_the_content_is_compact_json_with_sorted_keys_and_nothing_that_was_not_sent() -> None:
    content = canonical_json(generation(usage=Usage(output_tokens=0), thinking_enabled=False, tags={"b": "é", "a": ""}))
    assert content.decode() == (
        '{"id":"g","source":"sigil","tags":{"a":"","b":"é"},"thinking_enabled":false,"usage":{"output_tokens":0}}'
    )


def test_the_hash_is_the_same_for_ever() -> None:
    """A literal: retries of what was stored long ago must still be recognised."""
    told = generation(input=(Message(role="user", parts=(Part(text="Grüße 😀"),)),), metadata={"n": 1.0, "m": 1e300})
    assert content_hash(canonical_json(told)) == "2cdac679a5ba197d45e3c8b850bd54aa899fd78af9c02943c391ada57bec6a17"


@pytest.mark.parametrize(
    ("one", "other"),
    [(2.0, 2), (-0.0, 0), (1e20, 10**20), (2.0**80, 2**80), ([1.0, {"a": 3.0}], [1, {"a": 3}]), (1e308, int(1e308))],
)
def test_equal_numbers_in_the_metadata_hash_alike(one: Any, other: Any) -> None:
    assert digest(metadata={"n": one}) == digest(metadata={"n": other})


@pytest.mark.parametrize("number", [12345678901234567891, 10**25, 2**64, -(2**63) - 1, 0.1, 1e22, 2**80])
def test_no_number_loses_its_value(number: float) -> None:
    content = canonical_json(generation(metadata={"n": number}))
    assert json.loads(content)["metadata"]["n"] == number
    assert from_stored_json(content).metadata["n"] == number


def test_booleans_and_numbers_stay_apart() -> None:
    assert digest(metadata={"n": True}) != digest(metadata={"n": 1})


def test_a_count_of_zero_is_kept_but_counts_as_not_sent() -> None:
    assert from_stored_json(canonical_json(generation(usage=Usage(input_tokens=0)))).usage == Usage(input_tokens=0)
    assert digest(usage=Usage(input_tokens=0)) == digest(usage=Usage())
    assert digest(max_tokens=0) != digest()
    assert digest(metadata={"input_tokens": 0}) != digest(metadata={})


def test_an_error_mark_of_false_is_kept_but_counts_as_not_sent() -> None:
    def answered(*, is_error: bool | None) -> str:
        return digest(input=(Message(parts=(Part(tool_result=ToolResult(name="t", is_error=is_error)),)),))

    assert answered(is_error=False) == answered(is_error=None)
    assert answered(is_error=True) != answered(is_error=None)


def test_text_that_utf8_cannot_hold_is_mended() -> None:
    assert json.loads(canonical_json(generation(system_prompt="a\ud83d", metadata={"\udc00": "\ud800"}))) == {
        "id": "g",
        "source": "sigil",
        "system_prompt": "a\ufffd",
        "metadata": {"\ufffd": "\ufffd"},
    }


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**309, b"", {1: 2}, {"a": {1, 2}}, Unreadable("is odd"), object()]
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^(contains a number out of range|is not a JSON value|is odd)$"):
        canonical_json(generation(metadata={"n": value}))


def test_nesting_is_bounded() -> None:
    value: Any = 1
    for _ in range(100):
        value = [value]
    assert normal(value) == value
    with pytest.raises(ValueError, match=r"^is nested over 100 levels$"):
        normal([value])
