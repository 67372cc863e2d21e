"""Agents, versions and exact counts in memory."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chalicelib.services.ports import (
    AgentRecord,
    CatalogKey,
    CatalogPage,
    NamedVersion,
    NewAgent,
    NewNamedVersion,
    Seen,
    Tally,
    VersionRecord,
)

R = TypeVar("R", AgentRecord, VersionRecord)


class FakeCatalog:
    """The `Catalog` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._agents: dict[tuple[str, str], AgentRecord] = {}
        self._versions: dict[tuple[str, str, str], VersionRecord] = {}
        self._named: dict[tuple[str, str], dict[str, NamedVersion]] = {}
        self._seen: dict[tuple[str, CatalogKey], Seen] = {}
        self._counted: set[tuple[str, str, int]] = set()
        self._counts: Counter[tuple[str, CatalogKey]] = Counter()

    def register(self, tenant: str, agents: Sequence[NewAgent], versions: Sequence[VersionRecord]) -> None:
        self.enroll(tenant, agents)
        with self._lock:
            for version in versions:
                self._versions.setdefault((tenant, version.agent_name, version.effective_version), version)

    def enroll(self, tenant: str, agents: Sequence[NewAgent]) -> list[AgentRecord]:
        with self._lock:
            return [self._enroll(tenant, agent) for agent in agents]

    def _enroll(self, tenant: str, agent: NewAgent) -> AgentRecord:
        number = 1 + sum(of == tenant for of, _ in self._agents)
        new = AgentRecord(agent.agent_name, agent.created_at, number, agent.description)
        return self._agents.setdefault((tenant, agent.agent_name), new)

    def name_version(self, tenant: str, agent_name: str, version: NewNamedVersion) -> NamedVersion:
        with self._lock:
            named = self._named.setdefault((tenant, agent_name), {})
            new = NamedVersion(version.name, version.created_at, len(named) + 1, version.description)
            return named.setdefault(version.name, new)

    def named_version(self, tenant: str, agent_name: str, name: str) -> NamedVersion | None:
        return self._named.get((tenant, agent_name), {}).get(name)

    def forget_prompt(self, tenant: str, agent_name: str, effective_version: str, definition: str) -> None:
        with self._lock:
            key = tenant, agent_name, effective_version
            known = self._versions.get(key)
            if known is not None and known.definition == definition:
                self._versions[key] = replace(known, system_prompt_prefix="")

    def witness(self, tenant: str, owner: str, seen: Mapping[CatalogKey, Seen]) -> None:  # noqa: ARG002 - one shard
        with self._lock:
            for key, sight in seen.items():
                known = self._seen.get((tenant, key), sight)
                self._seen[tenant, key] = Seen(min(known.first_at, sight.first_at), max(known.last_at, sight.last_at))

    def count(self, tenant: str, owner: str, positions: Mapping[int, Sequence[CatalogKey]]) -> int:
        with self._lock:
            new = [position for position in positions if (tenant, owner, position) not in self._counted]
            self._counted.update((tenant, owner, position) for position in new)
            self._counts.update((tenant, key) for position in new for key in positions[position])
            return len(new)

    def agents(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        with self._lock:
            rows = {f"{row.created_at}#{row.agent_name}": row for (of, _), row in self._agents.items() if of == tenant}
        return _page(rows, before, limit)

    def agent(self, tenant: str, agent_name: str) -> AgentRecord | None:
        return self._agents.get((tenant, agent_name))

    def versions(self, tenant: str, agent_name: str, before: str | None, limit: int) -> CatalogPage:
        with self._lock:
            rows = {
                f"{row.first_seen_at}#{row.effective_version}": row
                for (of, name, _), row in self._versions.items()
                if (of, name) == (tenant, agent_name)
            }
        return _page(rows, before, limit)

    def version(self, tenant: str, agent_name: str, effective_version: str) -> VersionRecord | None:
        return self._versions.get((tenant, agent_name, effective_version))

    def tallies(self, tenant: str, keys: Iterable[CatalogKey]) -> dict[CatalogKey, Tally]:
        with self._lock:
            known = [key for key in keys if (tenant, key) in self._seen or (tenant, key) in self._counts]
            return {key: Tally(self._counts[tenant, key], self._seen.get((tenant, key))) for key in known}

    def breakdown(self, tenant: str, agent_name: str, effective_version: str) -> dict[CatalogKey, Tally]:
        wanted = (agent_name, effective_version)
        with self._lock:
            keys = {key for of, key in (*self._seen, *self._counts) if of == tenant}
        return self.tallies(tenant, [key for key in keys if (key.agent_name, key.effective_version) == wanted])


def _page(rows: Mapping[str, R], before: str | None, limit: int) -> CatalogPage:
    names = sorted((name for name in rows if before is None or name < before), reverse=True)
    page = names[:limit]
    return CatalogPage([rows[name] for name in page], page[-1] if len(names) > limit else None)
