"""Workflow steps in memory."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.services.ports import NewStep, Position, StepRecord
from chalicelib.services.ports.steps import StepList


class FakeSteps:
    """The `Steps` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: dict[tuple[str, str], NewStep] = {}
        self._listed: set[tuple[str, str, str, Position]] = set()

    def commit(self, tenant: str, steps: Sequence[NewStep]) -> list[StepRecord]:
        with self._lock:
            for record in (step.record for step in steps):
                position = (record.listed_at, record.step_id)
                self._listed.add((tenant, "conversation-steps", record.labels["conversation_id"], position))
                for link in record.labels.get("linked_generation_ids", ()):
                    self._listed.add((tenant, "generation-steps", link, position))
            return [self._steps.setdefault((tenant, step.record.step_id), step).record for step in steps]

    def some(self, tenant: str, step_ids: Iterable[str]) -> dict[str, StepRecord]:
        return {name: step.record for name in step_ids if (step := self._steps.get((tenant, name)))}

    def read(self, tenant: str, step_id: str) -> tuple[StepRecord, bytes] | None:
        step = self._steps.get((tenant, step_id))
        return (step.record, step.content) if step else None

    def newest(self, tenant: str, listed: tuple[StepList, str], before: Position | None, limit: int) -> list[Position]:
        with self._lock:
            rows = [row[3] for row in self._listed if row[:3] == (tenant, *listed)]
        return sorted((row for row in rows if before is None or row < before), reverse=True)[:limit]

    def replace(self, tenant: str, step: NewStep) -> None:
        with self._lock:
            key = (tenant, step.record.step_id)
            if standing := self._steps.get(key):
                purged_at = standing.record.purged_at or step.record.purged_at
                self._steps[key] = replace(step, record=replace(step.record, purged_at=purged_at))
