"""The Sigil route that takes generations in."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.services.ingest import Outcome

ACCEPTED = 202


def export_generations(call: Call) -> Reply:
    """Store each generation or say why not; one result per item, in order."""
    items = read_export(call.json())
    call.admit(len(items))
    metrics = call.use.ingest_telemetry.metrics
    valid = [item for item in items if not isinstance(item, ItemRejected)]
    outcomes = iter(call.use.ingest(call.tenant, valid, call.sender))
    results = [_refused(item) if isinstance(item, ItemRejected) else _result(next(outcomes)) for item in items]
    if refused := len(items) - len(valid):
        metrics.count("rejected", refused, reason="invalid")
    return Reply({"results": results}, ACCEPTED)


def _result(outcome: Outcome) -> dict[str, Any]:
    return {"generation_id": outcome.generation_id, "accepted": outcome.accepted, "error": outcome.error}


def _refused(item: ItemRejected) -> dict[str, Any]:
    return {"generation_id": item.generation_id, "accepted": False, "error": item.error}


OPERATIONS = [
    Operation("POST", "/v1/generations:export", "generations:ExportGenerations", export_generations, role="member"),
]
