"""What of a generation is searched.

Ids, names of agents, models and tools, kinds, times and counts are never searched: clients look things up by them, the
effective version is made of them, and a changed id would cut a generation off from what belongs to it.
"""

from typing import TypeAlias

from chalicelib.domain.redaction.paths import Path, Places, below

FREE, OBJECT, STREAM, BASE64 = "free", "object", "stream", "base64"
Shape: TypeAlias = "str | list[Shape] | dict[str, Shape]"

_PART: Shape = {
    "text": FREE,
    "thinking": FREE,
    "tool_call": {"input_json": FREE},
    "tool_result": {"content": FREE, "content_json": FREE},
    "media": {"url": FREE, "name": FREE},
}
_MESSAGE: Shape = {"name": FREE, "parts": [_PART]}
SEARCHED: dict[str, Shape] = {
    "call_error": FREE,
    "error_meta": OBJECT,
    "system_prompt": FREE,
    "input": [_MESSAGE],
    "output": [_MESSAGE],
    "tools": [{"description": FREE, "input_schema_json": FREE}],
    "prompt": FREE,
    "completion": FREE,
    "tags": OBJECT,
    "metadata": OBJECT,
    "raw_artifacts": [{"name": FREE, "payload": BASE64, "uri": FREE}],
    "exchange": {"path": FREE, "request_body": FREE, "response_body": STREAM},
}


def reaches_text(path: Path) -> bool:
    """Whether a path may name something that is searched, or all that is in something."""
    return _reaches(SEARCHED, frozenset({path}))


def _reaches(shape: Shape, places: Places) -> bool:
    if not places:
        return False
    if () in places or isinstance(shape, str):
        return True
    if isinstance(shape, list):
        return _reaches(shape[0], below(places, None))
    return any(_reaches(inner, below(places, key)) for key, inner in shape.items())
