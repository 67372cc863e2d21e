"""What of a generation is searched, and what is kept of one that could not be redacted.

Ids, names of agents, models, tools and kinds, times and counts are never searched: clients look things up by them, the
effective version is made of them, and a changed id would cut a generation off from what belongs to it.
"""

from typing import TypeAlias

from chalicelib.domain.generation import Exchange, Generation
from chalicelib.domain.redaction.credentials import REDACTED
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
# fmt: off
KEPT = frozenset({
    "id", "source", "conversation_id", "session_id", "person_id", "project_id", "trace_id", "span_id", "request_id",
    "agent_name", "agent_version", "effective_version", "model", "response_id", "response_model", "operation_name", "mode",
    "stop_reason", "error_code", "started_at", "first_token_at", "completed_at", "latency_ms", "max_tokens", "temperature",
    "top_p", "tool_choice", "thinking_enabled", "usage", "token_count", "depends_on", "content_dropped",
})
# fmt: on


def skeleton(generation: Generation) -> Generation:
    """What is stored of a generation that could not be redacted: what is never searched, and that it failed if so."""
    fields = {name: getattr(generation, name) for name in KEPT}
    if generation.call_error:
        fields["call_error"] = REDACTED
    if generation.exchange:
        whole = generation.exchange
        fields["exchange"] = Exchange(method=whole.method, status_code=whole.status_code)
    return Generation.model_construct(**fields | {"content_dropped": "REDACTION_FAILED"})


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
