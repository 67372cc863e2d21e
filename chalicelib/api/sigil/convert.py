"""A generation as the wire has it, turned into one of the domain."""

from typing import Any

from chalicelib.api.scalars import NotFinite
from chalicelib.api.sigil.attachments import (
    read_artifacts,
    read_dependencies,
    read_tag_pairs,
    read_times,
    read_tools,
    read_usage,
)
from chalicelib.api.sigil.messages import read_messages
from chalicelib.api.sigil.notes import Notes
from chalicelib.api.sigil.wire import WireGeneration, WireModelRef
from chalicelib.domain.generation import Generation, ModelRef


def to_generation(own_id: str, wire: WireGeneration) -> Generation:
    """The generation; empty strings are absent, what has no place goes to the metadata.

    Raises:
        FieldError: a field that its own type could not refuse.
    """
    notes = Notes()
    notes.fields_of("", wire)
    fields = _labels(wire, notes) | _settings(wire, notes) | _payload(wire, notes)
    fields["depends_on"] = read_dependencies(own_id, wire, notes)
    return Generation(id=own_id, source="sigil", metadata=notes.added_to(wire.metadata or {}), **fields)


def _labels(wire: WireGeneration, notes: Notes) -> dict[str, Any]:
    return {
        "conversation_id": wire.conversation_id,
        "session_id": wire.session_id,
        "person_id": wire.person_id,
        "project_id": wire.project_id,
        "trace_id": wire.trace_id,
        "span_id": wire.span_id,
        "agent_name": wire.agent_name,
        "agent_version": wire.agent_version,
        "effective_version": wire.effective_version,
        "model": _model(wire.model, notes),
        "tags": read_tag_pairs(wire, notes),
        **read_times(wire, notes)._asdict(),
    }


def _settings(wire: WireGeneration, notes: Notes) -> dict[str, Any]:
    return {
        "operation_name": wire.operation_name or None,
        "mode": wire.mode,
        "max_tokens": wire.max_tokens,
        "temperature": _double("temperature", wire.temperature, notes),
        "top_p": _double("top_p", wire.top_p, notes),
        "tool_choice": wire.tool_choice,
        "thinking_enabled": wire.thinking_enabled,
    }


def _payload(wire: WireGeneration, notes: Notes) -> dict[str, Any]:
    return {
        "response_id": wire.response_id or None,
        "response_model": wire.response_model or None,
        "stop_reason": wire.stop_reason or None,
        "call_error": wire.call_error or None,
        "system_prompt": wire.system_prompt or None,
        "input": read_messages("input", wire.input, notes),
        "output": read_messages("output", wire.output, notes),
        "tools": read_tools(wire.tools, notes),
        "usage": read_usage(wire.usage, notes),
        "raw_artifacts": read_artifacts(wire.raw_artifacts, notes),
    }


def _model(wire: WireModelRef | None, notes: Notes) -> ModelRef | None:
    if wire is None:
        return None
    notes.fields_of("model", wire)
    return ModelRef(provider=wire.provider, name=wire.name)


def _double(name: str, value: float | NotFinite | None, notes: Notes) -> float | None:
    if isinstance(value, NotFinite):
        notes.keep(name, str(value))
        return None
    return value
