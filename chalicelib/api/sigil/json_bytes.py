"""`bytes` fields that hold JSON (`input_json`, `content_json`, `input_schema_json`) or any document (`payload`).

Over HTTP a client sends base64, or the text as it is, or the JSON value itself; over gRPC the bytes.
"""

import base64
import binascii
import json
import re
from typing import Annotated, Any

from pydantic import PlainValidator

from chalicelib.api.scalars import refused
from chalicelib.domain.free_form import mended, normal

_GROUP = 4
_STANDARD = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_TO_STANDARD = str.maketrans("-_", "+/")
_LINE_ENDS = str.maketrans("", "", "\r\n")


def decoded_base64(text: str) -> bytes | None:
    """The bytes that the reference decodes the text to: one of the two alphabets, padded or not. None if it refuses."""
    padded = len(text) % _GROUP == 0
    if padded and not text.isalnum():
        text = text.translate(_LINE_ENDS)  # skipped by Go's decoder, though they counted above
    if _STANDARD.fullmatch(text) is None:
        if _URL_SAFE.fullmatch(text) is None:
            return None
        text = text.translate(_TO_STANDARD)
    if not padded:
        if text.endswith("="):
            return None
        text += "=" * (-len(text) % _GROUP)
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None


def _bytes(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        return _compact(value)
    decoded = decoded_base64(value)
    return mended(value).encode() if decoded is None else decoded


def _compact(value: object) -> bytes:
    try:
        normal(value)  # only to refuse what is no JSON: numbers stay spelled as they were parsed
    except ValueError as error:
        raise refused(str(error)) from None
    return mended(json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()


def _text(value: object) -> str | None:
    """JSON as text. What decodes to no text was not base64 after all (`null`, `true` and `1234` look like it)."""
    content = _bytes(value)
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _in_base64(content) if isinstance(value, bytes) else str(value)


def _base64(value: object) -> str | None:
    content = _bytes(value)
    return None if content is None else _in_base64(content)


def _in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


JsonText = Annotated[str | None, PlainValidator(_text, json_schema_input_type=Any)]
JsonBytes = Annotated[bytes | None, PlainValidator(_bytes, json_schema_input_type=Any)]
Base64 = Annotated[str | None, PlainValidator(_base64, json_schema_input_type=Any)]
