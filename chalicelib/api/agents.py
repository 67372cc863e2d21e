"""Routes of the agent catalog."""

import re

from chalicelib.api.call import Call
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.run_configs import UNCONFIGURED, shown
from chalicelib.api.voker.failure import typed_failure
from chalicelib.api.voker.wire import path_id
from chalicelib.domain.errors import Malformed
from chalicelib.services.agents import ResourcePage

EFFECTIVE_VERSION = re.compile(r"sha256:[0-9a-f]{64}")


def list_agents(call: Call) -> Reply:
    """A tenant's agents, newest first."""
    call.only({"limit", "cursor"})
    scope = [call.tenant, "agents"]
    return _page(scope, call.use.agents.page(call.tenant, _before(call, scope), call.limit()))


def get_agent(call: Call) -> Reply:
    """One agent by name."""
    call.only(set())
    agent_name = path_id(call, "agent_name", "agent")
    agent = call.use.agents.one(call.tenant, agent_name)
    config = call.use.run_configs.find(call.tenant, agent_name)
    return Reply({**(shown(config) if config else UNCONFIGURED), **agent})


def lookup_agent(call: Call) -> Reply:
    """One effective version of an agent, in full; an empty name is the anonymous agent."""
    call.only({"name", "version"})
    version = call.query.get("version")
    if version is not None and not EFFECTIVE_VERSION.fullmatch(version):
        raise Malformed("version must be sha256: and 64 lower-case hex digits", meta={"parameter": "version"})
    return Reply(call.use.agents.lookup(call.tenant, _name(call), version))


def list_versions(call: Call) -> Reply:
    """An agent's effective versions, newest first."""
    call.only({"name", "limit", "cursor"})
    name = _name(call)
    scope = [call.tenant, "versions", name]
    return _page(scope, call.use.agents.versions(call.tenant, name, _before(call, scope), call.limit()))


def _name(call: Call) -> str:
    if "name" not in (call.request.query_params or {}):
        raise Malformed("name is required", meta={"parameter": "name"})
    return call.query.get("name", "")


def _before(call: Call, scope: list[str]) -> str | None:
    position = decode(scope, call.query.get("cursor"), 1)
    return position[0] if position else None


def _page(scope: list[str], page: ResourcePage) -> Reply:
    return Reply(page_body(page.items, encode(scope, [page.last] if page.last else None)))


OPERATIONS = [
    Operation("GET", "/v1/agents", "agents:ListAgents", list_agents),
    Operation("GET", "/v1/agents/{agent_name}", "agents:GetAgent", get_agent, failure=typed_failure),
    Operation("GET", "/v1/agents:lookup", "agents:LookupAgent", lookup_agent),
    Operation("GET", "/v1/agents:versions", "agents:ListAgentVersions", list_versions),
]
