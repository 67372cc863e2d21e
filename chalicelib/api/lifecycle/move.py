"""From the body of `PATCH /generations/{id}` to a move."""

from typing import Any

from chalicelib.api.lifecycle.wire import WireMove, read_wire, refusing
from chalicelib.api.sigil.convert import to_generation
from chalicelib.api.sigil.wire import WireMessage, WirePart
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.generation import Generation

# fmt: off
MOVABLE = frozenset({
    "status", "output", "usage", "error", "stop_reason", "tags", "metadata", "tool_calls", "tool_outputs", "depends_on",
    "parent_generation_ids", "response_model", "response_id", "first_token_at", "completed_at",
})
# fmt: on


def read_move(generation_id: str, body: Json) -> Generation:
    """The move; one that says nothing is a heartbeat. Raises Malformed."""
    wire = read_wire(WireMove, body, "generation")
    fixed = [*(wire.model_fields_set - MOVABLE), *(wire.model_extra or ())]
    if fixed:
        raise Malformed(f"{fixed[0][:80]} cannot be moved", meta={"field": fixed[0][:80]})
    failure = _failure(wire)
    asked = _steps(wire)
    move: Generation = refusing(
        lambda: to_generation(generation_id, wire.model_copy(update={"input": asked, **_emptied(wire)}))
    )
    if move.completed_at and wire.status not in {"completed", "failed"}:
        raise Malformed("completed_at goes with the status completed or failed", meta={"field": "completed_at"})
    return move.model_copy(update={"source": "lifecycle", "status": wire.status, **failure})


def _emptied(wire: WireMove) -> dict[str, Any]:
    """Without what is read here."""
    return {"status": None, "error": None, "tool_calls": None, "tool_outputs": None} if wire.model_fields_set else {}


def _failure(wire: WireMove) -> dict[str, Any]:
    """The error of a failed run; every such run has one, and no other."""
    message = wire.error.message if wire.error else None
    if wire.status == "failed" and not (message or "").strip():
        raise Malformed("error.message is required of a failed run", meta={"field": "error"})
    if wire.status != "failed" and wire.error is not None:
        raise Malformed("error goes with the status failed", meta={"field": "error"})
    if wire.error is None:
        return {}
    if wire.error.model_extra:
        raise Malformed("error has only message, code and meta", meta={"field": "error"})
    try:
        meta = normal(wire.error.meta or {})
    except ValueError as error:
        raise Malformed(f"error.meta {error}", meta={"field": "error"}) from error
    return {"call_error": message, "error_code": wire.error.code, "error_meta": meta, "stop_reason": None}


def _steps(wire: WireMove) -> list[WireMessage]:
    """What tools were asked, and what they have answered."""
    called = [WirePart(tool_call=call) for call in wire.tool_calls or ()]
    answered = [WirePart(tool_result=result) for result in wire.tool_outputs or ()]
    said = WireMessage(role="assistant", parts=called), WireMessage(role="tool", parts=answered)
    return [message for message in said if message.parts]
