"""The validator: Draft 2020-12 of jsonschema with bounded keywords, within a budget.

It never leaves its dialect, whatever `$schema` a subschema names; references lead within the schema only; `format` is a
note.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias, TypeVar

from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.budget import budget, budgeted

# Types of libraries that are imported late, or that they make at run time.
Dialect: TypeAlias = Any
Registry: TypeAlias = Any
Resolver: TypeAlias = Any
T = TypeVar("T")

_MOST_PATH = 300


def first_fault(schema: Json, value: Json, registry: Registry) -> str:
    """Where and why a value does not fit a schema; empty when it does. For use within `bounded`."""
    validator = _dialect()(schema, _resolver=resolver_of(schema, registry))
    fault = next(validator.iter_errors(value), None)
    if fault is None:
        return ""
    where = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in fault.absolute_path)
    if fault.validator is None:
        return f"{where[:_MOST_PATH] or 'the value'}: is not allowed"
    return f"{where[:_MOST_PATH] or 'the value'}: {fault.message} ({fault.validator})"


def bounded(validate: Callable[[], T]) -> T:
    """What `validate` gives, with every way in which a validation may break off as JudgingFailed."""
    from referencing.exceptions import Unresolvable

    try:
        with budgeted():
            return validate()
    except RecursionError:
        raise JudgingFailed("the schema goes round in circles, or too deep") from None
    except Unresolvable:
        raise JudgingFailed("the schema has a reference that leads nowhere") from None
    except ArithmeticError:
        raise JudgingFailed("a number is out of range") from None


def resolver_of(schema: Json, registry: Registry) -> Resolver:
    """What references lead to, from the root of a schema."""
    from referencing.jsonschema import DRAFT202012

    return registry.resolver_with_root(DRAFT202012.create_resource(schema))


def nothing_else() -> Registry:
    """Where references may lead besides the schema itself."""
    from referencing import Registry

    return Registry()


@cache
def _dialect() -> Dialect:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    from chalicelib.domain.judging.schema_keywords import KEYWORDS

    made: Dialect = extend(Draft202012Validator, KEYWORDS)  # type: ignore[no-untyped-call]  # has no types

    def evolve(self: Dialect, *, schema: Json, _resolver: Resolver = None) -> Dialect:
        budget().spend()
        return made(schema, _resolver=_resolver or self._resolver)

    # Its own changes the class by `$schema`, and would leave budget and keywords behind. Every descent goes through it.
    made.evolve = evolve
    return made
