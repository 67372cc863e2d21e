"""The Sigil route that takes generations in."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.caller import Caller
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.domain.free_form import Json
from chalicelib.services.ingest import Outcome

ACCEPTED = 202

Result = dict[str, Any]


def export_generations(call: Call) -> Reply:
    """Store each generation or say why not; one result per item, in order."""
    return Reply({"results": take_generations(call, call.json())}, ACCEPTED)


def take_generations(caller: Caller, body: Json, *, conversation_required: bool = True) -> list[Result]:
    """What `{"generations": [...]}` asks for, over whichever front: the results, in order.

    Raises Malformed or TooLarge for the body as a whole, TooManyRequests, or Unavailable, after which a retry is right.
    """
    items = read_export(body, conversation_required=conversation_required)
    caller.admit(len(items))
    valid = [item for item in items if not isinstance(item, ItemRejected)]
    outcomes = iter(caller.use.ingest(caller.tenant, valid, caller.sender))
    if refused := len(items) - len(valid):
        caller.use.ingest_telemetry.metrics.count("rejected", refused, reason="invalid")
    return [_refused(item) if isinstance(item, ItemRejected) else _result(next(outcomes)) for item in items]


def _result(outcome: Outcome) -> Result:
    return {"generation_id": outcome.generation_id, "accepted": outcome.accepted, "error": outcome.error}


def _refused(item: ItemRejected) -> Result:
    return {"generation_id": item.generation_id, "accepted": False, "error": item.error}


OPERATIONS = [
    Operation("POST", "/v1/generations:export", "generations:ExportGenerations", export_generations, role="member"),
]
