"""Messages and their parts, from the wire to the domain."""

from chalicelib.api.sigil.errors import FieldError
from chalicelib.api.sigil.notes import Notes
from chalicelib.api.sigil.wire import WireMedia, WireMessage, WirePart, WirePartMetadata, WireToolCall, WireToolResult
from chalicelib.domain.generation import Media, Message, Part, PartMetadata, ToolCall, ToolResult


def read_messages(field: str, wires: list[WireMessage] | None, notes: Notes) -> tuple[Message, ...]:
    """The messages of `input` or `output`.

    Raises:
        FieldError: a part has more than one payload, or an unknown field holds no JSON.
    """
    return tuple(_message(f"{field}[{index}]", wire, notes) for index, wire in enumerate(wires or ()))


def _message(path: str, wire: WireMessage, notes: Notes) -> Message:
    notes.fields_of(path, wire)
    role = wire.role if isinstance(wire.role, str) else None
    if role is None and wire.role is not None:
        notes.keep_any(path, "role", wire.role)
    parts = tuple(_part(f"{path}.parts[{index}]", part, notes) for index, part in enumerate(wire.parts or ()))
    return Message(role=role, name=wire.name or None, parts=parts)


def _part(path: str, wire: WirePart, notes: Notes) -> Part:
    notes.fields_of(path, wire)
    payloads = (wire.text, wire.thinking, wire.tool_call, wire.tool_result, wire.media)
    if payloads.count(None) < len(payloads) - 1:
        raise FieldError(path, "must have only one of text, thinking, tool_call, tool_result and media")
    return Part(
        text=wire.text,
        thinking=wire.thinking,
        tool_call=_tool_call(path, wire.tool_call, notes),
        tool_result=_tool_result(path, wire.tool_result, notes),
        media=_media(path, wire.media, notes),
        metadata=_metadata(path, wire.metadata, notes),
    )


def _tool_call(path: str, wire: WireToolCall | None, notes: Notes) -> ToolCall | None:
    if wire is None:
        return None
    notes.fields_of(f"{path}.tool_call", wire)
    return ToolCall(id=wire.id or None, name=wire.name or None, input_json=wire.input_json or None)


def _tool_result(path: str, wire: WireToolResult | None, notes: Notes) -> ToolResult | None:
    if wire is None:
        return None
    notes.fields_of(f"{path}.tool_result", wire)
    return ToolResult(
        tool_call_id=wire.tool_call_id or None,
        name=wire.name or None,
        content=wire.content or None,
        content_json=wire.content_json or None,
        is_error=wire.is_error,
    )


def _media(path: str, wire: WireMedia | None, notes: Notes) -> Media | None:
    if wire is None:
        return None
    notes.fields_of(f"{path}.media", wire)
    return Media(kind=wire.kind or None, url=wire.url or None, mime_type=wire.mime_type or None, name=wire.name or None)


def _metadata(path: str, wire: WirePartMetadata | None, notes: Notes) -> PartMetadata | None:
    if wire is None:
        return None
    notes.fields_of(f"{path}.metadata", wire)
    return PartMetadata(provider_type=wire.provider_type or None)
