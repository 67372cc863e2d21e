"""No schema and no value holds a worker: each ends in a verdict or without one, but soon."""

import socket
from typing import Any

import pytest

from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.domain.free_form import Json
from chalicelib.domain.judging import budget as module
from chalicelib.domain.judging.schema import judge_json
from chalicelib.domain.judging.schema_check import MOST_SCHEMA, check_schema
from tests.unit.domain.judging.cpu import bounded_cpu, outcome

HASHES_ALIKE = 2**61 - 1  # Python's hashes of integers are modulo this
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def doubling(levels: int, twice: Any) -> dict[str, Any]:
    """A schema that applies each definition twice, and so the first one `2 ** levels` times."""
    definitions = {"0": {"type": "integer"}}
    for number in range(1, levels):
        reference = f"#/$defs/{number - 1}"
        definitions[str(number)] = twice(reference)
    return {"$ref": f"#/$defs/{levels - 1}", "$defs": definitions}


def several(keyword: str) -> Any:
    """Twice by a keyword that takes a list."""
    return lambda reference: {keyword: [{"$ref": reference}, {"$ref": reference}]}


DOUBLING = {
    "allOf": doubling(40, several("allOf")),
    "anyOf": doubling(40, lambda reference: {"anyOf": [{"not": {"$ref": reference}}] * 2}),
    "oneOf": doubling(40, several("oneOf")),
    "if": doubling(40, lambda reference: {"if": {"$ref": reference}, "then": {"$ref": reference}}),
    "dependentSchemas": doubling(
        40, lambda reference: {"dependentSchemas": {"a": {"$ref": reference}, "b": {"$ref": reference}}}
    ),
    "references": doubling(40, lambda reference: {"$ref": reference, "$dynamicRef": reference}),
    "unevaluatedProperties": {
        "unevaluatedProperties": False,
        **doubling(40, lambda reference: {"$ref": reference, "$dynamicRef": reference}),
    },
    "unevaluatedItems": {"unevaluatedItems": False, **doubling(40, several("allOf"))},
}


@pytest.mark.parametrize("name", DOUBLING)
@pytest.mark.parametrize("value", [{"a": 1, "b": 2}, [1, 2], 3], ids=["object", "array", "number"])
def test_a_schema_that_doubles_its_work_is_broken_off(name: str, value: Json) -> None:
    with bounded_cpu():
        schema = check_schema(DOUBLING[name])
    said = outcome(lambda: judge_json({"schema": schema}, value))
    assert said == "the schema takes too long on this value" or "(" in said or said == "fits the schema"


def test_doubling_does_reach_the_budget() -> None:
    with pytest.raises(JudgingFailed, match="takes too long") as raised:
        judge_json({"schema": DOUBLING["allOf"]}, 3)
    assert not raised.value.again


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$dynamicAnchor": "node", "anyOf": [{"$dynamicRef": "#node"}, True]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"unevaluatedProperties": False, "$ref": "#"},
        {"not": {"$ref": "#"}},
    ],
)
def test_going_round_in_circles_ends(schema: dict[str, Any]) -> None:
    with bounded_cpu(), pytest.raises(JudgingFailed, match="round in circles"):
        judge_json({"schema": check_schema(schema)}, {})


def test_a_schema_of_trees_takes_a_deep_one() -> None:
    schema = check_schema({"type": "array", "items": {"$ref": "#"}})
    value: list[Any] = []
    for _ in range(98):
        value = [value]
    assert judge_json({"schema": schema}, value).passed


many = list(range(50_000))
LARGE: dict[str, tuple[Json, Json]] = {
    "unique lists": ({"uniqueItems": True}, [[number] for number in many]),
    "unique mixed": ({"uniqueItems": True}, [number if number % 2 else str(number) for number in many]),
    "unique hashes": ({"uniqueItems": True}, [number * HASHES_ALIKE for number in range(20_000)]),
    "contains": ({"contains": {"enum": list(range(-5000, 0))}}, many),
    "enum": ({"items": {"enum": [["x" * 10, -number] for number in range(2000)]}}, [["x" * 10, n] for n in many]),
    "const": ({"items": {"const": "x" * 60_000}}, ["x" * 60_000] * 8),
    "alternatives": ({"items": {"anyOf": [{"minimum": 1e9 + n} for n in range(2500)]}}, many),
    "message of a long value": ({"anyOf": [{"type": "null"}] * 3000}, "x" * 500_000),
    "message of a large value": ({"anyOf": [{"items": False}] * 3000}, [["y"] * 10] * 10_000),
    "unevaluated": ({"items": {"unevaluatedProperties": False}}, [{"a": 1}] * 20_000),
    "unevaluated keys": (
        {"allOf": [{"patternProperties": {f"^{n}x": True}} for n in range(90)], "unevaluatedProperties": True},
        {str(number): 1 for number in many},
    ),
    "keys and patterns": (
        {"patternProperties": {f"{n}$": True for n in range(99)}, "additionalProperties": False},
        {str(number): 1 for number in many},
    ),
    "required": ({"allOf": [{"required": [str(n) for n in range(3000)]}]}, {str(number): 1 for number in many}),
    "property names": ({"propertyNames": {"pattern": "(a+)+$"}}, {"a" * 20 + str(number): 1 for number in many}),
    "no keys": ({"unevaluatedProperties": {"pattern": "(a+)+$"}}, {str(n): "a" * 40 + "!" for n in range(5000)}),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_values_end(name: str) -> None:
    schema, value = LARGE[name]
    with bounded_cpu():
        checked = check_schema(schema)
    assert len(outcome(lambda: judge_json({"schema": checked}, value))) <= 1000


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
@pytest.mark.parametrize(
    "around",
    [
        lambda pattern: ({"pattern": pattern}, "a" * 50_000 + "!"),
        lambda pattern: ({"patternProperties": {pattern: False}}, {"a" * 50_000 + "!": 1}),
        lambda pattern: (
            {"patternProperties": {pattern: True}, "additionalProperties": False},
            {"a" * 50_000 + "!": 1},
        ),
        lambda pattern: (
            {"allOf": [{"patternProperties": {pattern: True}}], "unevaluatedProperties": False},
            {"a" * 50_000 + "!": 1},
        ),
        lambda pattern: ({"propertyNames": {"pattern": pattern}}, {"a" * 50_000 + "!": 1}),
    ],
    ids=["pattern", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"],
)
def test_patterns_are_those_of_re2(pattern: str, around: Any) -> None:
    schema, value = around(pattern)
    with bounded_cpu():
        judge_json({"schema": check_schema(schema)}, value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"multipleOf": 1e-300}, 1e308),
        ({"multipleOf": 5e-324}, 1.5),
        ({"multipleOf": 1e308}, 10**300 + 1),
        ({"multipleOf": 0.1}, 10**300 + 1),
        ({"multipleOf": 10**300 + 1}, 0.5),
        ({"multipleOf": 1.5e300}, 3e-300),
        ({"maximum": 10**300 + 1}, 1e308),
    ],
)
def test_numbers_at_the_ends_of_their_range_end_too(schema: dict[str, Any], value: Json) -> None:
    said = outcome(lambda: judge_json({"schema": check_schema(schema)}, value))
    assert said.startswith(("fits the schema", "the value: must be", "a number is out of range"))


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": [0, "a", {}]}, "/type: fits none"),
        ({"type": [{"x": n} for n in range(5000)]}, "is no schema"),
        ({"minimum": "1"}, "/minimum: must be number"),
        ({"properties": {"a": {"items": 5}}}, "/properties/a/items: must be object or boolean"),
        ({"$schema": DRAFT_7}, "2020-12"),
        ({"$schema": 5}, "2020-12"),
        ({"$ref": DRAFT_7}, "leads nowhere"),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, "leads nowhere"),
        ({"$ref": "file:///etc/passwd"}, "leads nowhere"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"$dynamicRef": "#none"}, "leads nowhere"),
        ({"$ref": "#/const", "const": 5}, "no schema"),
        ({"$ref": "#/const", "const": {"type": "strange"}}, "no schema"),
        ({"$ref": "#/const", "const": {"$ref": DRAFT_7}}, "leads nowhere"),
        ({"$ref": "#/title/0", "title": "abc"}, "leads nowhere|no schema"),
        ({"$ref": "#/title/x", "title": "abc"}, "leads nowhere"),
        ({"$ref": "#/minimum/x", "minimum": 5}, "leads nowhere"),
        ({"$id": "http://[", "$ref": "#/a"}, "Invalid IPv6 URL"),
        ({"pattern": "(?=a)"}, "RE2"),
        ({"patternProperties": {"(?<!a)b": True}}, "RE2"),
        ({"propertyNames": {"pattern": "("}}, "RE2"),
        ({"anyOf": [{"pattern": f"a{n}"} for n in range(101)]}, "at most 100 patterns"),
        ({"const": "x" * MOST_SCHEMA}, "at most"),
        ({"minimum": 10**400}, "out of range"),
    ],
)
def test_a_schema_that_cannot_judge_is_refused(schema: dict[str, Any], reason: str) -> None:
    with bounded_cpu(), pytest.raises(ValueError, match=reason):
        check_schema(schema)


def test_a_schema_may_be_nested_fifty_levels() -> None:
    schema: dict[str, Any] = {}
    for _ in range(49):
        schema = {"not": schema}
    assert (
        outcome(lambda: judge_json({"schema": check_schema(schema)}, 1)) == "the value: must not fit the schema (not)"
    )
    with pytest.raises(ValueError, match="nested over 50 levels"):
        check_schema({"not": schema})


def test_a_dialect_named_inside_changes_nothing() -> None:
    """Or its patterns would be those of `re`, without a budget."""
    inner = {"$schema": DRAFT_7, "$id": "http://x.example/inner", "pattern": "(a+)+$"}
    schema = check_schema(
        {"allOf": [inner, {"$ref": "http://x.example/inner"}], "not": {"$schema": DRAFT_7, "type": "null"}}
    )
    with bounded_cpu():
        assert not judge_json({"schema": schema}, "a" * 50_000 + "!").passed


def test_nothing_is_fetched() -> None:
    """Neither when a schema is configured nor when one judges that never was checked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        for keyword in ("$ref", "$dynamicRef"):
            with pytest.raises(ValueError, match="leads nowhere"):
                check_schema({"properties": {"a": {keyword: url}}})
            with pytest.raises(JudgingFailed, match="leads nowhere"):
                judge_json({"schema": {keyword: url}}, 1)
            with pytest.raises(JudgingFailed, match="leads nowhere"):
                judge_json({"schema": {"unevaluatedProperties": False, keyword: url}}, {"a": 1})
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_budget_is_what_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without time the smallest validation breaks off, and the next has a budget of its own."""
    config = {"schema": {"allOf": [{"type": "integer"}]}}
    with monkeypatch.context() as patched:
        patched.setattr(module, "SECONDS", -1.0)
        assert outcome(lambda: judge_json(config, 1)) == "the schema takes too long on this value"
    assert judge_json(config, 1).passed
