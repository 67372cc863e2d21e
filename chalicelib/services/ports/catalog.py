"""Agents, their versions, and exact counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Seen:
    """When something was seen first and last."""

    first_at: str
    last_at: str


@dataclass(frozen=True, slots=True, order=True)
class CatalogKey:
    """What is counted: an agent, one of its effective versions, or a detail of a version.

    A detail is `("model", provider, name)` or `("declared", agent_version)`.
    """

    agent_name: str
    effective_version: str | None = None
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """What is known of an effective version from its first sight; `definition` names a generation that carries it."""

    agent_name: str
    effective_version: str
    first_seen_at: str
    definition: str
    system_prompt_prefix: str
    tool_count: int
    token_estimate: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts and sight times of one catalog key, summed over its shards."""

    count: int
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class NewAgent:
    """An agent that is to exist; without a name it is the tenant's anonymous one, `""`."""

    agent_name: str
    created_at: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """An agent of a tenant: one per name. Numbers are 1, 2, 3 … within the tenant."""

    agent_name: str
    created_at: str
    number: int
    description: str | None = None


@dataclass(frozen=True, slots=True)
class NewNamedVersion:
    """A version, as people name it, that an agent is to have."""

    name: str
    created_at: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version as people name it. Numbers are 1, 2, 3 … within the agent."""

    name: str
    created_at: str
    number: int
    description: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """A page of rows with the position to go on from, or None at the end."""

    rows: list[Any] = field(default_factory=list)
    last: str | None = None


class Catalog(Protocol):
    """Agents, their effective versions, and exact counts."""

    def register(self, tenant: str, agents: Sequence[NewAgent], versions: Sequence[VersionRecord]) -> None:
        """Create the records that are missing; the first one stands. Agents are numbered as `enroll` does."""
        ...

    def enroll(self, tenant: str, agents: Sequence[NewAgent]) -> list[AgentRecord]:
        """Create the agents that are missing; give back, in order, the records that stand.

        Numbers have no gap and no repeat, however many create at once.
        """
        ...

    def name_version(self, tenant: str, agent_name: str, version: NewNamedVersion) -> NamedVersion:
        """Create a named version of an agent unless there is one; give back the one that stands. Numbered alike."""
        ...

    def named_version(self, tenant: str, agent_name: str, name: str) -> NamedVersion | None:
        """One version by the name that people gave it."""
        ...

    def forget_prompt(self, tenant: str, agent_name: str, effective_version: str, definition: str) -> None:
        """Forget the prompt's beginning in a version's record, if this generation has defined it."""
        ...

    def witness(self, tenant: str, owner: str, seen: Mapping[CatalogKey, Seen]) -> None:
        """Widen first and last sight; monotone, so that order and repetition do not matter."""
        ...

    def count(self, tenant: str, owner: str, positions: Mapping[int, Sequence[CatalogKey]]) -> int:
        """Add one to each key of each position, once per (owner, position) for ever; gives how many were new."""
        ...

    def agents(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        """AgentRecords, newest first."""
        ...

    def agent(self, tenant: str, agent_name: str) -> AgentRecord | None:
        """One agent."""
        ...

    def versions(self, tenant: str, agent_name: str, before: str | None, limit: int) -> CatalogPage:
        """VersionRecords of an agent, newest first sight first."""
        ...

    def version(self, tenant: str, agent_name: str, effective_version: str) -> VersionRecord | None:
        """One version."""
        ...

    def tallies(self, tenant: str, keys: Iterable[CatalogKey]) -> dict[CatalogKey, Tally]:
        """Counts and sight times; a key never counted is absent."""
        ...

    def breakdown(self, tenant: str, agent_name: str, effective_version: str) -> dict[CatalogKey, Tally]:
        """The tallies of one version and of all its details."""
        ...
