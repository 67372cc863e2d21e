"""One step of a workflow: a node of an agent's graph that ran, between the generations before it and its own.

A value that the client did not send is None (or empty), so that the content hash depends on nothing the server adds.
Times are RFC 3339 UTC with `Z` and 6 fraction digits.
"""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

WORDS = ("tags", "input_state", "output_state", "error", "metadata")
"""What of a step is free-form, and redacted before it is stored."""
CONTENT = ("input_state", "output_state", "error", "metadata")
"""What a purge takes away."""
SHOWN_CHARACTERS = 256
"""As much of an error as lists show."""
_SORTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


class WorkflowStep(BaseModel):
    """A step as received.

    `linked_generation_ids` are the generations made in it; `parent_step_ids` are the steps whose output it was given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str
    conversation_id: str
    step_name: str
    framework: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    input_state: dict[str, Any] = {}
    output_state: dict[str, Any] = {}
    error: str | None = None
    tags: dict[str, str] = {}
    linked_generation_ids: tuple[str, ...] = ()
    parent_step_ids: tuple[str, ...] = ()
    agent_name: str | None = None
    agent_version: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    metadata: dict[str, Any] = {}


def step_hash(step: WorkflowStep) -> str:
    """SHA-256, as 64 hex digits, of everything the client sent: what "the same content" means of a step.

    States and metadata have to be in their normal form, so that a step hashes alike over every transport.
    """
    return hashlib.sha256(_json(step.model_dump(exclude_defaults=True))).hexdigest()


def labels_of(step: WorkflowStep) -> dict[str, Any]:
    """What lists and pictures show of a step: all but its content, but whether it failed and how its error begins."""
    labels = step.model_dump(exclude_defaults=True, exclude=set(CONTENT))
    return {**labels, "failed": bool(step.error), "error": (step.error or "")[:SHOWN_CHARACTERS]}


def content_of(step: WorkflowStep) -> bytes:
    """The content as JSON; `from_content` reads it."""
    return _json({name: getattr(step, name) for name in CONTENT})


def from_content(content: bytes) -> dict[str, Any]:
    """The fields whose `content_of` this is."""
    fields: dict[str, Any] = json.loads(content)
    return fields


def _json(fields: dict[str, Any]) -> bytes:
    return _SORTED.encode(fields).encode()
