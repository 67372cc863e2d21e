"""What the caller of a run is told: its outcome, or the error of its record."""

import json
from typing import Any

from chalicelib.api.reply import Reply
from chalicelib.domain.errors import Conflict, RunFailed, RunTimedOut
from chalicelib.domain.extraction.parts import spoken_text
from chalicelib.domain.generation import Generation, ToolCall
from chalicelib.domain.run_tools import pending
from chalicelib.services.running.carrying import DEPTH_GUARD, TIMED_OUT
from chalicelib.services.running.standing import Standing
from chalicelib.services.showing import RESPONSE_BYTES, size_of

ACCEPTED = 202
MOST_BYTES_PER_CHARACTER = 6  # of a control character, which is escaped
ERROR_META = ("provider_status_code", "type", "code")


def outcome(standing: Standing) -> dict[str, Any]:
    """The reply of a run that has come as far as it could. Raises RunFailed, or Conflict of one still under way."""
    said = {"id": standing.head.id, "trace_id": standing.opened.trace_id, "status": standing.course.status}
    action = required_action(standing)
    if action is not None:
        return {**said, "required_action": action}
    return {**said, "output": output(standing)}


def promised(standing: Standing) -> Reply:
    """The reply to whoever does not wait."""
    said = {"id": standing.head.id, "trace_id": standing.opened.trace_id, "status": standing.course.status}
    return Reply(said, ACCEPTED)


def required_action(standing: Standing) -> dict[str, Any] | None:
    """What the caller is to do, None where the run is completed. Raises as `outcome` does."""
    course = standing.course
    if course.status == "in_progress":
        raise Conflict("the run is in progress", code="GENERATION_ALREADY_IN_PROGRESS", meta=standing.ids)
    if course.status == "failed":
        raise _failure(standing)
    if course.status == "completed":
        return None
    calls = [_call(call) for call in pending(course)]
    if sum(map(size_of, calls)) > RESPONSE_BYTES:
        calls = [{**call, "args": None, "args_cut": True} for call in calls]
    return {"type": "submit_tool_outputs", "tool_calls": calls}


def output(standing: Standing) -> dict[str, Any]:
    """What a completed run has said; one that the depth guard ended was said by no model."""
    overlay, asked = standing.course.overlay, standing.opened.model
    if overlay.stop_reason == DEPTH_GUARD:
        return {"model": "", "content": overlay.completion or "", "finish_reason": "stop"}
    model = overlay.response_model or (asked.name if asked else None) or ""
    return {"model": model, **_content(_text(overlay)), "finish_reason": overlay.stop_reason}


def _text(overlay: Generation) -> str:
    """What was said: a client that has ended the run may have given messages only."""
    return overlay.completion or "".join(spoken_text(message) or "" for message in overlay.output)


def _content(text: str) -> dict[str, Any]:
    """The text, as much of it as a response can hold."""
    if len(text) * MOST_BYTES_PER_CHARACTER <= RESPONSE_BYTES or size_of(text) <= RESPONSE_BYTES:
        return {"content": text}
    return {"content": _cut(text), "content_cut": True}


def _cut(text: str) -> str:
    """The longest beginning of a text that a response can hold, by halves."""
    fits, too_long = 0, len(text)
    while fits + 1 < too_long:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if size_of(text[:middle]) <= RESPONSE_BYTES else (fits, middle)
    return text[:fits]


def _failure(standing: Standing) -> RunFailed:
    overlay = standing.course.overlay
    kind = RunTimedOut if overlay.error_code == TIMED_OUT else RunFailed
    known = {name: overlay.error_meta[name] for name in ERROR_META if name in overlay.error_meta}
    return kind(overlay.call_error or "", code=overlay.error_code, meta={**known, **standing.ids})


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "tool_name": call.name, "args": _args(call.input_json)}


def _args(text: str | None) -> Any:  # noqa: ANN401 - whatever the model has made up
    """The arguments as JSON; what is none comes as the text that it is."""
    try:
        return json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return text
