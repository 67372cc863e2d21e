"""What the use cases need of the outside world, defined where it is consumed.

Every port has one contract suite (`tests/contract/`) that runs against the fake and against each engine.
All methods raise `Unavailable` when the thing behind them cannot be reached after bounded retries; nothing else of AWS
comes through.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Head:
    """The commit record of one generation; written once and never changed by processing.

    `owner` is the key of the chunk whose request committed it and `position` its place in that chunk: together they
    say which message counts it. `listed_at` (27 characters) and the id place its entry in every list. `size` is the
    content's length in bytes.
    """

    id: str
    content_hash: str
    owner: str
    position: int
    created_at: str
    listed_at: str
    size: int


@dataclass(frozen=True, slots=True)
class Payload:
    """The content of a generation: canonical JSON bytes and their SHA-256 in hex."""

    id: str
    content_hash: str
    content: bytes


class GenerationStore(Protocol):
    """Heads and payloads."""

    def put_payloads(self, tenant: str, owner: str, payloads: Sequence[Payload]) -> None:
        """Write payloads in batches. Repeating it is harmless."""
        ...

    def commit(self, tenant: str, heads: Sequence[Head]) -> list[Head]:
        """Write each head unless its id has one; give back, in order, the head that stands."""
        ...

    def heads(self, tenant: str, ids: Iterable[str]) -> dict[str, Head]:
        """Read heads by id, strongly consistent; an unknown id is absent."""
        ...

    def contents(self, tenant: str, refs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        """Read contents by (id, content hash), strongly consistent; keyed by id; an unknown one is absent."""
        ...

    def link(self, tenant: str, head: Head) -> str | None:
        """A URL that reads a large content as JSON for fifteen minutes; None when the content is not kept apart."""
        ...

    def discard(self, tenant: str, owner: str, refs: Iterable[tuple[str, str]]) -> None:
        """Delete payloads (id, content hash) that no head names, but only those that `owner` wrote last."""
        ...

    def settle(self, tenant: str, owner: str, standing: Head) -> None:
        """After losing a race with the same content: leave exactly one object behind the payload that both wrote."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A promise that `body` reaches `queue`. Times are milliseconds since the epoch."""

    key: str
    queue: str
    body: str
    created_ms: int
    due_ms: int
    attempts: int = 0


class Outbox(Protocol):
    """Promises made before the work they stand for, kept until the queue has them."""

    def add(self, rows: Sequence[OutboxRow]) -> None:
        """Write the rows durably."""
        ...

    def remove(self, rows: Sequence[OutboxRow]) -> None:
        """Delete the rows; one that is gone already is no error."""
        ...

    def due(self, now_ms: int, limit: int) -> list[OutboxRow]:
        """Rows due at `now_ms`, oldest first per shard, at most `limit`; strongly consistent."""
        ...

    def postpone(self, row: OutboxRow, due_ms: int) -> None:
        """Make the row due later, with one more attempt; it is never absent in between."""
        ...


class Queue(Protocol):
    """Message queues by name."""

    def send(self, queue: str, bodies: Sequence[str], trace_header: str | None = None) -> list[bool]:
        """Send each body; say for each whether the queue has accepted it."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One generation as lists show it. `keys` are the (kind, value) lists it stands in, besides the list of all."""

    id: str
    listed_at: str
    summary: Mapping[str, Any]
    keys: tuple[tuple[str, str], ...] = ()


Position = tuple[str, str]
"""(listed_at, id) of a row in a list: the sort key, newest first."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list to read: strictly older than `before`, not older than `since`, not newer than `until`."""

    before: Position | None = None
    since: str | None = None
    until: str | None = None


class GenerationIndex(Protocol):
    """Entries and the lists they stand in."""

    def put(self, tenant: str, entries: Sequence[Entry]) -> None:
        """Write entries and their list rows. Repeating it is harmless."""
        ...

    def entries(
        self, tenant: str, positions: Iterable[Position], *, consistent: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Read summaries by position; keyed by id; an unknown one is absent."""
        ...

    def newest(self, tenant: str, key: tuple[str, str] | None, window: Window, limit: int) -> list[Position]:
        """The newest positions of one list (None: the list of all) inside the window, newest first."""
        ...


class Dependencies(Protocol):
    """The depends_on graph. Edges are only ever added."""

    def put_edges(self, tenant: str, edges: Sequence[tuple[str, str]]) -> None:
        """Store (parent, child) edges. Repeating it is harmless."""
        ...


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
class AgentRecord:
    """An agent of a tenant: one per name."""

    agent_name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """A page of rows with the position to go on from, or None at the end."""

    rows: list[Any] = field(default_factory=list)
    last: str | None = None


class Catalog(Protocol):
    """Agents, their effective versions, and exact counts."""

    def register(self, tenant: str, agents: Sequence[AgentRecord], versions: Sequence[VersionRecord]) -> None:
        """Create the records that are missing; the first one stands."""
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


class Prices(Protocol):
    """What tokens cost."""

    def cost_usd(self, provider: str | None, model: str | None, usage: "TokenCounts", at: str | None) -> float | None:
        """US dollars, or None when the model or the counts are unknown."""
        ...


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Billable counts: `input_tokens` includes both cache buckets."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class Clock(Protocol):
    """The time, injected so that tests can stand still."""

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        ...


class Keys(Protocol):
    """Makes keys that are unique and sort by the time they were made (26 characters)."""

    def __call__(self) -> str:
        """The next key."""
        ...


class Health(Protocol):
    """Whether the things a request needs answer."""

    def check(self) -> list[str]:
        """Names of what does not answer; empty when all is well."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside the process that the use cases need."""

    store: GenerationStore
    index: GenerationIndex
    dependencies: Dependencies
    catalog: Catalog
    outbox: Outbox
    queue: Queue
    prices: Prices
    clock: Clock
    new_key: Keys
    health: Health
