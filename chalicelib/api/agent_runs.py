"""Routes that run agents."""

from chalicelib.api.call import Call
from chalicelib.api.generations import identifier
from chalicelib.api.lifecycle.answers import outcome, promised
from chalicelib.api.lifecycle.asking import read_asked, read_outputs
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.taking import idempotency_key
from chalicelib.api.voker.wire import path_id
from chalicelib.domain.errors import Malformed
from chalicelib.services.running.agents import Manner

CHOICES = {"true": True, "false": False}


def manner_of(call: Call) -> Manner:
    """How the run is to be carried on. Raises Malformed."""
    call.only({"async"})
    said = call.query.get("async", "false")
    if said not in CHOICES:
        raise Malformed("async must be true or false", meta={"parameter": "async"})
    return Manner(CHOICES[said], call.arrived)


def generate(call: Call) -> Reply:
    """Run an agent."""
    asked = read_asked(call.json(), idempotency_key(call), call.use.ports.new_token(), manner_of(call))
    agent_name = path_id(call, "agent_name", "agent")
    call.admit(1)
    standing = call.use.running.generate(call.tenant, agent_name, asked, call.sender)
    return promised(standing) if asked.manner.later else Reply(outcome(standing))


def submit_tool_outputs(call: Call) -> Reply:
    """Answer the tool calls that a run waits for."""
    manner = manner_of(call)
    _, results = read_outputs(call.json())
    agent_name = path_id(call, "agent_name", "agent")
    generation_id = identifier(call.path("generation_id"))
    call.admit(1)
    standing = call.use.running.submit(call.tenant, agent_name, generation_id, results, manner)
    return promised(standing) if manner.later else Reply(outcome(standing))


GENERATE = "/agents/{agent_name}/generate"
TOOL_OUTPUTS = f"{GENERATE}/{{generation_id}}/tool-outputs"
ACTION = "agents:CreateAgentGeneration"
OPERATIONS = [
    Operation("POST", f"/v1{GENERATE}", ACTION, generate, role="member", aliases=(GENERATE,)),
    Operation("POST", f"/v1{TOOL_OUTPUTS}", ACTION, submit_tool_outputs, role="member", aliases=(TOOL_OUTPUTS,)),
]
