"""What of a value a schema has looked at: what `unevaluatedProperties` and `unevaluatedItems` leave out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.budget import budget

Validator: TypeAlias = Any
"""One of jsonschema's, whose class is made at run time (`schema_dialect.py`)."""

_REFERENCES = ("$ref", "$dynamicRef")


def valid(validator: Validator, instance: Json, schema: Json) -> bool:
    """Whether a value fits a subschema."""
    budget().spend()
    return schema is True or (schema is not False and next(validator.descend(instance, schema), None) is None)


def matched_by(patterns: Iterable[str], keys: Iterable[str]) -> Iterator[str]:
    """The keys that any of the patterns matches."""
    compiled = list(patterns)
    return (key for key in keys if any(budget().matches(pattern, key) for pattern in compiled))


def evaluated_keys(validator: Validator, instance: Mapping[str, Json], schema: Json) -> set[str]:
    """The keys of an object that a schema, which it fits, has looked at."""
    if not isinstance(schema, dict):
        return set()
    if "additionalProperties" in schema or "unevaluatedProperties" in schema:
        return set(instance)
    found = {key for key in schema.get("properties", ()) if key in instance}
    found.update(matched_by(schema.get("patternProperties", ()), instance))
    for inner, subschema in _in_place(validator, instance, schema):
        found |= evaluated_keys(inner, instance, subschema)
    return found


def evaluated_items(validator: Validator, instance: list[Json], schema: Json) -> set[int]:
    """The indexes of an array that a schema, which it fits, has looked at."""
    if not isinstance(schema, dict):
        return set()
    if "items" in schema or "unevaluatedItems" in schema:
        return set(range(len(instance)))
    found = set(range(len(schema.get("prefixItems", ()))))
    if "contains" in schema:
        found.update(index for index, each in enumerate(instance) if valid(validator, each, schema["contains"]))
    for inner, subschema in _in_place(validator, instance, schema):
        found |= evaluated_items(inner, instance, subschema)
    return found


def _in_place(validator: Validator, instance: Json, schema: Mapping[str, Any]) -> Iterator[tuple[Validator, Json]]:
    """The subschemas that say something of the same value and that it fits, each with the validator to go on with."""
    budget().spend()
    for keyword in _REFERENCES:
        if keyword in schema:
            resolved = validator._resolver.lookup(schema[keyword])  # noqa: SLF001  # there is no public way to it
            yield validator.evolve(schema=resolved.contents, _resolver=resolved.resolver), resolved.contents
    for subschema in _applied(validator, instance, schema):
        yield validator, subschema


def _applied(validator: Validator, instance: Json, schema: Mapping[str, Any]) -> Iterator[Json]:
    yield from schema.get("allOf", ())
    for keyword in ("anyOf", "oneOf"):
        yield from (each for each in schema.get(keyword, ()) if valid(validator, instance, each))
    if "if" in schema:
        fits = valid(validator, instance, schema["if"])
        yield from [schema["if"]] * fits
        branch = "then" if fits else "else"
        yield from [schema[branch]] if branch in schema else []
    if isinstance(instance, dict):
        yield from (each for name, each in schema.get("dependentSchemas", {}).items() if name in instance)
