"""Read the agent catalog."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.content import from_stored_json
from chalicelib.domain.effective_version import tool_token_estimate
from chalicelib.domain.errors import NotFound, missing
from chalicelib.domain.extraction import read_exchange
from chalicelib.services.ports import AgentRecord, Catalog, CatalogKey, GenerationStore, Tally, VersionRecord
from chalicelib.services.showing import RESPONSE_BYTES

Resource = dict[str, Any]
UNKNOWN_DEFINITION: Resource = {"system_prompt": None, "tools": None}


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """Resources, and where to go on: None at the end."""

    items: list[Resource]
    last: str | None


class Agents:
    """The use cases behind the `/agents` routes."""

    def __init__(self, catalog: Catalog, store: GenerationStore) -> None:
        self._catalog = catalog
        self._store = store

    def page(self, tenant: str, before: str | None, limit: int) -> ResourcePage:
        """Agents, newest first."""
        page = self._catalog.agents(tenant, before, limit)
        tallies = self._catalog.tallies(tenant, [CatalogKey(agent.agent_name) for agent in page.rows])
        return ResourcePage([_agent(agent, tallies) for agent in page.rows], page.last)

    def one(self, tenant: str, agent_name: str) -> Resource:
        """One agent with its newest effective version. Raises NotFound."""
        agent = self._catalog.agent(tenant, agent_name)
        if agent is None:
            raise missing("agent")
        resource = _agent(agent, self._catalog.tallies(tenant, [CatalogKey(agent_name)]))
        newest = self._catalog.versions(tenant, agent_name, None, 1).rows
        return {**resource, "latest_version": self._version(tenant, newest[0]) if newest else None}

    def versions(self, tenant: str, agent_name: str, before: str | None, limit: int) -> ResourcePage:
        """An agent's effective versions, newest first sight first. Raises NotFound."""
        if self._catalog.agent(tenant, agent_name) is None:
            raise NotFound("agent not found")
        page = self._catalog.versions(tenant, agent_name, before, limit)
        return ResourcePage([self._version(tenant, version) for version in page.rows], page.last)

    def lookup(self, tenant: str, agent_name: str, effective_version: str | None) -> Resource:
        """One version in full, with prompt and tools; without a version, the newest one. Raises NotFound."""
        record = self._record(tenant, agent_name, effective_version)
        if record is None:
            raise NotFound("agent version not found")
        return {**self._version(tenant, record), **self._definition(tenant, record.definition)}

    def _record(self, tenant: str, agent_name: str, effective_version: str | None) -> VersionRecord | None:
        if effective_version is not None:
            return self._catalog.version(tenant, agent_name, effective_version)
        newest = self._catalog.versions(tenant, agent_name, None, 1).rows
        return newest[0] if newest else None

    def _definition(self, tenant: str, generation_id: str) -> Resource:
        """Prompt and tools as the defining generation carries them; a link to it where no response can hold them."""
        head = self._store.heads(tenant, [generation_id]).get(generation_id)
        if head is not None and head.size > RESPONSE_BYTES:
            return {**UNKNOWN_DEFINITION, "payload_url": self._store.link(tenant, head)}
        refs = [head.ref] if head else []
        content = self._store.contents(tenant, refs).get(generation_id)
        if content is None:
            return UNKNOWN_DEFINITION
        generation = read_exchange(from_stored_json(content)).generation
        if generation.content_dropped:
            return UNKNOWN_DEFINITION
        tools = [
            {**tool.model_dump(exclude_none=True), "token_estimate": tool_token_estimate(tool)}
            for tool in generation.tools
        ]
        return {"system_prompt": generation.system_prompt, "tools": tools}

    def _version(self, tenant: str, record: VersionRecord) -> Resource:
        tallies = self._catalog.breakdown(tenant, record.agent_name, record.effective_version)
        whole = tallies.get(CatalogKey(record.agent_name, record.effective_version), Tally(0))
        details = sorted((key.detail, tally) for key, tally in tallies.items() if key.detail)
        models = [(detail, tally) for detail, tally in details if detail[0] == "model"]
        declared = [(detail, tally) for detail, tally in details if detail[0] == "declared"]
        return {
            "agent_name": record.agent_name,
            "effective_version": record.effective_version,
            **_counted(whole),
            "models": [{"provider": name[1], "name": name[2], **_counted(tally)} for name, tally in models],
            "declared_versions": [{"agent_version": name[1], **_counted(tally)} for name, tally in declared],
            "declared_version_first": _extreme(declared, latest=False),
            "declared_version_latest": _extreme(declared, latest=True),
            "system_prompt_prefix": record.system_prompt_prefix,
            "tool_count": record.tool_count,
            "token_estimate": dict(record.token_estimate),
        }


def _agent(agent: AgentRecord, tallies: Mapping[CatalogKey, Tally]) -> Resource:
    return {
        "agent_name": agent.agent_name,
        **numbered(agent),
        **_counted(tallies.get(CatalogKey(agent.agent_name), Tally(0))),
    }


def numbered(agent: AgentRecord) -> Resource:
    """What Voker's clients read of an agent beside its name; nothing deprecates one yet."""
    return {
        "description": agent.description,
        "agent_number": agent.number,
        "created_at": agent.created_at,
        "deprecated_at": None,
    }


def _counted(tally: Tally) -> Resource:
    return {
        "generation_count": tally.count,
        "first_seen_at": tally.seen.first_at if tally.seen else None,
        "last_seen_at": tally.seen.last_at if tally.seen else None,
    }


def _extreme(declared: list[tuple[tuple[str, ...], Tally]], *, latest: bool) -> str | None:
    """The declared version that was seen first, or last."""
    times = [(tally.seen.last_at if latest else tally.seen.first_at, name[1]) for name, tally in declared if tally.seen]
    return (max(times) if latest else min(times))[1] if times else None
