"""From the body of `POST conversations/{id}/ratings` to what somebody says of a conversation."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, PlainValidator

from chalicelib.api.call import Call
from chalicelib.api.free_fields import NormalObject
from chalicelib.api.lifecycle.wire import read_wire, refusing
from chalicelib.api.scalars import Identifier, Text, enum_reader, refused
from chalicelib.api.sigil.notes import Notes
from chalicelib.api.sigil.wire import Wire
from chalicelib.domain.errors import Malformed
from chalicelib.domain.rating import BAD, GOOD, Verdict
from chalicelib.services.ratings import Said

BARE = 0  # a body is one thing, with nothing around it
MOST_ID, MOST_SOURCE = 128, 64  # characters
MOST_COMMENT, MOST_METADATA = 4_096, 16 * 1024  # bytes

_read_verdict = enum_reader({GOOD: GOOD, BAD: BAD}, refused(f"must be {GOOD} or {BAD}"), is_open=False)


def _comment(value: str | None) -> str | None:
    if value is not None and len(value.encode(errors="replace")) > MOST_COMMENT:
        reason = f"must be at most {MOST_COMMENT:,} bytes of UTF-8"
        raise refused(reason)
    return value


class WireRating(Wire):
    """A rating, in snake_case or lowerCamelCase."""

    rating_id: Identifier = None
    rating: Annotated[Verdict | None, PlainValidator(_read_verdict, json_schema_input_type=str)] = None
    comment: Annotated[Text | None, AfterValidator(_comment)] = None
    metadata: NormalObject = None
    generation_id: Identifier = None
    rater_id: Identifier = None
    source: Identifier = None


def read_rating(call: Call) -> Said:
    """What a request says. Raises Malformed."""
    wire = read_wire(WireRating, call.json(BARE), "rating")
    if not (wire.rating_id and wire.rating_id.strip()):
        raise Malformed("rating_id is required", meta={"field": "rating_id"})
    if wire.rating is None:
        raise Malformed("rating is required", meta={"field": "rating"})
    _limit("rating_id", wire.rating_id, MOST_ID)
    _limit("source", wire.source or "", MOST_SOURCE)
    document = {
        "comment": wire.comment,
        "metadata": _metadata(wire),
        "rater_id": wire.rater_id,
        "source": wire.source,
    }
    said = {name: value for name, value in document.items() if value}
    return Said(wire.rating_id, wire.rating, wire.generation_id, said)


def _metadata(wire: WireRating) -> dict[str, Any]:
    """The metadata, with what nobody knows: together they have to fit."""

    def read() -> dict[str, Any]:
        notes = Notes()
        notes.fields_of("", wire)
        return notes.added_to(wire.metadata or {})

    metadata: dict[str, Any] = refusing(read)
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > MOST_METADATA:
        raise Malformed(f"metadata must be at most {MOST_METADATA:,} bytes of JSON", meta={"field": "metadata"})
    return metadata


def _limit(name: str, value: str, most: int) -> None:
    if len(value) > most:
        raise Malformed(f"{name} must be at most {most} characters", meta={"field": name})
