"""Read workflow steps: one with its states, and those of a conversation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import missing
from chalicelib.domain.redaction.skeleton import PURGED
from chalicelib.domain.workflow_step import from_content
from chalicelib.services.ports import Position, StepRecord, Steps
from chalicelib.services.ports.steps import StepList, stands_in
from chalicelib.services.showing import RESPONSE_BYTES, Resource

FROM_THE_START: Position = ("9", "")
"""Newer than anything that is listed."""
NAMES = ("framework", "started_at", "completed_at", "agent_name", "agent_version", "trace_id", "span_id")


@dataclass(frozen=True, slots=True)
class StepPage:
    """Steps without their states, and where to go on: None at the end."""

    items: list[Resource]
    last: Position | None


class StepReading:
    """The use cases behind the routes that read steps."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def one(self, tenant: str, step_id: str) -> Resource:
        """One step with its states, strongly consistent. Raises NotFound."""
        found = self._steps.read(tenant, step_id)
        if found is None:
            raise missing("workflow step")
        record, content = found
        said = from_content(content)
        whole = {name: said.get(name) or {} for name in ("input_state", "output_state", "metadata")}
        return {**summary_of(record), **whole, "error": _error(record, said.get("error"))}

    def page(
        self, tenant: str, conversation_id: str, before: Position | None, limit: int, room: int = RESPONSE_BYTES
    ) -> StepPage:
        """Steps of a conversation, newest first; the page ends early where `room` does, in bytes."""
        listed: tuple[StepList, str] = ("conversation-steps", conversation_id)
        positions = self._steps.newest(tenant, listed, before, limit + 1)
        page = positions[:limit]
        found = self._steps.some(tenant, [step_id for _, step_id in page]) if page else {}
        items: list[Resource] = []
        last = before or FROM_THE_START
        for position in page:
            record = found.get(position[1])
            if record and stands_in(record, listed, position):
                summary = summary_of(record)
                room -= len(json.dumps(summary, ensure_ascii=False).encode())
                if room < 0:
                    return StepPage(items, last)
                items.append(summary)
            last = position
        return StepPage(items, last if len(positions) > limit else None)


def summary_of(record: StepRecord) -> Resource:
    """A step as lists show it: every key, without its states; of an error the beginning."""
    labels = record.labels
    return {
        "id": record.step_id,
        "step_id": record.step_id,
        "conversation_id": labels["conversation_id"],
        "step_name": labels["step_name"],
        **{name: labels.get(name) for name in NAMES},
        "status": status_of(labels),
        "error": _error(record, labels["error"]),
        "tags": labels.get("tags", {}),
        "linked_generation_ids": list(labels.get("linked_generation_ids", ())),
        "parent_step_ids": list(labels.get("parent_step_ids", ())),
        "created_at": record.created_at,
        "content_purged_at": record.purged_at,
    }


def status_of(labels: Mapping[str, Any]) -> str:
    """How a step ended."""
    return "failed" if labels["failed"] else "completed"


def _error(record: StepRecord, message: str | None) -> Resource | None:
    if not record.labels["failed"]:
        return None
    return {"message": PURGED if record.purged_at else message}
