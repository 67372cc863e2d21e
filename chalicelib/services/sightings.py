"""What one message adds to the agent catalog, worked out before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.effective_version import token_estimate, tool_token_estimate
from chalicelib.domain.generation import Generation
from chalicelib.domain.resource import project_of
from chalicelib.services.ports import CatalogKey, Conversation, Head, NewAgent, Seen, Trace, VersionRecord

PREFIX_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Sighting:
    """One processed generation as the catalog sees it. An agent without a name is the tenant's anonymous one, `""`.

    Without a version, which nobody can know once prompt and tools are dropped, it counts for its agent alone.
    """

    head: Head
    generation: Generation
    effective_version: str | None

    @property
    def agent_name(self) -> str:
        """The agent's name, or an empty string."""
        return self.generation.agent_name or ""

    @property
    def seen_at(self) -> str:
        """When the agent was at work: the end of the call, else its start, else the receipt."""
        return self.generation.completed_at or self.generation.started_at or self.head.created_at

    def counted_keys(self) -> list[CatalogKey]:
        """Everything that this generation counts for."""
        agent, version, model = self.agent_name, self.effective_version, self.generation.model
        if version is None:
            return [CatalogKey(agent)]
        keys = [CatalogKey(agent), CatalogKey(agent, version)]
        if model is not None and model.name:
            keys.append(CatalogKey(agent, version, ("model", model.provider or "", model.name)))
        if self.generation.agent_version:
            keys.append(CatalogKey(agent, version, ("declared", self.generation.agent_version)))
        return keys


def agents_in(sightings: Sequence[Sighting]) -> list[NewAgent]:
    """Each agent once, made at its earliest receipt here."""
    first: dict[str, str] = {}
    for sighting in sightings:
        first[sighting.agent_name] = min(first.get(sighting.agent_name, "~"), sighting.head.created_at)
    return [NewAgent(name, created_at) for name, created_at in first.items()]


def versions_in(sightings: Sequence[Sighting]) -> list[VersionRecord]:
    """One record per agent and version, defined by its earliest sighting here that has prompt and tools."""
    first: dict[tuple[str, str], Sighting] = {}
    for sighting in sightings:
        version = sighting.effective_version
        if version is None or sighting.generation.content_dropped:
            continue
        key = sighting.agent_name, version
        if key not in first or sighting.seen_at < first[key].seen_at:
            first[key] = sighting
    return [_version(sighting, version) for (_, version), sighting in first.items()]


def sights_in(sightings: Iterable[Sighting]) -> dict[CatalogKey, Seen]:
    """First and last sight of everything counted."""
    times: dict[CatalogKey, list[str]] = {}
    for sighting in sightings:
        for key in sighting.counted_keys():
            times.setdefault(key, []).append(sighting.seen_at)
    return {key: Seen(min(moments), max(moments)) for key, moments in times.items()}


def positions_in(sightings: Iterable[Sighting]) -> dict[int, list[CatalogKey]]:
    """What each position of the message counts for."""
    return {sighting.head.position: sighting.counted_keys() for sighting in sightings}


def traces_in(generations: Iterable[tuple[Head, Generation]]) -> list[Trace]:
    """Each trace once, as the generation received first has it."""
    first: dict[str, Trace] = {}
    for head, generation in generations:
        name = generation.trace_id
        if name and (name not in first or head.created_at < first[name].created_at):
            project = project_of(generation, head.project_id)
            first[name] = Trace(name, head.created_at, generation.agent_name, project)
    return list(first.values())


def conversations_in(generations: Iterable[tuple[Head, Generation]]) -> list[Conversation]:
    """Each conversation once, made at its earliest receipt here."""
    first: dict[str, str] = {}
    for head, generation in generations:
        if name := generation.conversation_id:
            first[name] = min(first.get(name, head.created_at), head.created_at)
    return [Conversation(name, created_at) for name, created_at in first.items()]


def _version(sighting: Sighting, effective_version: str) -> VersionRecord:
    generation = sighting.generation
    prompt = token_estimate(generation.system_prompt or "")
    tools = sum(tool_token_estimate(tool) for tool in generation.tools)
    return VersionRecord(
        agent_name=sighting.agent_name,
        effective_version=effective_version,
        first_seen_at=sighting.seen_at,
        definition=sighting.head.id,
        system_prompt_prefix=(generation.system_prompt or "")[:PREFIX_CHARACTERS],
        tool_count=len(generation.tools),
        token_estimate={"system_prompt": prompt, "tools_total": tools, "total": prompt + tools},
    )
