"""Scores and handed-on walks in memory."""

import threading
from collections.abc import Iterable, Sequence

from chalicelib.services.ports import CatalogPage, Score


class FakeScores:
    """The `Scores` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scores: dict[tuple[str, str], tuple[str, Score]] = {}
        self._filed: dict[tuple[str, str], dict[str, Score]] = {}

    def commit(self, tenant: str, owner: str, scores: Sequence[Score]) -> list[bool]:
        with self._lock:
            fresh = [(tenant, score.score_id) not in self._scores for score in scores]
            for score in scores:
                self._scores.setdefault((tenant, score.score_id), (owner, score))
        return fresh

    def owned(self, tenant: str, owner: str, score_ids: Iterable[str]) -> list[Score]:
        with self._lock:
            found = [self._scores[tenant, each] for each in score_ids if (tenant, each) in self._scores]
        return [score for of, score in found if of == owner]

    def taken(self, tenant: str, score_ids: Iterable[str]) -> set[str]:
        """Those of the ids that a score has."""
        with self._lock:
            return {each for each in score_ids if (tenant, each) in self._scores}

    def file(self, tenant: str, scores: Sequence[Score]) -> None:
        with self._lock:
            for score in scores:
                rows = self._filed.setdefault((tenant, score.generation_id), {})
                rows[f"Z#{score.created_at}#{score.score_id}"] = score

    def rewrite(self, tenant: str, scores: Sequence[Score]) -> None:
        with self._lock:
            for score in scores:
                if (tenant, score.score_id) in self._scores:
                    owner, _ = self._scores[tenant, score.score_id]
                    self._scores[tenant, score.score_id] = (owner, score)
        self.file(tenant, scores)

    def of_generation(self, tenant: str, generation_id: str, before: str | None, limit: int) -> CatalogPage:
        with self._lock:
            rows = dict(self._filed.get((tenant, generation_id), {}))
        keys = sorted((key for key in rows if before is None or key < before), reverse=True)
        page = keys[:limit]
        return CatalogPage([dict(rows[key].document) for key in page], page[-1] if len(keys) > limit else None)


class FakeWalks:
    """The `WalkStore` port."""

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}

    def save(self, tenant: str, part: bytes) -> str:
        name = f"{tenant}/{len(self._parts)}"
        self._parts[name] = part
        return name

    def load(self, name: str) -> bytes:
        return self._parts[name]
