"""Evaluators, what they have judged, and backfills."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.domain.evaluator import Evaluator, Filter
from chalicelib.services.ports.catalog import CatalogPage
from chalicelib.services.ports.generations import Position
from chalicelib.services.ports.lineage import Score

MOST_EVALUATORS = 100
"""A tenant's evaluators, disabled ones too: all of them are read together."""


@dataclass(frozen=True, slots=True)
class EvaluatorSet:
    """A tenant's evaluators by id, disabled ones too. `version` grows with every change of any of them."""

    version: int = 0
    members: tuple[Evaluator, ...] = ()


class Evaluators(Protocol):
    """A tenant's evaluators, each with all its versions. All reads here are strongly consistent."""

    def version(self, tenant: str) -> int:
        """The version of the tenant's set: one small read. 0 when there has never been an evaluator."""
        ...

    def all(self, tenant: str) -> EvaluatorSet:
        """The present versions; they are at least as new as the set's version says."""
        ...

    def get(self, tenant: str, evaluator_id: str) -> Evaluator | None:
        """One evaluator as it is now."""
        ...

    def past(self, tenant: str, evaluator_id: str, version: int) -> Evaluator | None:
        """One version of it."""
        ...

    def put(self, tenant: str, evaluator: Evaluator) -> bool:
        """Make it the present version if the one before it is that now; says whether it was.

        Raises Conflict when it would be the tenant's hundred and first.
        """
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """An evaluator could not judge a generation, and nobody tries it again by itself.

    `score_id` is that of the score there would be, and `created_at` its time; `failed_at` is when it was given up.
    """

    score_id: str
    evaluator_id: str
    version: int
    generation_id: str
    created_at: str
    reason: str
    failed_at: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one version of an evaluator on one day. `judged` counts scores, of which some have no verdict."""

    judged: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0


class Judgements(Protocol):
    """Scores that evaluators here have given, failures to give one, and exact counts of both."""

    def commit(self, tenant: str, owner: str, scores: Sequence[Score], day: str) -> list[bool]:
        """Write each score unless its id is taken, and count it in the same step; says for each whether it was written.

        `day` is YYYY-MM-DD. The scores' ids are unique.
        """
        ...

    def fail(self, tenant: str, failures: Sequence[Failure], day: str) -> list[bool]:
        """The same for failures; what a redelivery finds listed is not counted again."""
        ...

    def scored(self, tenant: str, score_ids: Iterable[str]) -> set[str]:
        """Those of the score ids that are taken, strongly consistent."""
        ...

    def failures(self, tenant: str, evaluator_id: str, before: str | None, limit: int) -> CatalogPage:
        """Failures of an evaluator in `rows`, newest `created_at` first."""
        ...

    def counts(self, tenant: str, evaluator_id: str, since: str, until: str) -> dict[tuple[str, int], Counts]:
        """What was counted from day to day, both included, by (day, version)."""
        ...


BackfillState = Literal["running", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class Backfill:
    """The latest backfill of an evaluator, newest generations first.

    `step` counts its changes. `after` is the position it has come to; `examined` and `queued` count the rows up to
    there and those of them that were handed out for judging, `rate` per second. When nothing has been heard of it at
    `due_ms`, it is woken.
    """

    id: str
    evaluator_id: str
    since: str | None
    until: str
    filter: Filter
    rate: int
    started_at: str
    updated_at: str
    due_ms: int
    state: BackfillState = "running"
    step: int = 0
    after: Position | None = None
    examined: int = 0
    queued: int = 0


class Backfills(Protocol):
    """Backfills, one per evaluator."""

    def start(self, tenant: str, backfill: Backfill) -> bool:
        """Store it unless one of the evaluator is running; says whether it was stored."""
        ...

    def get(self, tenant: str, evaluator_id: str) -> Backfill | None:
        """The latest one, strongly consistent."""
        ...

    def save(self, tenant: str, backfill: Backfill) -> bool:
        """Store it if the step before it is what stands, still running; says whether it was."""
        ...

    def due(self, now_ms: int, limit: int) -> Sequence[tuple[str, Backfill]]:
        """Running ones of all tenants that are to be woken, with their tenants; out of the first `limit`."""
        ...
