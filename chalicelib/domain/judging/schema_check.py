"""Whether a schema is one that values can be judged by: asked once, when it is configured."""

from collections.abc import Collection, Iterator

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
_DATA = frozenset({"const", "enum", "default", "examples"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
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
    _check_whole(schema)


def _check_whole(schema: Json) -> None:
    """The schema and whatever its references lead to; by a pointer that may be what is no schema, an `enum` for one."""
    patterns: set[str] = set()
    walked: set[int] = set()
    known = {id(schema)}
    waiting = [(schema, resolver_of(schema, nothing_else()))]
    while waiting:
        each, resolver = waiting.pop()
        _check_form(each)
        for found, at in [] if id(each) in walked else _walk(each, resolver):
            walked.add(id(found))
            patterns.update(_patterns(found))
            for target, resolver_there in _targets(found, at):
                if id(target) not in known:
                    known.add(id(target))
                    waiting.append((target, resolver_there))
    _check_patterns(patterns)


def _check_form(schema: Json) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema_specifications import REGISTRY

    if fault := first_fault(Draft202012Validator.META_SCHEMA, schema, REGISTRY):
        reason = f"is no schema: {fault}"
        raise ValueError(reason)


def _check_patterns(patterns: Collection[str]) -> None:
    if len(patterns) > MOST_PATTERNS:
        reason = f"must have at most {MOST_PATTERNS} patterns"
        raise ValueError(reason)
    for pattern in patterns:
        budget().spend()
        Pattern(pattern)


def _walk(value: Json, resolver: Resolver, *, names: bool = False) -> Iterator[tuple[dict[str, Json], Resolver]]:
    """The schemas in a schema, each with what its references are resolved by. `names` are keys that are no keywords.

    What a `const` or a `default` holds is data, whatever its keys are called.
    """
    from referencing.jsonschema import DRAFT202012

    if isinstance(value, dict) and not names:
        if isinstance(value.get("$id"), str):
            resolver = resolver.in_subresource(DRAFT202012.create_resource(value))
        yield value, resolver
        for keyword, each in value.items():
            if keyword not in _DATA:
                yield from _walk(each, resolver, names=keyword in _BY_NAME)
    else:
        for each in _inside(value):
            yield from _walk(each, resolver)


def _patterns(schema: dict[str, Json]) -> Iterator[str]:
    if isinstance(schema.get("pattern"), str):
        yield schema["pattern"]
    if isinstance(schema.get("patternProperties"), dict):
        yield from schema["patternProperties"]


def _targets(schema: dict[str, Json], resolver: Resolver) -> Iterator[tuple[Json, Resolver]]:
    """What a schema's own references lead to."""
    from referencing.exceptions import Unresolvable

    for reference in (schema[keyword] for keyword in _REFERENCES if isinstance(schema.get(keyword), str)):
        budget().spend()
        try:
            found = resolver.lookup(reference)
        except (Unresolvable, *_UNRESOLVED):
            reason = f"has a reference that leads nowhere within it: {reference[:100]}"
            raise ValueError(reason) from None
        if not isinstance(found.contents, dict | bool):
            reason = f"has a reference to what is no schema: {reference[:100]}"
            raise ValueError(reason)  # noqa: TRY004  # every fault here is a ValueError with a text for the client
        yield found.contents, found.resolver


def _levels(value: Json) -> int:
    return max(map(_levels, _inside(value)), default=0) + isinstance(value, dict | list)


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
