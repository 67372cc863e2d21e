"""From one JSON body of `POST workflow-steps:export` to workflow steps of the domain, item by item."""

from typing import Any

from pydantic import ValidationError

from chalicelib.api.faults import TooDeep, first_fault, validated
from chalicelib.api.free_fields import NormalObject
from chalicelib.api.labels import split_dependencies
from chalicelib.api.limits import items_of, limit_links
from chalicelib.api.scalars import Identifier, Text, Time
from chalicelib.api.sigil.errors import FieldError
from chalicelib.api.sigil.notes import Notes
from chalicelib.api.sigil.wire import Ids, Tags, Wire
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json, Unreadable, mended
from chalicelib.domain.identifiers import MAX_CHARACTERS
from chalicelib.domain.workflow_step import WorkflowStep

ITEM = "workflow_step"
MOST_LINKS = 100
"""Ids that one list of a step may have; they stand in its row."""
SPELLINGS = ("workflow_steps", "workflowSteps")
REQUIRED = ("id", "conversation_id", "step_name")


class StepRejected(Malformed):
    """One step cannot be taken in; `step_id` is its id as far as it has one, `error` the text for its result."""

    def __init__(self, step_id: str, error: str) -> None:
        super().__init__(error)
        self.step_id = step_id
        self.error = error


class WireStep(Wire):
    """One element of `workflow_steps`, in snake_case or lowerCamelCase."""

    id: Identifier = None
    conversation_id: Identifier = None
    step_name: Identifier = None
    framework: Identifier = None
    started_at: Time = None
    completed_at: Time = None
    input_state: NormalObject = None
    output_state: NormalObject = None
    error: Text | None = None
    tags: Tags = None
    linked_generation_ids: Ids = None
    parent_step_ids: Ids = None
    agent_name: Identifier = None
    agent_version: Identifier = None
    trace_id: Identifier = None
    span_id: Identifier = None
    metadata: NormalObject = None


def read_steps(body: object) -> list[WorkflowStep | StepRejected]:
    """The steps of a parsed body in its order, with the refusal in the place of each that is refused.

    Raises:
        Malformed: the body is no object, its `workflow_steps` no list, or there under both spellings.
        TooLarge: over 1,000 items, or over 10,000 linked generations and parents in all.
    """
    outcomes = [_outcome(item) for item in items_of(body, _spelled(body), required=False)]
    limit_links(
        len(one.linked_generation_ids) + len(one.parent_step_ids) for one in outcomes if isinstance(one, WorkflowStep)
    )
    return outcomes


def read_step(raw: object) -> WorkflowStep:
    """One element of `workflow_steps`, with nothing added that the client did not send. Raises StepRejected."""
    if not isinstance(raw, dict):
        reason = raw.reason if isinstance(raw, Unreadable) else "must be an object"
        raise StepRejected("", f"{ITEM}: {reason}")
    try:
        return _step(validated(WireStep, raw))
    except ValidationError as error:
        fault = first_fault(error, ITEM)
    except TooDeep as error:
        fault = f"{ITEM}: {error}"
    except FieldError as error:
        fault = f"{ITEM}.{error.told}"
    except _MissingError as error:
        fault = str(error)
    raise StepRejected(_id_of(raw), fault)


def _spelled(body: object) -> str:
    """The name that the list goes by."""
    given = [name for name in SPELLINGS if isinstance(body, dict) and name in body]
    if len(given) > 1:
        raise Malformed(f"the body must have only one of {' and '.join(SPELLINGS)}")
    return given[0] if given else SPELLINGS[0]


class _MissingError(Exception):
    """A field without which a step cannot be stored."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{ITEM}.{field} is required")


def _outcome(item: Json) -> WorkflowStep | StepRejected:
    try:
        return read_step(item)
    except StepRejected as rejected:
        return rejected


def _step(wire: WireStep) -> WorkflowStep:
    own_id, conversation_id, step_name = (_required(wire, name) for name in REQUIRED)
    notes = Notes()
    notes.fields_of("", wire)
    return WorkflowStep(
        id=own_id,
        conversation_id=conversation_id,
        step_name=step_name,
        framework=wire.framework,
        started_at=wire.started_at,
        completed_at=wire.completed_at,
        input_state=wire.input_state or {},
        output_state=wire.output_state or {},
        error=wire.error or None,
        tags={key: value for key, value in (wire.tags or {}).items() if key},
        linked_generation_ids=_ids("linked_generation_ids", "", wire.linked_generation_ids, notes),
        parent_step_ids=_ids("parent_step_ids", own_id, wire.parent_step_ids, notes),
        agent_name=wire.agent_name,
        agent_version=wire.agent_version,
        trace_id=wire.trace_id,
        span_id=wire.span_id,
        metadata=notes.added_to(wire.metadata or {}),
    )


def _required(wire: WireStep, name: str) -> str:
    value: str | None = getattr(wire, name)
    if value is None or not value.strip():
        raise _MissingError(name)
    return value


def _ids(name: str, own_id: str, sent: list[str] | None, notes: Notes) -> tuple[str, ...]:
    """Each id once and in order, without the step's own; what does not count is noted, as of `depends_on`."""
    kept, dropped = split_dependencies(own_id, sent or ())
    if len(kept) > MOST_LINKS:
        raise FieldError(name, f"must have at most {MOST_LINKS} ids")
    if dropped:
        notes.keep(name, dropped)
    return tuple(kept)


def _id_of(raw: dict[str, Any]) -> str:
    value = raw.get("id")
    return mended(value[:MAX_CHARACTERS]) if isinstance(value, str) else ""
