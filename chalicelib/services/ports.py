"""What the use cases need of the outside world, defined where it is consumed.

Every port has one contract suite (`tests/contract/`) that runs against the fake and against each engine.
All methods raise `Unavailable` when the thing behind them cannot be reached after bounded retries; nothing else of AWS
comes through.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from chalicelib.domain.lineage import Pair, Reach, State
from chalicelib.domain.webhook import Target, Webhook


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
        """A URL that reads a content as JSON for fifteen minutes; None when there is none."""
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


@dataclass(frozen=True, slots=True)
class Edge:
    """`child` consumed the output of `parent`; `listed_at` places the child in lists."""

    parent: str
    child: str
    listed_at: str


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluation result; `document` is everything the client sent. `passed` None counts for nothing."""

    score_id: str
    generation_id: str
    evaluator_id: str
    score_key: str
    created_at: str
    passed: bool | None
    document: Mapping[str, Any]

    @property
    def pair(self) -> Pair:
        """What it supersedes earlier scores of."""
        return self.evaluator_id, self.score_key


@dataclass(frozen=True, slots=True)
class ChildPage:
    """Children of a generation, and where to go on: None at the end."""

    edges: list[Edge]
    after: str | None


Change = Literal["started", "stopped"]
"""A root starts or stops failing."""


class Lineage(Protocol):
    """The depends_on graph, what decides who is a root, and which root reaches what.

    Edges, reach rows, activation and the touched mark are only ever added. All reads here are strongly consistent.
    """

    def put_edges(self, tenant: str, edges: Sequence[Edge]) -> None:
        """Store edges. Repeating it is harmless."""
        ...

    def children(self, tenant: str, parent: str, after: str | None, limit: int) -> ChildPage:
        """Up to `limit` edges from a parent, in a stable order."""
        ...

    def touched(self, tenant: str, generation_ids: Iterable[str]) -> set[str]:
        """Those that have ever failed or been reached by a root."""
        ...

    def touch(self, tenant: str, generation_ids: Iterable[str]) -> None:
        """Say for ever that these failed or were reached."""
        ...

    def states(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, State]:
        """States by id; a generation of which nothing is known is absent."""
        ...

    def apply_score(self, tenant: str, score: Score) -> None:
        """Make it its pair's latest score unless a later one stands; a failed one activates in the same write."""
        ...

    def apply_failure(self, tenant: str, generation_id: str, failed_at: str) -> None:
        """Record that the generation itself failed; activates in the same write."""
        ...

    def apply_waiver(self, tenant: str, generation_id: str, *, waived: bool, reason: str, at: str) -> None:
        """Set or lift the waiver, unless one decided later stands."""
        ...

    def mark_walked(self, tenant: str, generation_id: str) -> None:
        """Say that everything the root reaches is marked or its marking sure to go on."""
        ...

    def relist(self, tenant: str, generation_id: str) -> Change | None:
        """Bring the list of failing roots in line with the state; says what changed to the one who changed it."""
        ...

    def reach(self, tenant: str, generation_id: str) -> Reach:
        """The roots that reach a generation."""
        ...

    def put_reach(self, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, *, overflow: bool) -> None:
        """Say that each root, over the dependency given, reaches `edge.child`: list rows first, reach rows last."""
        ...


class Scores(Protocol):
    """Scores as they were sent, each id once."""

    def commit(self, tenant: str, owner: str, scores: Sequence[Score]) -> list[bool]:
        """Write each score unless its id is taken; say for each whether this call wrote it."""
        ...

    def owned(self, tenant: str, owner: str, score_ids: Iterable[str]) -> list[Score]:
        """Those of the scores that `owner` wrote, strongly consistent."""
        ...

    def file(self, tenant: str, scores: Sequence[Score]) -> None:
        """List scores with their generations. Repeating it is harmless."""
        ...

    def of_generation(self, tenant: str, generation_id: str, before: str | None, limit: int) -> "CatalogPage":
        """A generation's scores, newest first: documents in `rows`."""
        ...


class WalkStore(Protocol):
    """Parts of walks that are handed on, too large for a message."""

    def save(self, tenant: str, part: bytes) -> str:
        """Keep a part for at least fifteen days, and give its name."""
        ...

    def load(self, name: str) -> bytes:
        """Read a part."""
        ...


class Webhooks(Protocol):
    """The webhook of each tenant that has one."""

    def put(self, tenant: str, webhook: Webhook) -> None:
        """Set or replace it."""
        ...

    def get(self, tenant: str) -> Webhook | None:
        """Read it, strongly consistent."""
        ...

    def delete(self, tenant: str) -> None:
        """Forget it; none is no error."""
        ...


class Courier(Protocol):
    """Posts to receivers outside."""

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, whatever it is. Raises Unavailable when there is none."""
        ...


class Postpone(Protocol):
    """Lets a message that failed come again later than its queue would have it."""

    def __call__(self, queue: str, receipt: str, seconds: int) -> None:
        """Hide the message with that receipt for so long."""
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


class AtOnce(Protocol):
    """Maps a function over items, in parallel where there are threads for it."""

    def __call__(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Results in the order of the items; the first error is raised after all have ended."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside the process that the use cases need."""

    store: GenerationStore
    index: GenerationIndex
    lineage: Lineage
    scores: Scores
    walks: WalkStore
    at_once: AtOnce
    catalog: Catalog
    outbox: Outbox
    queue: Queue
    prices: Prices
    clock: Clock
    new_key: Keys
    health: Health
    webhooks: Webhooks
    courier: Courier
    postpone: Postpone
    new_secret: Callable[[], str]
