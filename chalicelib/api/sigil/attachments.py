"""What belongs to a generation beside its messages, from the wire to the domain."""

import base64
from typing import Any, Literal, NamedTuple

from chalicelib.api.labels import MAX_DEPENDENCIES, TOO_MANY_DEPENDENCIES, split_dependencies
from chalicelib.api.sigil.errors import FieldError
from chalicelib.api.sigil.notes import Notes
from chalicelib.api.sigil.wire import WireArtifact, WireGeneration, WireTimestamps, WireTool, WireUsage
from chalicelib.domain.generation import Artifact, Tool, Usage

Semantics = Literal["inclusive", "exclusive"]
_SEMANTICS: dict[Any, Semantics | None] = {
    "inclusive": "inclusive",
    "INCLUSIVE": "inclusive",
    "TOKEN_INPUT_SEMANTICS_INCLUSIVE": "inclusive",
    1: "inclusive",
    "exclusive": "exclusive",
    "EXCLUSIVE": "exclusive",
    "TOKEN_INPUT_SEMANTICS_EXCLUSIVE": "exclusive",
    "TOKEN_INPUT_SEMANTICS_UNSPECIFIED": None,
    0: None,
    "": None,
}


class Times(NamedTuple):
    """When a generation started, gave its first token and ended; stored forms."""

    started_at: str | None
    first_token_at: str | None
    completed_at: str | None


def read_times(wire: WireGeneration, notes: Notes) -> Times:
    """The item's own times, else those in its `timestamps`."""
    inner = wire.timestamps
    if inner is None:
        return Times(wire.started_at, wire.first_token_at, wire.completed_at)
    notes.fields_of("timestamps", inner)
    return Times(
        wire.started_at or inner.start or inner.started_at or inner.start_time,
        wire.first_token_at or inner.first_token or inner.first_token_at,
        wire.completed_at or _end(inner),
    )


def read_dependencies(own_id: str, wire: WireGeneration, notes: Notes) -> tuple[str, ...]:
    """The ids of `depends_on` and `parent_generation_ids`, each once and in order.

    Raises:
        FieldError: more than `MAX_DEPENDENCIES` of them.
    """
    kept, dropped = split_dependencies(own_id, [*(wire.depends_on or ()), *(wire.parent_generation_ids or ())])
    if len(kept) > MAX_DEPENDENCIES:
        raise FieldError("depends_on", TOO_MANY_DEPENDENCIES)
    if dropped:
        notes.keep("depends_on", dropped)
    return tuple(kept)


def read_tag_pairs(wire: WireGeneration, notes: Notes) -> dict[str, str]:
    """The tags; one without a name filters nothing and is only noted."""
    tags = wire.tags or {}
    if "" not in tags:
        return tags
    notes.keep("tags", {"": tags[""]})
    return {key: value for key, value in tags.items() if key}


def read_tools(wires: list[WireTool] | None, notes: Notes) -> tuple[Tool, ...]:
    """The tools, in order and with their schemas to the byte."""
    return tuple(_tool(f"tools[{index}]", wire, notes) for index, wire in enumerate(wires or ()))


def read_usage(wire: WireUsage | None, notes: Notes) -> Usage | None:
    """The token counts; either name of the tokens written to a cache."""
    if wire is None:
        return None
    notes.fields_of("usage", wire)
    return Usage(
        input_tokens=wire.input_tokens,
        output_tokens=wire.output_tokens,
        total_tokens=wire.total_tokens,
        cache_read_input_tokens=wire.cache_read_input_tokens,
        cache_creation_input_tokens=_cache_written(wire, notes),
        reasoning_tokens=wire.reasoning_tokens,
        input_semantics=_semantics(wire.input_semantics, notes),
    )


def read_artifacts(wires: list[WireArtifact] | None, notes: Notes) -> tuple[Artifact, ...]:
    """The raw documents."""
    return tuple(_artifact(f"raw_artifacts[{index}]", wire, notes) for index, wire in enumerate(wires or ()))


def _end(wire: WireTimestamps) -> str | None:
    return wire.end or wire.completed_at or wire.ended_at or wire.end_time


def _tool(path: str, wire: WireTool, notes: Notes) -> Tool:
    notes.fields_of(path, wire)
    schema = wire.input_schema_json or b""
    try:
        text, encoded = schema.decode(), None
    except UnicodeDecodeError:
        text, encoded = "", base64.b64encode(schema).decode("ascii")
    return Tool(
        name=wire.name or "",
        description=wire.description or "",
        type=wire.type or "",
        input_schema_json=text,
        input_schema_base64=encoded,
        deferred=wire.deferred or False,
    )


def _cache_written(wire: WireUsage, notes: Notes) -> int | None:
    """The count under either name; of two that differ the document's name wins, and a 0 says less than any number."""
    created, written = wire.cache_creation_input_tokens, wire.cache_write_input_tokens
    if created and written and created != written:
        notes.keep("usage.cache_write_input_tokens", written)
    return created or written or (written if created is None else created)


def _semantics(value: object, notes: Notes) -> Semantics | None:
    """Only the newest clients send it, so what we cannot read is noted and not refused."""
    if value is None:
        return None
    if type(value) in (str, int, float) and value in _SEMANTICS:
        return _SEMANTICS[value]
    notes.keep_any("usage", "input_semantics", value)
    return None


def _artifact(path: str, wire: WireArtifact, notes: Notes) -> Artifact:
    notes.fields_of(path, wire)
    kind = wire.kind if isinstance(wire.kind, str) else None
    if kind is None and wire.kind is not None:
        notes.keep_any(path, "kind", wire.kind)
    return Artifact(
        kind=kind,
        name=wire.name or None,
        content_type=wire.content_type or None,
        payload=wire.payload or None,
        record_id=wire.record_id or None,
        uri=wire.uri or None,
    )
