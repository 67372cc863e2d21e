"""Routes that make agents and their named versions, and read the latter."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.voker.failure import typed_failure
from chalicelib.api.voker.wire import WireAgent, WireVersion, path_id, read_body
from chalicelib.services.agents import numbered
from chalicelib.services.ports import NamedVersion


def create_agent(call: Call) -> Reply:
    """Create an agent, or give the one that there is, unchanged."""
    wire = read_body(call, WireAgent, "agent", "agent_name")
    agent = call.use.roster.agent(call.tenant, wire.agent_name or "", wire.description)
    return Reply({"agent_name": agent.agent_name, **numbered(agent)})


def create_version(call: Call) -> Reply:
    """Create a version of an agent, or give the one that there is, unchanged."""
    wire = read_body(call, WireVersion, "agent_version", "agent_version_name")
    agent_name = path_id(call, "agent_name", "agent")
    roster = call.use.roster
    return Reply(_shown(roster.version(call.tenant, agent_name, wire.agent_version_name or "", wire.description)))


def get_version(call: Call) -> Reply:
    """One version by the name that people gave it."""
    call.only(set())
    agent_name = path_id(call, "agent_name", "agent")
    name = path_id(call, "agent_version_name", "agent version")
    return Reply(_shown(call.use.roster.existing_version(call.tenant, agent_name, name)))


def _shown(version: NamedVersion) -> dict[str, Any]:
    return {
        "agent_version_name": version.name,
        "description": version.description,
        "agent_version_number": version.number,
        "created_at": version.created_at,
        "deprecated_at": None,
    }


AGENT, VERSION = "agents:CreateAgent", "agents:CreateAgentVersion"
VERSIONS = "/v1/agents/{agent_name}/agent-versions"
ONE_VERSION = f"{VERSIONS}/{{agent_version_name}}"
OPERATIONS = [
    Operation("PUT", "/v1/agents", AGENT, create_agent, role="member", failure=typed_failure),
    Operation("POST", "/v1/agents", AGENT, create_agent, role="member", failure=typed_failure),
    Operation("PUT", VERSIONS, VERSION, create_version, role="member", failure=typed_failure),
    Operation("POST", VERSIONS, VERSION, create_version, role="member", failure=typed_failure),
    Operation("GET", ONE_VERSION, "agents:GetAgentVersion", get_version, failure=typed_failure),
]
