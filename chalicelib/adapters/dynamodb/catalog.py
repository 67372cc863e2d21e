"""Agents and versions: records made on first sight, sight times that only widen, and reads.

Counts and sight times of one key are spread over eight rows, chosen by the message that writes, so that one busy agent
is no hot item; readers sum them. The counting itself is in `counting.py`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.adapters.dynamodb.attributes import Scalar, item
from chalicelib.adapters.dynamodb.counting import Counting
from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.adapters.dynamodb.numbering import Draft, Numbering
from chalicelib.adapters.dynamodb.record_keys import CATALOG_SHARDS
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
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

KNOWN_LIMIT = 10_000
MOST_DETAILS = 1_000


class DynamoCatalog:
    """The `Catalog` port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._counting = Counting(table)
        self._numbering = Numbering(table)
        self._known: set[Key] = set()

    def register(self, tenant: str, agents: Sequence[NewAgent], versions: Sequence[VersionRecord]) -> None:
        """Create what neither this process nor the table knows yet."""
        new = [agent for agent in agents if record_keys.agent(tenant, agent.agent_name) not in self._known]
        if new:
            self.enroll(tenant, new)
        rows = dict(_version_rows(tenant, version) for version in versions)
        unknown = [record for record in rows if record not in self._known]
        existing = self._table.get_all(unknown)
        self._table.in_parallel(
            lambda record: self._create(record, *rows[record]), [record for record in unknown if record not in existing]
        )
        if len(self._known) > KNOWN_LIMIT:
            self._known.clear()
        self._known.update(unknown, (record_keys.agent(tenant, agent.agent_name) for agent in new))

    def enroll(self, tenant: str, agents: Sequence[NewAgent]) -> list[AgentRecord]:
        """See `Numbering`; the same attributes stand in the record and in its row of the list."""
        drafts = {record_keys.agent(tenant, agent.agent_name): _agent_draft(tenant, agent) for agent in agents}
        standing = self._numbering.create(record_keys.agent_counter(tenant), drafts)
        names = [agent.agent_name for agent in agents]
        return [_agent_of(name, standing[record_keys.agent(tenant, name)]) for name in names]

    def name_version(self, tenant: str, agent_name: str, version: NewNamedVersion) -> NamedVersion:
        """See `Numbering`."""
        key = record_keys.named_version(tenant, agent_name, version.name)
        draft = Draft({"at": version.created_at, "d": version.description})
        standing = self._numbering.create(record_keys.named_version_counter(tenant, agent_name), {key: draft})
        return _named_version_of(version.name, standing[key])

    def named_version(self, tenant: str, agent_name: str, name: str) -> NamedVersion | None:
        """One strong read."""
        record = self._table.get(record_keys.named_version(tenant, agent_name, name))
        return _named_version_of(name, record) if record else None

    def _create(self, record: Key, values: Mapping[str, Scalar], by_age: Key) -> None:
        """The record and its row in the list, together or not at all; the first writer stands."""
        put = {"TableName": self._table.name, "Item": item(record, values)}
        listed = {"TableName": self._table.name, "Item": item(by_age, {})}
        with suppress(ConditionFailed):
            self._table.transact([{"Put": {**put, "ConditionExpression": "attribute_not_exists(pk)"}}, {"Put": listed}])

    def forget_prompt(self, tenant: str, agent_name: str, effective_version: str, definition: str) -> None:
        """One conditional update."""
        key = record_keys.version(tenant, agent_name, effective_version)
        self._table.update(key, "SET p = :none", "g = :g", {}, {":none": "", ":g": definition})

    def witness(self, tenant: str, owner: str, seen: Mapping[CatalogKey, Seen]) -> None:
        """Read the rows of this message's shard and widen only those that would change."""
        shard = keys.shard_of(owner, CATALOG_SHARDS)
        wanted = {record_keys.tally(tenant, key, shard): sight for key, sight in seen.items()}
        present = self._table.get_all(wanted)
        self._table.in_parallel(lambda row: self._widen(row, wanted[row], present.get(row, {})), wanted)

    def _widen(self, key: Key, sight: Seen, present: Record) -> None:
        if "l" not in present or present["l"] < sight.last_at:
            self._move(key, "l", "<", sight.last_at)
        if "f" not in present or present["f"] > sight.first_at:
            self._move(key, "f", ">", sight.first_at)

    def _move(self, key: Key, name: str, side: str, at: str) -> None:
        """Set a sight time if it lies further out than the stored one."""
        self._table.update(key, "SET #t = :t", f"attribute_not_exists(#t) OR #t {side} :t", {"#t": name}, {":t": at})

    def count(self, tenant: str, owner: str, positions: Mapping[int, Sequence[CatalogKey]]) -> int:
        """See `Counting`."""
        shard = keys.shard_of(owner, CATALOG_SHARDS)
        rows = {at: [record_keys.tally(tenant, key, shard) for key in names] for at, names in positions.items()}
        return self._counting.once(keys.marker(tenant, owner), rows)

    def agents(self, tenant: str, before: str | None, limit: int) -> CatalogPage:
        """The list of agents, newest first."""
        records, last = self._newest(record_keys.agents_partition(tenant), before, limit)
        return CatalogPage([_agent_of(record["name"], record) for record in records], last)

    def agent(self, tenant: str, agent_name: str) -> AgentRecord | None:
        """One agent by name."""
        record = self._table.get(record_keys.agent(tenant, agent_name))
        return _agent_of(agent_name, record) if record else None

    def versions(self, tenant: str, agent_name: str, before: str | None, limit: int) -> CatalogPage:
        """The list of an agent's versions, newest first sight first."""
        records, last = self._newest(record_keys.versions_partition(tenant, agent_name), before, limit)
        wanted = [record_keys.version(tenant, agent_name, record["name"]) for record in records]
        found = self._table.get_all(wanted, consistent=False)
        return CatalogPage([_version_of(agent_name, found[key]) for key in wanted if key in found], last)

    def version(self, tenant: str, agent_name: str, effective_version: str) -> VersionRecord | None:
        """One version."""
        record = self._table.get(record_keys.version(tenant, agent_name, effective_version))
        return _version_of(agent_name, record) if record else None

    def _newest(self, partition: str, before: str | None, limit: int) -> tuple[list[Record], str | None]:
        """Rows of a list by age, with the time and the name out of their keys; and where to go on."""
        records = self._table.query(partition, "L#", before or "L#~", newest_first=True, limit=limit + 2)
        rows = [record for record in records if record["sk"] != before]
        page = rows[:limit]
        listed = [{**row, **dict(zip(("at", "name"), row["sk"][2:].split("#", 1), strict=True))} for row in page]
        return listed, page[-1]["sk"] if len(rows) > limit else None

    def tallies(self, tenant: str, names: Iterable[CatalogKey]) -> dict[CatalogKey, Tally]:
        """Sum eight rows per key."""
        wanted = {record_keys.tally(tenant, name, shard): name for name in names for shard in range(CATALOG_SHARDS)}
        parts: dict[CatalogKey, list[Record]] = {}
        for key, row in self._table.get_all(wanted).items():
            parts.setdefault(wanted[key], []).append(row)
        return {name: _sum(rows) for name, rows in parts.items()}

    def breakdown(self, tenant: str, agent_name: str, effective_version: str) -> dict[CatalogKey, Tally]:
        """One query for each of the eight partitions."""
        low, high = record_keys.version_tallies(effective_version)
        found = self._table.in_parallel(
            lambda shard: self._table.query(
                record_keys.tally_partition(tenant, agent_name, shard), low, high, limit=MOST_DETAILS
            ),
            range(CATALOG_SHARDS),
        )
        parts: dict[CatalogKey, list[Record]] = {}
        for record in (record for shard in found for record in shard):
            parts.setdefault(record_keys.tally_key(agent_name, record["sk"]), []).append(record)
        return {key: _sum(rows) for key, rows in parts.items()}


def _agent_draft(tenant: str, agent: NewAgent) -> Draft:
    by_age = record_keys.agent_by_age(tenant, agent.created_at, agent.agent_name)
    return Draft({"at": agent.created_at, "d": agent.description}, by_age)


def _agent_of(name: str, record: Record) -> AgentRecord:
    # Agents of before there were numbers have none.
    return AgentRecord(name, record["at"], record.get("n", 0), record.get("d"))


def _named_version_of(name: str, record: Record) -> NamedVersion:
    return NamedVersion(name, record["at"], record["n"], record.get("d"))


def _version_rows(tenant: str, version: VersionRecord) -> tuple[Key, tuple[Mapping[str, Scalar], Key]]:
    values: dict[str, Scalar] = {
        "at": version.first_seen_at,
        "g": version.definition,
        "p": version.system_prompt_prefix,
        "n": version.tool_count,
        "e": json.dumps(dict(version.token_estimate)),
    }
    by_age = record_keys.version_by_age(tenant, version.agent_name, version.first_seen_at, version.effective_version)
    return record_keys.version(tenant, version.agent_name, version.effective_version), (values, by_age)


def _version_of(agent_name: str, record: Record) -> VersionRecord:
    return VersionRecord(
        agent_name=agent_name,
        effective_version=record["sk"].removeprefix("V#"),
        first_seen_at=record["at"],
        definition=record["g"],
        system_prompt_prefix=record["p"],
        tool_count=record["n"],
        token_estimate=json.loads(record["e"]),
    )


def _sum(rows: Sequence[Record]) -> Tally:
    count = sum(row.get("n", 0) for row in rows)
    firsts = [row["f"] for row in rows if "f" in row]
    lasts = [row["l"] for row in rows if "l" in row]
    return Tally(count, Seen(min(firsts), max(lasts)) if firsts and lasts else None)
