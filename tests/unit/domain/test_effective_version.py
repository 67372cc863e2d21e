"""The effective version is a contract with other servers: to the byte, for every vector."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.effective_version import (
    canonical_version_json,
    effective_version,
    token_estimate,
    tool_token_estimate,
)
from chalicelib.domain.generation import Tool

VECTORS = json.loads((Path(__file__).parents[2] / "data/sigil/effective_version_vectors.json").read_bytes())
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def tool_of(schema: bytes, **fields: Any) -> Tool:
    """A tool as the ways in make it: a schema that is no text is kept in base64."""
    try:
        return Tool(input_schema_json=schema.decode(), **fields)
    except UnicodeDecodeError:
        return Tool(input_schema_base64=base64.b64encode(schema).decode(), **fields)


TOOLS = st.builds(
    tool_of,
    st.one_of(TEXTS.map(str.encode), st.binary(max_size=6)),
    name=TEXTS,
    description=TEXTS,
    type=TEXTS,
    deferred=st.booleans(),
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["label"]))
def test_every_published_vector_comes_out_to_the_byte(vector: dict[str, Any]) -> None:
    tools = [
        tool_of(base64.b64decode(tool.pop("input_schema_json", "")), **tool) for tool in map(dict, vector["tools"])
    ]
    assert canonical_version_json(vector["system_prompt"], tools) == base64.b64decode(vector["canonical_b64"])
    assert effective_version(vector["system_prompt"], tools) == vector["effective_version"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "a", "type": "z"}, {"name": "b", "type": "a"}),
        ({"type": "a", "description": "z"}, {"type": "b", "description": "a"}),
        ({"description": "a", "deferred": True}, {"description": "b"}),
        ({"deferred": False, "input_schema_json": "z"}, {"deferred": True, "input_schema_json": "a"}),
        ({"input_schema_json": "a"}, {"input_schema_json": "b"}),
        ({"name": "Z"}, {"name": "a"}),
        ({"name": "\uffff"}, {"name": "\U00010000"}),
    ],
)
def test_tools_are_sorted_by_name_type_description_deferred_schema(first: Any, second: Any) -> None:
    one, other = Tool(**first), Tool(**second)
    assert canonical_version_json("", [other, one]) == canonical_version_json("", [one, other])
    assert canonical_version_json("", [other, one]).startswith(canonical_version_json("", [one])[:-2])


def test_no_prompt_is_the_empty_prompt() -> None:
    assert effective_version(None, []) == effective_version("", [])


@given(TEXTS, st.lists(TOOLS, max_size=4).flatmap(lambda tools: st.tuples(st.just(tools), st.permutations(tools))))
def test_the_order_of_the_tools_does_not_matter(prompt: str, orders: tuple[list[Tool], list[Tool]]) -> None:
    assert effective_version(prompt, orders[0]) == effective_version(prompt, orders[1])


@given(st.tuples(TEXTS, st.lists(TOOLS, max_size=3)), st.tuples(TEXTS, st.lists(TOOLS, max_size=3)))
def test_everything_else_matters(one: tuple[str, list[Tool]], other: tuple[str, list[Tool]]) -> None:
    def readable(agent: tuple[str, list[Tool]]) -> tuple[str, list[str]]:
        return agent[0], sorted(tool.model_dump_json() for tool in agent[1])

    # Only bytes that are no text may fall together: each reads as U+FFFD.
    assume(all(tool.input_schema_base64 is None for tool in (*one[1], *other[1])))
    assert (effective_version(*one) == effective_version(*other)) == (readable(one) == readable(other))


@given(st.binary(max_size=12))
def test_each_byte_that_begins_no_character_is_one_escape(schema: bytes) -> None:
    text = json.loads(canonical_version_json("", [tool_of(schema)]))["tools"][0]["input_schema_json"]
    assert text == go_string(schema)


def go_string(data: bytes) -> str:
    """What Go makes of bytes as a string: the longest valid character at each place, else one U+FFFD for one byte."""
    text = ""
    while data:
        for width in (1, 2, 3, 4):
            try:
                text += data[:width].decode()
            except UnicodeDecodeError:
                continue
            data = data[width:]
            break
        else:
            text += "\ufffd"
            data = data[1:]
    return text


@pytest.mark.parametrize(("text", "tokens"), [("", 0), (" \n", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("😀" * 8, 2)])
def test_tokens_are_a_quarter_of_the_code_points_rounded_up(text: str, tokens: int) -> None:
    assert token_estimate(text) == tokens


def test_a_tool_is_estimated_over_its_four_texts() -> None:
    assert tool_token_estimate(Tool(name="ab", description="c", type="d", input_schema_json="{}")) == 3
    assert tool_token_estimate(Tool()) == 0
