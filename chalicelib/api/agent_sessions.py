"""Routes of sessions with agents."""

from typing import Any

from chalicelib.api.agent_runs import manner_of
from chalicelib.api.call import Call
from chalicelib.api.lifecycle.answers import ACCEPTED, output, required_action
from chalicelib.api.lifecycle.asking import WireSession, read_asked, read_message, read_outputs
from chalicelib.api.lifecycle.opening import alphanumerics
from chalicelib.api.lifecycle.wire import read_wire
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.taking import idempotency_key
from chalicelib.api.voker.wire import BARE, path_id
from chalicelib.services.running.standing import Standing

CREATED = 201


def create_session(call: Call) -> Reply:
    """Open a session with an agent."""
    call.only(set())
    wire = read_wire(WireSession, call.json(BARE) if call.request.raw_body else {}, "request")
    random = alphanumerics(call.use.ports.new_token())
    conversation_id = wire.conversation_id or f"conv_{random}"
    agent_name = path_id(call, "agent_name", "agent")
    session = call.use.session_runs.open(call.tenant, agent_name, f"sess_{random}", conversation_id)
    made = {"id": session.session_id, "agent_id": agent_name, "conversation_id": conversation_id, "status": "open"}
    return Reply({**made, "created_at": session.created_at}, CREATED)


def add_message(call: Call) -> Reply:
    """Say something in a session; the next run answers it."""
    call.only(set())
    message = read_message(call.json())
    agent_name, session_id = _place(call)
    call.admit(1)
    said = call.use.session_runs.say(call.tenant, agent_name, session_id, message)
    text = "".join(part.text or "" for part in said.message.parts)
    return Reply({"session_id": session_id, "message": {"role": said.message.role, "content": text}}, CREATED)


def generate(call: Call) -> Reply:
    """Run the session's agent on all that was said."""
    manner = manner_of(call)
    body = call.json() if call.request.raw_body else {}
    asked = read_asked(body, idempotency_key(call), call.use.ports.new_token(), manner, alone=False)
    agent_name, session_id = _place(call)
    call.admit(1)
    standing = call.use.session_runs.generate(call.tenant, agent_name, session_id, asked, call.sender)
    return _reply(session_id, standing, is_later=manner.later)


def submit_tool_outputs(call: Call) -> Reply:
    """Answer the tool calls that the session's run waits for."""
    manner = manner_of(call)
    answers = read_outputs(call.json())
    agent_name, session_id = _place(call)
    call.admit(1)
    standing = call.use.session_runs.submit(call.tenant, agent_name, session_id, answers, manner)
    return _reply(session_id, standing, is_later=manner.later)


def _place(call: Call) -> tuple[str, str]:
    return path_id(call, "agent_name", "agent"), path_id(call, "session_id", "session")


def _reply(session_id: str, standing: Standing, *, is_later: bool) -> Reply:
    if is_later:
        return Reply({"status": "accepted", "session_id": session_id}, ACCEPTED)
    action = required_action(standing)
    said: dict[str, Any] = {"status": standing.course.status, "message": None, **standing.ids}
    if action is not None:
        return Reply({**said, "required_action": action})
    shown = output(standing)
    message = {"role": "assistant", **{name: said for name, said in shown.items() if name != "finish_reason"}}
    return Reply({**said, "message": message, "required_action": None})


SESSIONS = "/agents/{agent_name}/sessions"
ONE = f"{SESSIONS}/{{session_id}}"
MESSAGES, GENERATE, TOOL_OUTPUTS = f"{ONE}/messages", f"{ONE}/generate", f"{ONE}/tool-outputs"
RUN = "sessions:CreateSessionGeneration"
OPERATIONS = [
    Operation("POST", f"/v1{SESSIONS}", "sessions:CreateSession", create_session, role="member", aliases=(SESSIONS,)),
    Operation("POST", f"/v1{MESSAGES}", "sessions:AddMessage", add_message, role="member", aliases=(MESSAGES,)),
    Operation("POST", f"/v1{GENERATE}", RUN, generate, role="member", aliases=(GENERATE,)),
    Operation("POST", f"/v1{TOOL_OUTPUTS}", RUN, submit_tool_outputs, role="member", aliases=(TOOL_OUTPUTS,)),
]
