"""What one exchange looks like on the wire. Nothing here refuses a field it does not know: `model_extra` keeps it."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from chalicelib.api.free_fields import Body, NormalObject
from chalicelib.api.labels import read_ids, read_tags
from chalicelib.api.scalars import Identifier, Int64, Text, Time, refused
from chalicelib.domain.free_form import Json

_HIGHEST_STATUS = 999
_STATUS_TEXT = re.compile("[0-9]{1,3}")
_LONGEST_METHOD = 32
_LONGEST_MS = 2**53


def _status(value: Json) -> int | None:
    if value is None:
        return None
    if type(value) is str and _STATUS_TEXT.fullmatch(value):
        return int(value)
    if type(value) is not int or not 0 <= value <= _HIGHEST_STATUS:
        raise refused("must be an HTTP status, or 0 when there was no answer")
    return value


def _method(value: Json) -> str | None:
    if value is None:
        return None
    if type(value) is not str or len(value) > _LONGEST_METHOD or not value.isascii() or not value.isprintable():
        raise refused("must be an HTTP method")
    return value.upper()


def _milliseconds(value: Json) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value < _LONGEST_MS:
        raise refused("must be a number of milliseconds")
    return int(value) if value == int(value) else float(value)


def _tags(value: Json) -> dict[str, str] | None:
    """Tags with values of any scalar type, as the text that JSON has for them."""
    if isinstance(value, dict):
        value = {key: _scalar_text(each) for key, each in value.items() if each is not None}
    tags: dict[str, str] | None = read_tags(value)
    return tags


def _scalar_text(value: Json) -> Json:
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float and value.is_integer():
        value = int(value)
    return str(value) if type(value) in (int, float) else value


class WireExchange(BaseModel):
    """One exchange: the fields of the Ingate document, and this product's own."""

    model_config = ConfigDict(defer_build=True, extra="allow", strict=True, protected_namespaces=())

    provider: Identifier = None
    path: Text | None = None
    method: Annotated[str | None, PlainValidator(_method)] = None
    status_code: Annotated[int | None, PlainValidator(_status)] = None
    latency_ms: Annotated[float | None, PlainValidator(_milliseconds)] = None
    request_body: Body = None
    response_body: Body = None
    model: Identifier = None
    prompt: Text | None = None
    completion: Text | None = None
    token_count: Int64 = None
    metadata: NormalObject = None
    tags: Annotated[dict[str, str] | None, PlainValidator(_tags)] = None
    request_id: Identifier = None
    started_at: Time = None
    conversation_id: Identifier = None
    trace_id: Identifier = None
    agent_name: Identifier = None
    agent_version: Identifier = None
    depends_on: Annotated[list[str] | None, BeforeValidator(read_ids)] = None
