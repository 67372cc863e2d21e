"""Fields without a schema, in any dialect: kept as they were sent, or in the one form for equal values."""

from typing import Annotated, Any

from pydantic import PlainValidator

from chalicelib.api.scalars import refused
from chalicelib.domain.free_form import MAX_LEVELS, Json, as_sent, normal

UNRECOGNIZED = "unrecognized"


def _body(value: Json) -> Json:
    try:
        return as_sent(value, MAX_LEVELS)
    except ValueError as error:
        raise refused(str(error)) from None


def _object(value: Json) -> Json:
    if value is not None and not isinstance(value, dict):
        raise refused("must be an object")
    return _body(value)


def _normal_object(value: Json) -> Json:
    if value is not None and not isinstance(value, dict):
        raise refused("must be an object")
    try:
        return normal(value)
    except ValueError as error:
        raise refused(str(error)) from None


Body = Annotated[Any, PlainValidator(_body)]
Object = Annotated[dict[str, Any] | None, PlainValidator(_object)]
NormalObject = Annotated[dict[str, Any] | None, PlainValidator(_normal_object)]


def with_unrecognized(metadata: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
    """The client's metadata, with what nobody knows under `unrecognized`: kept, never a reason to refuse."""
    if not unknown:
        return metadata
    if UNRECOGNIZED in metadata:
        unknown = {**unknown, f"metadata.{UNRECOGNIZED}": metadata[UNRECOGNIZED]}
    return {**metadata, UNRECOGNIZED: unknown}
