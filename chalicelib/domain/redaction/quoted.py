"""JSON that is quoted in a text."""

import json
import math

from chalicelib.domain.free_form import MAX_LEVELS, Json

_EVENT_FIELDS = ("data:", "event:", "id:", "retry:", ":")


def read_json(text: str) -> Json:
    """The object, list or string that a text is in JSON; None when it is none of them.

    An object with two members of one name is not read: the first would be lost, unseen. Nor is a number that only JSON
    can hold: it could not be written again. Nor is what is nested deeper than free JSON may be.
    """
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return None if _is_too_deep(value) else value


def write_json(value: Json) -> str:
    """The value as compact JSON, members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_stream(text: str) -> bool:
    """Whether a text looks like server-sent events."""
    return text.lstrip("\ufeff \r\n").startswith(_EVENT_FIELDS) and "data:" in text


def data_of(line: str) -> Json:
    """The JSON document in a line of an event stream; None in a line that holds none."""
    return read_json(line[5:]) if line.startswith("data:") else None


def _is_too_deep(value: Json) -> bool:
    level = [value]
    for _ in range(MAX_LEVELS + 1):
        containers = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        if not containers:
            return False
        level = [inner for one in containers for inner in one]
    return True


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
