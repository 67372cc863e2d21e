"""Evaluators, judgements and backfills in memory."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.domain.errors import Conflict
from chalicelib.domain.evaluator import Evaluator
from chalicelib.services.ports import (
    MOST_EVALUATORS,
    Backfill,
    CatalogPage,
    Counts,
    EvaluatorSet,
    Failure,
    Score,
)
from tests.fakes.scores import FakeScores


class FakeEvaluators:
    """The `Evaluators` port; `reads` counts how often a set or its version was read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[str, list[Evaluator]]] = {}
        self._versions: dict[str, int] = {}
        self.reads = 0

    def version(self, tenant: str) -> int:
        with self._lock:
            self.reads += 1
            return self._versions.get(tenant, 0)

    def all(self, tenant: str) -> EvaluatorSet:
        with self._lock:
            self.reads += 1
            mine = self._kept.get(tenant, {})
            members = tuple(mine[name][-1] for name in sorted(mine, key=str.encode))
            return EvaluatorSet(self._versions.get(tenant, 0), members)

    def get(self, tenant: str, evaluator_id: str) -> Evaluator | None:
        with self._lock:
            versions = self._kept.get(tenant, {}).get(evaluator_id)
            return versions[-1] if versions else None

    def past(self, tenant: str, evaluator_id: str, version: int) -> Evaluator | None:
        with self._lock:
            versions = self._kept.get(tenant, {}).get(evaluator_id, [])
            return versions[version - 1] if 0 < version <= len(versions) else None

    def put(self, tenant: str, evaluator: Evaluator) -> bool:
        with self._lock:
            mine = self._kept.setdefault(tenant, {})
            versions = mine.get(evaluator.id, [])
            if evaluator.version != len(versions) + 1:
                return False
            if not versions and len(mine) >= MOST_EVALUATORS:
                raise Conflict("too many", code="TOO_MANY_EVALUATORS")
            mine[evaluator.id] = [*versions, evaluator]
            self._versions[tenant] = self._versions.get(tenant, 0) + 1
            return True


class FakeJudgements:
    """The `Judgements` port, over the fake of scores."""

    def __init__(self, scores: FakeScores) -> None:
        self._lock = threading.Lock()
        self._scores = scores
        self._failures: dict[tuple[str, str], dict[str, Failure]] = {}
        self._counts: dict[tuple[str, str], dict[tuple[str, int], Counts]] = {}

    def commit(self, tenant: str, owner: str, scores: Sequence[Score], day: str) -> list[bool]:
        with self._lock:
            fresh = self._scores.commit(tenant, owner, scores)
            for score in (score for score, new in zip(scores, fresh, strict=True) if new):
                version = int(score.document["evaluator_version"])
                adds = Counts(1, int(score.passed is True), int(score.passed is False))
                self._add((tenant, score.evaluator_id), (day, version), adds)
        return fresh

    def fail(self, tenant: str, failures: Sequence[Failure], day: str) -> list[bool]:
        with self._lock:
            return [self._fail(tenant, one, day) for one in failures]

    def _fail(self, tenant: str, one: Failure, day: str) -> bool:
        listed = self._failures.setdefault((tenant, one.evaluator_id), {})
        key = f"X#{one.created_at}#{one.score_id}"
        if key in listed:
            return False
        listed[key] = one
        self._add((tenant, one.evaluator_id), (day, one.version), Counts(errors=1))
        return True

    def _add(self, place: tuple[str, str], at: tuple[str, int], adds: Counts) -> None:
        counted = self._counts.setdefault(place, {})
        old = counted.get(at, Counts())
        counted[at] = Counts(
            old.judged + adds.judged, old.passed + adds.passed, old.failed + adds.failed, old.errors + adds.errors
        )

    def scored(self, tenant: str, score_ids: Iterable[str]) -> set[str]:
        return self._scores.taken(tenant, score_ids)

    def failures(self, tenant: str, evaluator_id: str, before: str | None, limit: int) -> CatalogPage:
        with self._lock:
            rows = dict(self._failures.get((tenant, evaluator_id), {}))
        keys = sorted((key for key in rows if before is None or key < before), key=str.encode, reverse=True)
        page = keys[:limit]
        return CatalogPage([rows[key] for key in page], page[-1] if len(keys) > limit else None)

    def counts(self, tenant: str, evaluator_id: str, since: str, until: str) -> dict[tuple[str, int], Counts]:
        with self._lock:
            counted = dict(self._counts.get((tenant, evaluator_id), {}))
        return {place: counts for place, counts in counted.items() if since <= place[0] <= until}


class FakeBackfills:
    """The `Backfills` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Backfill] = {}

    def start(self, tenant: str, backfill: Backfill) -> bool:
        with self._lock:
            standing = self._kept.get((tenant, backfill.evaluator_id))
            if standing and standing.state == "running":
                return False
            self._kept[tenant, backfill.evaluator_id] = backfill
            return True

    def get(self, tenant: str, evaluator_id: str) -> Backfill | None:
        with self._lock:
            return self._kept.get((tenant, evaluator_id))

    def save(self, tenant: str, backfill: Backfill) -> bool:
        with self._lock:
            standing = self._kept.get((tenant, backfill.evaluator_id))
            wanted = (backfill.id, backfill.step - 1, "running")
            if standing is None or (standing.id, standing.step, standing.state) != wanted:
                return False
            self._kept[tenant, backfill.evaluator_id] = replace(backfill)
            return True

    def due(self, now_ms: int, limit: int) -> Sequence[tuple[str, Backfill]]:
        with self._lock:
            kept = dict(self._kept)
        running = [(tenant, one) for (tenant, _), one in sorted(kept.items(), key=_place) if one.state == "running"]
        return [(tenant, one) for tenant, one in running[:limit] if one.due_ms <= now_ms]


def _place(kept: tuple[tuple[str, str], Backfill]) -> tuple[str, str]:
    return kept[0]
