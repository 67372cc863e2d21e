"""The content of a generation as bytes, and its hash: what "the same content" means.

The bytes are compact JSON with sorted keys, in UTF-8, of everything the client sent and of nothing else: no server
default, no absent value. They are what is stored, but for raw exchanges: in their bodies the order of keys and the
spelling of numbers matter (a tool's schema is hashed as it was sent), so they are stored as they came.
"""

import hashlib
import json

from chalicelib.domain.free_form import Json, mended, normal
from chalicelib.domain.generation import Generation

_STORED_LEVELS = 150  # more than a client may send: what is unrecognized is kept two levels further in
# These have no presence in the protocol buffers of the protocol: over gRPC "false" or "0" and "not sent" are one and
# the same.
_HAS_DEFAULT = (b'_tokens":0', b'"is_error":false')
_SORTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_AS_SENT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_COUNTS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "reasoning_tokens",
)


def canonical_json(generation: Generation) -> bytes:
    """The content: equal generations give equal bytes, whatever order or spelling they came in.

    Raises:
        ValueError: a value that JSON cannot hold (NaN, an infinity, an object of Python) is in the metadata or in a
            number.
    """
    fields = generation.model_dump(exclude_defaults=True)
    if generation.metadata:
        fields["metadata"] = normal(generation.metadata, _STORED_LEVELS)
    if generation.exchange is not None:
        fields["exchange"] = normal(fields["exchange"], _STORED_LEVELS)
    return _compact(fields, _SORTED)


def stored_json(generation: Generation) -> bytes:
    """The content as it is stored; `from_stored_json` brings the generation back.

    Raises:
        ValueError: as `canonical_json` does.
    """
    if generation.exchange is None:
        return canonical_json(generation)
    return _compact(generation.model_dump(exclude_defaults=True), _AS_SENT)


def from_stored_json(content: bytes) -> Generation:
    """The generation whose `stored_json` this is."""
    return Generation.model_validate_json(content)


def content_hash(content: bytes) -> str:
    """SHA-256 of a canonical JSON as 64 hex digits.

    A token count of 0 and an `is_error` of false are kept in the content but do not count here, because gRPC cannot
    tell them from absence.
    """
    if any(mark in content for mark in _HAS_DEFAULT):
        content = _compact(_without_defaults(json.loads(content)), _SORTED)
    return hashlib.sha256(content).hexdigest()


def _compact(value: Json, encoder: json.JSONEncoder) -> bytes:
    text = encoder.encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return mended(text).encode()


def _without_defaults(fields: Json) -> Json:
    usage = fields.get("usage", {})
    for count in _COUNTS:
        if usage.get(count) == 0:
            del usage[count]
    for message in (*fields.get("input", ()), *fields.get("output", ())):
        for part in message.get("parts", ()):
            result = part.get("tool_result", {})
            if result.get("is_error") is False:
                del result["is_error"]
    return fields
