"""What the use cases need of the outside world, defined where it is consumed.

Every port has one contract suite (`tests/contract/`) that runs against the fake and against each engine.
All methods raise `Unavailable` when the thing behind them cannot be reached after bounded retries; nothing else of AWS
comes through.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.services.ports.access import ApiKeys, RateLimits
from chalicelib.services.ports.agent_sessions import AgentSessions
from chalicelib.services.ports.catalog import (
    AgentRecord,
    Catalog,
    CatalogKey,
    CatalogPage,
    NamedVersion,
    NewAgent,
    NewNamedVersion,
    Seen,
    Tally,
    VersionRecord,
)
from chalicelib.services.ports.conversations import Conversation, Conversations
from chalicelib.services.ports.delivery import Outbox, OutboxRow, Postpone, Queue
from chalicelib.services.ports.evaluators import (
    MOST_EVALUATORS,
    Backfill,
    Backfills,
    BackfillState,
    Counts,
    Evaluators,
    EvaluatorSet,
    Failure,
    Judgements,
)
from chalicelib.services.ports.fingerprints import Fingerprint, Fingerprints
from chalicelib.services.ports.generations import (
    PURGED,
    Entry,
    GenerationIndex,
    GenerationStore,
    Head,
    Payload,
    Position,
    Purge,
    Rewrite,
    Window,
    left_behind,
)
from chalicelib.services.ports.lineage import Change, ChildPage, Edge, Lineage, Score, Scores, WalkStore
from chalicelib.services.ports.notices import Courier, Webhooks
from chalicelib.services.ports.people import People, Person, Session
from chalicelib.services.ports.providers import Providers
from chalicelib.services.ports.ratings import Ratings
from chalicelib.services.ports.run_configs import RunConfigs
from chalicelib.services.ports.runs import Courses, Watch
from chalicelib.services.ports.steps import NewStep, StepRecord, Steps
from chalicelib.services.ports.surroundings import AtOnce, Clock, Health, Keys, Prices, TokenCounts
from chalicelib.services.ports.traces import Trace, Traces

__all__ = [
    "MOST_EVALUATORS",
    "PURGED",
    "AgentRecord",
    "AgentSessions",
    "ApiKeys",
    "AtOnce",
    "Backfill",
    "BackfillState",
    "Backfills",
    "Catalog",
    "CatalogKey",
    "CatalogPage",
    "Change",
    "ChildPage",
    "Clock",
    "Conversation",
    "Conversations",
    "Counts",
    "Courier",
    "Courses",
    "Edge",
    "Entry",
    "EvaluatorSet",
    "Evaluators",
    "Failure",
    "Fingerprint",
    "Fingerprints",
    "GenerationIndex",
    "GenerationStore",
    "Head",
    "Health",
    "Judgements",
    "Keys",
    "Lineage",
    "NamedVersion",
    "NewAgent",
    "NewNamedVersion",
    "NewStep",
    "Outbox",
    "OutboxRow",
    "Payload",
    "People",
    "Person",
    "Ports",
    "Position",
    "Postpone",
    "Prices",
    "Providers",
    "Purge",
    "Queue",
    "RateLimits",
    "Ratings",
    "Rewrite",
    "RunConfigs",
    "Score",
    "Scores",
    "Seen",
    "Session",
    "StepRecord",
    "Steps",
    "Tally",
    "TokenCounts",
    "Trace",
    "Traces",
    "VersionRecord",
    "WalkStore",
    "Watch",
    "Webhooks",
    "Window",
    "left_behind",
]


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside the process that the use cases need."""

    store: GenerationStore
    purge: Purge
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
    api_keys: ApiKeys
    rate_limits: RateLimits
    new_token: Callable[[], str]
    people: People
    fingerprints: Fingerprints
    traces: Traces
    courses: Courses
    providers: Providers
    steps: Steps
    ratings: Ratings
    conversations: Conversations
    run_configs: RunConfigs
    agent_sessions: AgentSessions
    sleep: Callable[[float], None]
    evaluators: Evaluators
    judgements: Judgements
    backfills: Backfills
