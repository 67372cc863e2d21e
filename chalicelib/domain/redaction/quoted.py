"""JSON that is quoted in a text."""

import json
import math

from chalicelib.domain.free_form import Json

_EVENT_FIELDS = ("data:", "event:", "id:", "retry:", ":")


def read_json(text: str) -> Json:
    """The object, list or string that a text is in JSON; None when it is none of them.

    An object with two members of one name is not read: the first would be lost, unseen. Nor is a number that only JSON
    can hold: it could not be written again.
    """
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=_finite)
    except ValueError:
        return None


def write_json(value: Json) -> str:
    """The value as compact JSON, members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_stream(text: str) -> bool:
    """Whether a text looks like server-sent events."""
    return text.lstrip("\ufeff \r\n").startswith(_EVENT_FIELDS) and "data:" in text


def data_of(line: str) -> Json:
    """The JSON document in a line of an event stream; None in a line that holds none."""
    return read_json(line[5:]) if line.startswith("data:") else None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number
