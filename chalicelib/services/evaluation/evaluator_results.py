"""What an evaluator has judged: its counts, and what it could not judge."""

from dataclasses import dataclass, fields
from typing import Any

from chalicelib.services.ports import CatalogPage, Counts, Failure, Judgements


@dataclass(frozen=True, slots=True)
class EvaluatorResults:
    """The use cases behind `/evaluators/{evaluator_id}/stats` and `/failures`."""

    judgements: Judgements

    def stats(self, tenant: str, evaluator_id: str, since: str, until: str) -> dict[str, Any]:
        """Counts in all and by day and version, newest first; days are YYYY-MM-DD, both included."""
        counted = self.judgements.counts(tenant, evaluator_id, since, until)
        total = {each.name: sum(getattr(one, each.name) for one in counted.values()) for each in fields(Counts)}
        items = [{"day": day, "version": version, **_shown(counted[day, version])} for day, version in sorted(counted)]
        return {"evaluator_id": evaluator_id, "since": since, "until": until, **total, "items": items[::-1]}

    def failures(self, tenant: str, evaluator_id: str, before: str | None, limit: int) -> CatalogPage:
        """Failures, newest first, without those that were judged after all: pages may be short."""
        page = self.judgements.failures(tenant, evaluator_id, before, limit)
        failures: list[Failure] = list(page.rows)
        judged = self.judgements.scored(tenant, [one.score_id for one in failures])
        return CatalogPage([one for one in failures if one.score_id not in judged], page.last)


def _shown(counts: Counts) -> dict[str, int]:
    return {each.name: getattr(counts, each.name) for each in fields(Counts)}
