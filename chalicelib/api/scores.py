"""Routes that take scores in, list them, and settle failures by a waiver."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.scores import ScoreRejected, read_scores
from chalicelib.domain.errors import Malformed
from chalicelib.domain.times import format_time
from chalicelib.services.lineage.scoring import ScoreOutcome

ACCEPTED = 202
MOST_REASON = 1_000


def export_scores(call: Call) -> Reply:
    """Store each score or say why not; one result per item, in order."""
    items = read_scores(call.json(), format_time(call.use.ports.clock.now()))
    call.admit(len(items))
    valid = [item for item in items if not isinstance(item, ScoreRejected)]
    outcomes = iter(call.use.scoring(call.tenant, valid))
    results = [
        _result(item.score_id, item.error) if isinstance(item, ScoreRejected) else _outcome(next(outcomes))
        for item in items
    ]
    return Reply({"results": results}, ACCEPTED)


def list_scores(call: Call) -> Reply:
    """A generation's scores, newest first; they may be there before the generation is."""
    call.only({"limit", "cursor"})
    generation_id = call.path("generation_id")
    scope = [call.tenant, "scores", generation_id]
    position = decode(scope, call.query.get("cursor"), 1)
    before = position[0] if position else None
    page = call.use.ports.scores.of_generation(call.tenant, generation_id, before, call.limit())
    if not page.rows and before is None:
        call.use.reading.exists(call.tenant, generation_id)
    return Reply(page_body(page.rows, encode(scope, [page.last] if page.last else None)))


def waive(call: Call) -> Reply:
    """Settle a generation's failures: it is no root while the waiver stands."""
    body = call.json()
    reason = body.get("reason") if isinstance(body, dict) else None
    if not isinstance(reason, str) or not reason.strip() or len(reason) > MOST_REASON:
        raise Malformed(f"reason must be a text of 1 to {MOST_REASON} characters", meta={"field": "reason"})
    return _decide(call, waived=True, reason=reason)


def lift_waiver(call: Call) -> Reply:
    """Let a generation's failures count again."""
    return _decide(call, waived=False, reason="")


def _decide(call: Call, *, waived: bool, reason: str) -> Reply:
    generation_id = call.path("generation_id")
    call.use.reading.exists(call.tenant, generation_id)
    call.use.waiving(call.tenant, generation_id, waived=waived, reason=reason)
    return Reply({"generation_id": generation_id, "waived": waived}, ACCEPTED)


def _outcome(outcome: ScoreOutcome) -> dict[str, Any]:
    return _result(outcome.score_id, outcome.error)


def _result(score_id: str, error: str) -> dict[str, Any]:
    return {"score_id": score_id, "accepted": not error, "error": error}


OPERATIONS = [
    Operation("POST", "/v1/scores:export", "scores:ExportScores", export_scores, role="member"),
    Operation("GET", "/v1/generations/{generation_id}/scores", "scores:ListScores", list_scores),
    Operation("POST", "/v1/generations/{generation_id}/waiver", "generations:WaiveGeneration", waive, role="admin"),
    Operation("DELETE", "/v1/generations/{generation_id}/waiver", "generations:LiftWaiver", lift_waiver, role="admin"),
]
