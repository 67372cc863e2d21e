"""Take workflow steps in: durable before the answer, each id once.

Nothing is left to do after the answer: a step is listed before it is committed (`Steps.commit`), so that there is no
message whose loss could matter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.free_form import Json
from chalicelib.domain.redaction.credentials import REDACTED
from chalicelib.domain.times import format_time
from chalicelib.domain.workflow_step import WORDS, WorkflowStep, content_of, labels_of, step_hash
from chalicelib.services.ports import Clock, GenerationStore, NewStep, StepRecord, Steps

ALREADY_EXISTS = "workflow step already exists"
MOST_CONTENT = 4 * 1024 * 1024
"""Bytes of JSON that states, error and metadata of one step may take, redacted: a response can show them."""
TOO_LARGE = f"workflow_step: its states, error and metadata may take at most {MOST_CONTENT:,} bytes of JSON"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What became of one step; `error` is empty when it is stored with exactly this content."""

    step_id: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class StepPorts:
    """What taking steps in reads and writes."""

    steps: Steps
    store: GenerationStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Received:
    """A step as it may be stored, and the hash of what was received."""

    content_hash: str
    step: WorkflowStep
    content: bytes

    @property
    def too_large(self) -> bool:
        return len(self.content) > MOST_CONTENT


class StepIntake:
    """The use case behind `POST /workflow-steps:export` and `ExportWorkflowSteps`."""

    def __init__(self, ports: StepPorts, redact: Callable[[Json], Json]) -> None:
        self._ports = ports
        self._redact = redact

    def __call__(self, tenant: str, steps: Sequence[WorkflowStep]) -> list[StepOutcome]:
        """Store steps; one outcome each, in order. Raises Unavailable, after which a retry is safe and right."""
        received = [self._received(step) for step in steps]
        first: dict[str, _Received] = {}
        for one in received:
            if not one.too_large:
                first.setdefault(one.step.id, one)
        standing = self._ports.steps.some(tenant, first) if first else {}
        standing |= self._commit(tenant, [one for own_id, one in first.items() if own_id not in standing])
        return [_outcome(one, standing) for one in received]

    def _received(self, step: WorkflowStep) -> _Received:
        """What is hashed is what was received, what is stored is what redaction leaves of it."""
        words = {name: value for name in WORDS if (value := getattr(step, name))}
        redacted = self._redact(words) if words else words
        # What could not be redacted comes back empty; that the step failed is still told.
        empty = {name: REDACTED if name == "error" else {} for name in words}
        kept = step if redacted is words else step.model_copy(update={**empty, **redacted})
        return _Received(step_hash(step), kept, content_of(kept))

    def _commit(self, tenant: str, fresh: Sequence[_Received]) -> dict[str, StepRecord]:
        if not fresh:
            return {}
        now = format_time(self._ports.clock.now())
        links = dict.fromkeys(link for one in fresh for link in one.step.linked_generation_ids)
        heads = self._ports.store.heads(tenant, links) if links else {}
        purged = {head.id for head in heads.values() if head.purged_at}
        new = [_new(one, now) for one in fresh]
        new = [emptied(step, now) if purged & set(_links(step.record)) else step for step in new]
        return {record.step_id: record for record in self._ports.steps.commit(tenant, new)}


def emptied(step: NewStep, at: str) -> NewStep:
    """A step without its content: ids, names, times, tags and links stay, and that it failed if so."""
    labels = {**step.record.labels, "error": ""}
    bare = WorkflowStep(id=step.record.step_id, conversation_id="", step_name="")
    return NewStep(replace(step.record, labels=labels, purged_at=step.record.purged_at or at), content_of(bare))


def _new(one: _Received, now: str) -> NewStep:
    step = one.step
    return NewStep(StepRecord(step.id, one.content_hash, now, step.started_at or now, labels_of(step)), one.content)


def _links(record: StepRecord) -> Sequence[str]:
    links: Sequence[str] = record.labels.get("linked_generation_ids", ())
    return links


def _outcome(one: _Received, standing: Mapping[str, StepRecord]) -> StepOutcome:
    if one.too_large:
        return StepOutcome(one.step.id, TOO_LARGE)
    same = standing[one.step.id].content_hash == one.content_hash
    return StepOutcome(one.step.id, "" if same else ALREADY_EXISTS)
