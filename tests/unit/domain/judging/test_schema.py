"""Verdicts of JSON schemas: those of jsonschema itself, where it may be asked."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chalicelib.domain.evaluator import Judgement, JudgingFailed
from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.judge import judge
from chalicelib.domain.judging.schema import judge_json
from chalicelib.domain.judging.schema_check import check_schema
from tests.unit.domain.judging.samples import evaluator, resource

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name"],
    "additionalProperties": False,
}


def said(completion: str, schema: Json = PERSON) -> Judgement:
    """What a schema says of a completion."""
    return judge(evaluator("json_schema", {"schema": schema}), resource(completion=completion))


@pytest.mark.parametrize(
    ("completion", "explanation"),
    [
        ('{"name": "Ada", "age": 36.0}', "fits the schema"),
        ('```json\n{"name": "Ada"}\n```', "fits the schema"),
        ('\n ```\n{"name": "a ``` b"}\n```\n', "fits the schema"),
        ('{"name": "Ada", "age": -1}', "/age: must be 0 (minimum)"),
        ('{"age": 1}', 'the value: "name" is not there (required)'),
        ('{"name": "Ada", "a/b": 1}', "/a~1b: is not allowed (additionalProperties)"),
        ('{"name": 5}', "/name: must be string (type)"),
        ("Hello", "no JSON: Expecting value at character 0"),
        ("", "no JSON: Expecting value at character 0"),
        ('Here: ```json\n{"name": "Ada"}\n```', "no JSON: Expecting value at character 0"),
        ('```json\n{"name": "Ada"}\n```\n```json\n{}\n```', "no JSON: Extra data at character 16"),
        ("NaN", "no JSON: NaN"),
        ('{"name": "Ada"', "no JSON: Expecting ',' delimiter at character 14"),
    ],
)
def test_verdicts(completion: str, explanation: str) -> None:
    fits = explanation == "fits the schema"
    assert said(completion) == Judgement(fits, fits, explanation)


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ("1e999", "out of range"),
        ("9" * 5000, "out of range"),
        ("9" * 400, "out of range"),
        ("[" * 101 + "]" * 101, "nested over 100 levels"),
        ("[" * 200_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('"' + "x" * 600_000 + '"', "too long"),
    ],
)
def test_what_is_more_than_can_be_judged_gets_no_verdict(completion: str, reason: str) -> None:
    with pytest.raises(JudgingFailed, match=reason):
        said(completion)


def test_a_field_may_be_a_value_already() -> None:
    config = {"schema": {"type": "array", "maxItems": 1}, "field": "metadata.a.b"}
    assert judge(evaluator("json_schema", config), resource()).explanation == "the value: must be 1 (maxItems)"


def test_an_explanation_is_short_whatever_is_in_schema_and_value() -> None:
    long = "x" * 5000
    for schema, value in (
        ({"const": long}, long + "y"),
        ({"enum": [long, [long], *range(5000)]}, "z"),
        ({"required": [long]}, {}),
        ({"properties": {long: False}}, {long: long}),
        ({"additionalProperties": {"type": "null"}}, {long: long}),
        ({"pattern": "x" * 4000}, "y"),
    ):
        judged = said(json.dumps(value), schema)
        assert not judged.passed
        assert 0 < len(judged.explanation) <= 1000


def test_format_is_a_note() -> None:
    assert said('"nobody"', {"format": "email"}).passed


EQUAL = [(1, 1.0), ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}), ([], []), ("é", "\u00e9"), (10**21, 1e21)]
UNEQUAL = [(1, "1"), (1, True), (0, False), (None, "null"), ([1], [True]), ({"a": 1}, {"a": 2}), ([], {}), ("a", ["a"])]


@pytest.mark.parametrize(
    ("one", "other", "same"), [(*pair, same) for same in (True, False) for pair in (UNEQUAL, EQUAL)[same]]
)
def test_values_are_equal_as_json(one: Json, other: Json, same: bool) -> None:
    for schema, value, fits in (
        ({"const": one}, other, same),
        ({"enum": [one]}, other, same),
        ({"uniqueItems": True}, [one, other], not same),
    ):
        assert said(json.dumps(value), schema).passed == fits


KNOWN: list[dict[str, Any]] = [
    {"allOf": [{"properties": {"a": True}}]},
    {"anyOf": [{"properties": {"a": True}, "required": ["a"]}, {"properties": {"b": True}, "required": ["b"]}]},
    {"oneOf": [{"properties": {"a": {"const": 1}}}, {"required": ["c"]}]},
    {
        "if": {"properties": {"a": {"const": 1}}},
        "then": {"properties": {"b": True}},
        "else": {"properties": {"c": True}},
    },
    {"dependentSchemas": {"a": {"properties": {"a": True, "b": True}}}},
    {"$ref": "#/$defs/one"},
    {"$dynamicRef": "#dynamic"},
    {"patternProperties": {"^a": True}},
    {"properties": {"a": True}, "additionalProperties": True},
    {"allOf": [{"properties": {"a": True}, "unevaluatedProperties": {"type": "integer"}}]},
    {"not": {"not": {"properties": {"a": True}}}},
]


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize(
    "value", [{}, {"a": 1}, {"a": 2}, {"b": 1}, {"a": 1, "b": 1}, {"a": 2, "c": 1}, {"a": 1, "b": 1, "c": 1}]
)
def test_properties_that_nobody_has_looked_at(known: dict[str, Any], value: Json) -> None:
    definitions = {"one": {"properties": {"a": True}}, "two": {"$dynamicAnchor": "dynamic", "properties": {"b": True}}}
    schema = {**known, "unevaluatedProperties": False, "$defs": definitions}
    assert judge_json({"schema": check_schema(schema)}, value).passed == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    "known",
    [
        *(
            {"allOf": [{"prefixItems": [True]}]},
            {"anyOf": [{"prefixItems": [{"const": 1}]}, {"prefixItems": [True, True]}]},
        ),
        *({"$ref": "#/$defs/one"}, {"contains": {"const": 2}}, {"if": {"maxItems": 1}, "then": {"items": True}}, {}),
        *({"items": True}, {"prefixItems": [True, True]}, {"allOf": [{"unevaluatedItems": {"type": "integer"}}]}),
    ],
)
@pytest.mark.parametrize("value", [[], [1], [2], [1, 2], [2, 1], [1, 2, 3], ["x", 2]])
def test_items_that_nobody_has_looked_at(known: dict[str, Any], value: Json) -> None:
    schema = {**known, "unevaluatedItems": False, "$defs": {"one": {"prefixItems": [True]}}}
    assert judge_json({"schema": check_schema(schema)}, value).passed == Draft202012Validator(schema).is_valid(value)


keys = st.sampled_from(["a", "b", "ab", ""])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.0]) | keys,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
types = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
counts = st.integers(0, 3)
patterns = st.sampled_from(["^a", "b$", "^$", "a|b"])
references = st.sampled_from(["#/$defs/one", "#/$defs/two", "#two", "#dynamic"])
assertions = st.fixed_dictionaries(
    {},
    optional={
        "type": types | st.lists(types, min_size=1, max_size=2, unique=True),
        "enum": st.lists(values, max_size=3),
        "const": values,
        "minimum": st.integers(-2, 2),
        "maximum": st.sampled_from([-1, 0.5, 2]),
        "exclusiveMinimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "minLength": counts,
        "maxLength": counts,
        "pattern": patterns,
        "minItems": counts,
        "maxItems": counts,
        "uniqueItems": st.booleans(),
        "minProperties": counts,
        "maxProperties": counts,
        "required": st.lists(keys, max_size=2, unique=True),
        "dependentRequired": st.dictionaries(keys, st.lists(keys, max_size=2, unique=True), max_size=2),
    },
)


def applying(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that apply these to a value or to what is in it."""
    several = st.lists(inner, min_size=1, max_size=2)
    return st.builds(
        lambda one, other: {**one, **other},
        assertions,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(keys, inner, max_size=2),
                "patternProperties": st.dictionaries(patterns, inner, max_size=2),
                "additionalProperties": inner,
                "unevaluatedProperties": inner,
                "propertyNames": inner,
                "dependentSchemas": st.dictionaries(keys, inner, max_size=2),
                "prefixItems": several,
                "items": inner,
                "unevaluatedItems": inner,
                "contains": inner,
                "minContains": counts,
                "maxContains": counts,
                "allOf": several,
                "anyOf": several,
                "oneOf": several,
                "not": inner,
                "if": inner,
                "then": inner,
                "else": inner,
                "$ref": references,
            },
        ),
    )


flat = st.booleans() | assertions
schemas = st.builds(
    lambda root, one, two: {
        **root,
        "$defs": {
            "one": one,
            "two": {**two, "$anchor": "two"},
            "three": {"$dynamicAnchor": "dynamic", "type": "array"},
        },
    },
    applying(st.recursive(flat, applying, max_leaves=6)),
    flat,
    assertions,
)


@given(schemas, values)
def test_the_verdict_is_that_of_jsonschema(schema: dict[str, Any], value: Json) -> None:
    checked = check_schema(schema)
    try:
        expected = Draft202012Validator(schema).is_valid(value)
    except RecursionError:
        return
    assert judge_json({"schema": checked}, json.dumps(value)).passed == expected


@given(values, values)
def test_equal_values_are_equal_by_json(one: Json, other: Json) -> None:
    """True is not 1, and 1.0 is."""
    same = Draft202012Validator({"const": one}).is_valid(other)
    assert judge_json({"schema": {"const": one}}, json.dumps(other)).passed == same
    assert judge_json({"schema": {"uniqueItems": True}}, [one, other]).passed != same
    assert judge_json({"schema": {"enum": [one]}}, json.dumps(other)).passed == same


@pytest.mark.parametrize(
    ("value", "of", "fits"),
    [
        *((0.3, 0.1, True), (1.1, 0.1, True), (19.99, 0.01, True), (4.35, 0.01, True), (0.35, 0.1, False)),
        *((3, 0.1, True), (1e23, 10, True), (0.30000000000000004, 0.1, False), (7, 2, False), (7.5, 2.5, True)),
    ],
)
def test_multiples_are_those_of_the_decimals_that_were_written(value: float, of: float, fits: bool) -> None:
    assert judge_json({"schema": {"multipleOf": of}}, value).passed == fits


DATA: dict[str, Any] = {"$ref": "#/nowhere", "pattern": "(", "patternProperties": {"(": 1}}


@pytest.mark.parametrize(
    "schema",
    [
        *({"const": DATA}, {"enum": [DATA, 1]}, {"default": DATA}, {"examples": [DATA]}),
        {"properties": {"a": {"const": DATA}}},
        {"properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}, "const": {"pattern": "a"}}},
    ],
)
def test_what_is_data_in_a_schema_is_not_read_as_one(schema: dict[str, Any]) -> None:
    assert check_schema(schema) == schema


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"const": {"pattern": "("}}},
        {"properties": {"enum": {"$ref": "#/nowhere"}}},
        {"const": {"pattern": "("}, "$ref": "#/const"},
        {"const": {"properties": {"a": {"pattern": "("}}}, "$ref": "#/const"},
        {"default": {"$ref": "#/nowhere"}, "$ref": "#/default"},
        {"examples": [{"minimum": "x"}], "anyOf": [{"$ref": "#/examples/0"}]},
    ],
)
def test_what_a_reference_makes_a_schema_of_is_checked_as_one(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"pattern|expression|reference|no schema|\("):
        check_schema(schema)
