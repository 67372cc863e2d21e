"""Routes that take workflow steps in, show them and empty them."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.caller import Caller
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.steps import StepRejected, read_steps
from chalicelib.api.voker.wire import path_id
from chalicelib.domain.free_form import Json
from chalicelib.services.steps import StepOutcome

ACCEPTED = 202

Result = dict[str, Any]


def export_steps(call: Call) -> Reply:
    """Store each step or say why not; one result per item, in order."""
    return Reply({"results": take_steps(call, call.json())}, ACCEPTED)


def take_steps(caller: Caller, body: Json) -> list[Result]:
    """What `{"workflow_steps": [...]}` asks for, over whichever front: the results, in order.

    Raises Malformed or TooLarge for the body as a whole, TooManyRequests, or Unavailable, after which a retry is right.
    """
    items = read_steps(body)
    caller.admit(len(items))
    valid = [item for item in items if not isinstance(item, StepRejected)]
    outcomes = iter(caller.use.steps(caller.tenant, valid))
    return [_result(item if isinstance(item, StepRejected) else next(outcomes)) for item in items]


def get_step(call: Call) -> Reply:
    """One step with its states."""
    call.only(set())
    return Reply(call.use.step_reading.one(call.tenant, _step_id(call)))


def purge_step(call: Call) -> Reply:
    """Purge one step's content; ids, names, times, tags and links stay."""
    call.only(set())
    step_id = _step_id(call)
    return Reply({"step_id": step_id, "content_purged_at": call.use.purging.step(call.tenant, step_id)})


def _step_id(call: Call) -> str:
    return path_id(call, "step_id", "workflow step")


def _result(outcome: StepRejected | StepOutcome) -> Result:
    return {"step_id": outcome.step_id, "accepted": not outcome.error, "error": outcome.error}


EXPORT, PURGE = "workflow-steps:ExportWorkflowSteps", "workflow-steps:PurgeWorkflowStepContent"
ONE = "/v1/workflow-steps/{step_id}"
OPERATIONS = [
    Operation("POST", "/v1/workflow-steps:export", EXPORT, export_steps, role="member"),
    Operation("GET", ONE, "workflow-steps:GetWorkflowStep", get_step),
    Operation("DELETE", f"{ONE}/content", PURGE, purge_step, role="admin"),
]
