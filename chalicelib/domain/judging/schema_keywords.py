"""Keywords of Draft 2020-12 that jsonschema leaves without a bound, in a bounded way.

Its own put the whole value into each message, collect the faults of every alternative, compare each item with each
other and search with `re`. What is not here (`properties`, `allOf`, `$ref`, …) only descends, and is taken from it.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.budget import budget
from chalicelib.domain.judging.json_text import canonical, shown
from chalicelib.domain.judging.schema_evaluated import Validator, evaluated_items, evaluated_keys, matched_by, valid

Faults = Iterator[ValidationError]
Keyword = Callable[[Validator, Json, Json, Mapping[str, Any]], Faults]


def _asserting(kind: str, holds: Callable[[Json, Json], bool]) -> Keyword:
    """A keyword that says something of values of one type."""

    def keyword(validator: Validator, limit: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
        if validator.is_type(instance, kind) and not holds(instance, limit):
            yield ValidationError(f"must be {shown(limit)}")

    return keyword


def _at_least(instance: Json, least: int) -> bool:
    return len(instance) >= least


def _at_most(instance: Json, most: int) -> bool:
    return len(instance) <= most


def _multiple(instance: float, of: float) -> bool:
    """Of the decimal numbers that were written: 0.3 is a multiple of 0.1."""
    if isinstance(of, int) and isinstance(instance, int):
        return instance % of == 0
    from fractions import Fraction

    return Fraction(repr(instance)) % Fraction(repr(of)) == 0


def _unique(instance: Json, wanted: bool) -> bool:  # called as every keyword is
    if not wanted:
        return True
    seen: set[str] = set()
    for each in instance:
        budget().spend()
        text = canonical(each)
        if text in seen:
            return False
        seen.add(text)
    return True


def _type(validator: Validator, types: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    wanted = [types] if isinstance(types, str) else types
    if not any(validator.is_type(instance, each) for each in wanted):
        yield ValidationError(f"must be {' or '.join(wanted)}")


def _enum(_validator: Validator, values: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    if canonical(instance) not in map(canonical, values):
        yield ValidationError(f"must be one of {', '.join(map(shown, values[:5]))}{', …' * (len(values) > 5)}")  # noqa: PLR2004  # so many are shown


def _const(_validator: Validator, value: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    if canonical(instance) != canonical(value):
        yield ValidationError(f"must be {shown(value)}")


def _required(validator: Validator, names: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    if validator.is_type(instance, "object"):
        yield from (ValidationError(f"{shown(name)} is not there") for name in names if name not in instance)


def _dependent_required(validator: Validator, needs: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    if validator.is_type(instance, "object"):
        for name, needed in needs.items():
            if name in instance:
                yield from _required(validator, needed, instance, schema)


def _items(validator: Validator, items: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    if not validator.is_type(instance, "array") or items is True:
        return
    prefix = len(schema.get("prefixItems", []))
    for index in range(prefix, len(instance)):
        yield from validator.descend(instance[index], items, path=index)


def _contains(validator: Validator, contained: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    if not validator.is_type(instance, "array"):
        return
    least, most = schema.get("minContains", 1), schema.get("maxContains", len(instance))
    count = 0
    for each in instance:
        count += valid(validator, each, contained)
        if count > most:
            yield ValidationError(f"must not contain more than {shown(most)} such items")
            return
    if count < least:
        yield ValidationError(f"must contain at least {shown(least)} such items")


def _pattern_properties(validator: Validator, patterns: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    if validator.is_type(instance, "object"):
        for pattern, subschema in patterns.items():
            for key in matched_by([pattern], instance):
                yield from validator.descend(instance[key], subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Validator, extra: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    if not validator.is_type(instance, "object") or extra is True:
        return
    unnamed = [key for key in instance if key not in schema.get("properties", {})]
    matched = set(matched_by(schema.get("patternProperties", {}), unnamed))
    for key in unnamed:
        if key not in matched:
            yield from _inside(validator, instance[key], extra, key)


def _unevaluated_properties(validator: Validator, rest: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    if not validator.is_type(instance, "object"):
        return
    known = evaluated_keys(validator, instance, _without(schema, "unevaluatedProperties"))
    for key in instance:
        if key not in known:
            yield from _inside(validator, instance[key], rest, key)


def _unevaluated_items(validator: Validator, rest: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    if not validator.is_type(instance, "array"):
        return
    known = evaluated_items(validator, instance, _without(schema, "unevaluatedItems"))
    for index, each in enumerate(instance):
        if index not in known:
            yield from _inside(validator, each, rest, index)


def _any_of(validator: Validator, schemas: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    if not any(valid(validator, instance, each) for each in schemas):
        yield ValidationError("fits none of the alternatives")


def _one_of(validator: Validator, schemas: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    fitting = sum(valid(validator, instance, each) for each in schemas)
    if fitting != 1:
        yield ValidationError("fits several of the alternatives" if fitting else "fits none of the alternatives")


def _not(validator: Validator, schema: Json, instance: Json, _schema: Mapping[str, Any]) -> Faults:
    if valid(validator, instance, schema):
        yield ValidationError("must not fit the schema")


def _if(validator: Validator, condition: Json, instance: Json, schema: Mapping[str, Any]) -> Faults:
    branch = "then" if valid(validator, instance, condition) else "else"
    if branch in schema:
        yield from validator.descend(instance, schema[branch], schema_path=branch)


def _inside(validator: Validator, value: Json, schema: Json, path: str | int) -> Faults:
    """The faults of a value at `path`; that nothing may be there is a fault of its own."""
    if schema is False:
        fault = ValidationError("is not allowed")
        fault.path.appendleft(path)
        yield fault
    else:
        yield from validator.descend(value, schema, path=path)


def _without(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != name}


KEYWORDS: Mapping[str, Keyword] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _asserting("number", operator.ge),
    "maximum": _asserting("number", operator.le),
    "exclusiveMinimum": _asserting("number", operator.gt),
    "exclusiveMaximum": _asserting("number", operator.lt),
    "multipleOf": _asserting("number", _multiple),
    "minLength": _asserting("string", _at_least),
    "maxLength": _asserting("string", _at_most),
    "pattern": _asserting("string", lambda instance, pattern: budget().matches(pattern, instance)),
    "minItems": _asserting("array", _at_least),
    "maxItems": _asserting("array", _at_most),
    "uniqueItems": _asserting("array", _unique),
    "minProperties": _asserting("object", _at_least),
    "maxProperties": _asserting("object", _at_most),
    "required": _required,
    "dependentRequired": _dependent_required,
    "items": _items,
    "contains": _contains,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
