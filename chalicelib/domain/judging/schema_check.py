"""Whether a schema is one that values can be judged by: asked once, when it is configured."""

from collections.abc import Iterator

from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.judging.budget import budget
from chalicelib.domain.judging.json_text import compact
from chalicelib.domain.judging.regex import Pattern
from chalicelib.domain.judging.schema_dialect import Resolver, bounded, first_fault, nothing_else, resolver_of

MOST_SCHEMA = 64 * 1024
MOST_LEVELS = 50
MOST_PATTERNS = 100
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCES = ("$ref", "$dynamicRef")
_UNRESOLVED = (LookupError, ValueError, TypeError, AttributeError)


def check_schema(schema: Json) -> Json:
    """The schema in its normal form, if values can be judged by it.

    Raises:
        ValueError: they cannot; the text names the rule and the place.
    """
    found = normal(schema)
    if _levels(found) > MOST_LEVELS:
        reason = f"is nested over {MOST_LEVELS} levels"
        raise ValueError(reason)
    if len(compact(found).encode()) > MOST_SCHEMA:
        reason = f"must be at most {MOST_SCHEMA} bytes"
        raise ValueError(reason)
    if not isinstance(found, dict | bool):
        raise ValueError("must be an object or a boolean")  # noqa: TRY004  # every fault here is a ValueError with a text for the client
    try:
        bounded(lambda: _check(found))
    except JudgingFailed:
        raise ValueError("is too complicated to be checked") from None
    return found


def _check(schema: Json) -> None:
    if isinstance(schema, dict) and schema.get("$schema", DIALECT) not in (DIALECT, DIALECT + "#"):
        reason = f"must be of {DIALECT}"
        raise ValueError(reason)
    _check_form(schema)
    _check_patterns(schema)
    _check_references(schema)


def _check_form(schema: Json) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema_specifications import REGISTRY

    if fault := first_fault(Draft202012Validator.META_SCHEMA, schema, REGISTRY):
        reason = f"is no schema: {fault}"
        raise ValueError(reason)


def _check_patterns(schema: Json) -> None:
    patterns = set(_patterns(schema))
    if len(patterns) > MOST_PATTERNS:
        reason = f"must have at most {MOST_PATTERNS} patterns"
        raise ValueError(reason)
    for pattern in patterns:
        budget().spend()
        Pattern(pattern)


def _patterns(schema: Json) -> Iterator[str]:
    for each in _objects(schema):
        if isinstance(each.get("pattern"), str):
            yield each["pattern"]
        if isinstance(each.get("patternProperties"), dict):
            yield from each["patternProperties"]


def _check_references(schema: Json) -> None:
    """Each leads to a schema; by a pointer it could lead into what is none, an `enum` for one."""
    checked = {id(schema)}
    for reference, target in _references(schema, resolver_of(schema, nothing_else())):
        if not isinstance(target, dict | bool):
            reason = f"has a reference to what is no schema: {reference[:100]}"
            raise ValueError(reason)  # noqa: TRY004  # same
        if id(target) not in checked:
            checked.add(id(target))
            _check_form(target)


def _references(schema: Json, resolver: Resolver) -> Iterator[tuple[str, Json]]:
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    if isinstance(schema, dict) and isinstance(schema.get("$id"), str):
        resolver = resolver.in_subresource(DRAFT202012.create_resource(schema))
    for keyword in _REFERENCES if isinstance(schema, dict) else ():
        reference = schema.get(keyword)
        if isinstance(reference, str):
            budget().spend()
            try:
                yield reference, resolver.lookup(reference).contents
            except (Unresolvable, *_UNRESOLVED):
                reason = f"has a reference that leads nowhere within it: {reference[:100]}"
                raise ValueError(reason) from None
    for each in _inside(schema):
        yield from _references(each, resolver)


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, dict):
        yield value
    for each in _inside(value):
        yield from _objects(each)


def _levels(value: Json) -> int:
    return max(map(_levels, _inside(value)), default=0) + isinstance(value, dict | list)


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
