"""Routes that take workflow steps in."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.steps import StepRejected, read_steps
from chalicelib.services.steps import StepOutcome

ACCEPTED = 202


def export_steps(call: Call) -> Reply:
    """Store each step or say why not; one result per item, in order."""
    items = read_steps(call.json())
    call.admit(len(items))
    valid = [item for item in items if not isinstance(item, StepRejected)]
    outcomes = iter(call.use.steps(call.tenant, valid))
    results = [_result(item if isinstance(item, StepRejected) else next(outcomes)) for item in items]
    return Reply({"results": results}, ACCEPTED)


def _result(outcome: StepRejected | StepOutcome) -> dict[str, Any]:
    return {"step_id": outcome.step_id, "accepted": not outcome.error, "error": outcome.error}


OPERATIONS = [
    Operation("POST", "/v1/workflow-steps:export", "workflow-steps:ExportWorkflowSteps", export_steps, role="member"),
]
