"""What one element of `generations` looks like on the wire, in snake_case or lowerCamelCase.

Nothing here refuses a field it does not know: `model_extra` keeps it.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, PlainValidator, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from chalicelib.api.labels import read_ids, read_tags
from chalicelib.api.scalars import SENTENCE, Double, Identifier, Int64, Text, Time, Version, enum_reader, refused
from chalicelib.api.sigil.elements import limited
from chalicelib.api.sigil.json_bytes import Base64, JsonBytes, JsonText
from chalicelib.api.sigil.loose_messages import as_input, as_list, as_output
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Role as KnownRole

_ROLES: dict[object, KnownRole] = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "system": "system",
    "developer": "system",
}
_ROLES |= {"function": "tool"}
_ROLE_NAMES: dict[object, str | None] = {
    **_ROLES,
    **{str(name).upper(): role for name, role in _ROLES.items()},
    **{f"MESSAGE_ROLE_{name}".upper(): role for name, role in _ROLES.items()},
    **dict(enumerate((None, "user", "assistant", "tool"))),
    "MESSAGE_ROLE_UNSPECIFIED": None,
    "": None,
}
_MODE_NAMES: dict[object, str | None] = {
    **dict.fromkeys(("SYNC", "GENERATION_MODE_SYNC", 1), "SYNC"),
    **dict.fromkeys(("STREAM", "GENERATION_MODE_STREAM", 2), "STREAM"),
    **dict.fromkeys(("", "GENERATION_MODE_UNSPECIFIED", 0)),
}
_KINDS = ("request", "response", "tools", "provider_event")
_KIND_NAMES: dict[object, str | None] = {
    **{name: kind for kind in _KINDS for name in (kind, kind.upper(), f"ARTIFACT_KIND_{kind.upper()}")},
    **dict(enumerate(_KINDS, start=1)),
    **dict.fromkeys(("", "ARTIFACT_KIND_UNSPECIFIED", 0)),
}

_read_mode = enum_reader(_MODE_NAMES, PydanticCustomError(SENTENCE, "generation.mode is invalid"), is_open=False)
_read_role = enum_reader(_ROLE_NAMES, refused("must be user, assistant, tool or system"))
_read_kind = enum_reader(_KIND_NAMES, refused("must be request, response, tools or provider_event"))

Mode = Annotated[Literal["SYNC", "STREAM"] | None, PlainValidator(_read_mode, json_schema_input_type=str | int | None)]
# Where these are numbers, nobody knows them yet.
Role = Annotated[KnownRole | float | None, PlainValidator(_read_role, json_schema_input_type=str | int | None)]
Kind = Annotated[str | float | None, PlainValidator(_read_kind, json_schema_input_type=str | int | None)]


class Wire(BaseModel):
    """Reads either spelling of a name and keeps what it does not know."""

    model_config = ConfigDict(
        defer_build=True,
        extra="allow",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        loc_by_alias=False,
        protected_namespaces=(),
    )


class Limited(Wire):
    """One with lists in it: nothing is made of an item that has too many elements."""

    @model_validator(mode="before")
    @classmethod
    def _limit(cls, raw: Json) -> Json:
        return limited(raw)


class WireModelRef(Wire):
    provider: Identifier = None
    name: Identifier = None


class WireToolCall(Wire):
    id: Text | None = None
    name: Text | None = None
    input_json: JsonText = None


class WireToolResult(Wire):
    tool_call_id: Text | None = None
    name: Text | None = None
    content: Text | None = None
    content_json: JsonText = None
    is_error: bool | None = None


class WireMedia(Wire):
    kind: Text | None = None
    url: Text | None = None
    mime_type: Text | None = None
    name: Text | None = None


class WirePartMetadata(Wire):
    provider_type: Text | None = None


class WirePart(Wire):
    text: Text | None = None
    thinking: Text | None = None
    tool_call: WireToolCall | None = None
    tool_result: WireToolResult | None = None
    media: WireMedia | None = None
    metadata: WirePartMetadata | None = None


class WireMessage(Wire):
    """`content` (a string, or a list of strings and `{type, text}`) may stand for `parts`; `lists` has turned it."""

    role: Role = None
    name: Text | None = None
    parts: Annotated[list[WirePart] | None, FailFast()] = None


class WireTool(Wire):
    name: Text | None = None
    description: Text | None = None
    type: Text | None = None
    input_schema_json: JsonBytes = None
    deferred: bool | None = None


class WireUsage(Wire):
    input_tokens: Int64 = None
    output_tokens: Int64 = None
    total_tokens: Int64 = None
    cache_read_input_tokens: Int64 = None
    cache_write_input_tokens: Int64 = None
    cache_creation_input_tokens: Int64 = None
    reasoning_tokens: Int64 = None
    input_semantics: Any = None


class WireArtifact(Wire):
    kind: Kind = None
    name: Text | None = None
    content_type: Text | None = None
    payload: Base64 = None
    record_id: Text | None = None
    uri: Text | None = None


class WireTimestamps(Wire):
    """Other names for the times of the item."""

    start: Time = None
    started_at: Time = None
    start_time: Time = None
    first_token: Time = None
    first_token_at: Time = None
    end: Time = None
    completed_at: Time = None
    ended_at: Time = None
    end_time: Time = None


Ids = Annotated[list[str] | None, PlainValidator(read_ids, json_schema_input_type=list[str] | None)]
Tags = Annotated[
    dict[str, str] | None, PlainValidator(read_tags, json_schema_input_type=dict[str, str] | list[str] | None)
]
InputMessage = Annotated[WireMessage, BeforeValidator(as_input, json_schema_input_type=WireMessage | str)]
OutputMessage = Annotated[WireMessage, BeforeValidator(as_output, json_schema_input_type=WireMessage | str)]


class WireGeneration(Limited):
    """One generation as a client sends it."""

    id: Identifier = None
    conversation_id: Identifier = None
    session_id: Identifier = None
    person_id: Identifier = None
    project_id: Identifier = None
    operation_name: Text | None = None
    mode: Mode = None
    trace_id: Identifier = None
    span_id: Identifier = None
    model: WireModelRef | None = None
    response_id: Text | None = None
    response_model: Text | None = None
    system_prompt: Text | None = None
    input: Annotated[list[InputMessage] | None, FailFast(), BeforeValidator(as_list)] = None
    output: Annotated[list[OutputMessage] | None, FailFast(), BeforeValidator(as_list)] = None
    tools: Annotated[list[WireTool] | None, FailFast()] = None
    usage: WireUsage | None = None
    stop_reason: Text | None = None
    timestamps: WireTimestamps | None = None
    started_at: Time = None
    first_token_at: Time = None
    completed_at: Time = None
    tags: Tags = None
    metadata: dict[str, Any] | None = None
    raw_artifacts: Annotated[list[WireArtifact] | None, FailFast()] = None
    call_error: Text | None = None
    agent_name: Identifier = None
    agent_version: Identifier = None
    max_tokens: Int64 = None
    temperature: Double = None
    top_p: Double = None
    tool_choice: Text | None = None
    thinking_enabled: bool | None = None
    depends_on: Ids = None
    parent_generation_ids: Ids = None
    effective_version: Version = None
