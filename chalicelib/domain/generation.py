"""One LLM generation as it was received, in one normal form for every way in.

The models here are what dialects (`chalicelib/api/sigil`, …) produce and what is hashed, compressed and stored. A
value that the client did not send is None (or empty), so that the content hash depends on nothing the server adds.
Field names follow the generation resource of the HTTP contract; times are RFC 3339 UTC with `Z` and 6 fraction digits.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["user", "assistant", "tool", "system"]
Source = Literal["sigil", "ingate", "voker", "lifecycle", "otlp"]
Status = Literal["in_progress", "requires_action", "completed", "failed"]


class Value(BaseModel):
    """A frozen value that admits no unknown field."""

    # Built on first use: a function that never needs a model does not pay for it at its cold start.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class ModelRef(Value):
    """Who serves the model and what it is called there."""

    provider: str | None = None
    name: str | None = None


class ToolCall(Value):
    """A tool the model wants to be called. `input_json` is JSON text as sent."""

    id: str | None = None
    name: str | None = None
    input_json: str | None = None


class ToolResult(Value):
    """What a tool answered. `content_json` is JSON text as sent."""

    tool_call_id: str | None = None
    name: str | None = None
    content: str | None = None
    content_json: str | None = None
    is_error: bool | None = None


class Media(Value):
    """A reference to an image, sound or file."""

    kind: str | None = None
    url: str | None = None
    mime_type: str | None = None
    name: str | None = None


class PartMetadata(Value):
    """The provider's own name for the part's type."""

    provider_type: str | None = None


class Part(Value):
    """One part of a message: at most one of the five payload fields is set."""

    text: str | None = None
    thinking: str | None = None
    tool_call: ToolCall | None = None
    tool_result: ToolResult | None = None
    media: Media | None = None
    metadata: PartMetadata | None = None


class Message(Value):
    """One turn."""

    role: Role | None = None
    name: str | None = None
    parts: tuple[Part, ...] = ()


class Tool(Value):
    """A tool offered to the model.

    `input_schema_json` is the text of the schema exactly as sent. Bytes that are no UTF-8 are kept as base64 in
    `input_schema_base64` instead, because the effective version hashes bytes, not text.
    """

    name: str = ""
    description: str = ""
    type: str = ""
    input_schema_json: str = ""
    input_schema_base64: str | None = None
    deferred: bool = False


class Usage(Value):
    """Token counts as the provider gave them (64-bit integers).

    `input_semantics` says whether `input_tokens` includes the cache buckets.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    reasoning_tokens: int | None = None
    input_semantics: Literal["inclusive", "exclusive"] | None = None


class Artifact(Value):
    """A raw provider document kept beside the generation; `payload` is base64."""

    kind: str | None = None
    name: str | None = None
    content_type: str | None = None
    payload: str | None = None
    record_id: str | None = None
    uri: str | None = None


class Exchange(Value):
    """What went to a provider and what came back, as it was captured: the raw material of a generation.

    The bodies are any JSON; a streamed answer is the text of its events or the list of its parsed chunks. `shape` is
    what the client says that they are, in Voker's words (`openai-responses`, …), where it says so.
    """

    path: str | None = None
    method: str | None = None
    status_code: int | None = None
    request_body: Any = None
    response_body: Any = None
    shape: str | None = None


class Plan(Value):
    """How this service makes a run itself, as it was decided when the run was opened.

    `provider` is the name of one that the operator has configured, `asked` a digest of what the client sent.
    """

    provider: str
    max_call_depth: int
    asked: str


class Generation(Value):
    """One generation as received. Only `id` and `source` are always there.

    `prompt`, `completion` and `token_count` are set only where they were named as such; otherwise they follow from
    the messages and the usage. `call_error` is the message of an error; `error_code` and `error_meta` go with it.
    One with an `exchange` is still to be read (`chalicelib/domain/extraction`); its other fields are the client's.
    `status` and `last_activity_at` are set only of runs (`chalicelib/domain/run.py`), whose course goes on after this,
    and `plan` of those that this service makes itself; it is never shown.
    """

    id: str
    source: Source
    conversation_id: str | None = None
    session_id: str | None = None
    person_id: str | None = None
    project_id: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    request_id: str | None = None
    fingerprint_id: str | None = None
    agent_name: str | None = None
    agent_version: str | None = None
    effective_version: str | None = None
    model: ModelRef | None = None
    response_id: str | None = None
    response_model: str | None = None
    operation_name: str | None = None
    mode: Literal["SYNC", "STREAM"] | None = None
    stop_reason: str | None = None
    call_error: str | None = None
    error_code: str | None = None
    error_meta: dict[str, Any] = {}
    started_at: str | None = None
    first_token_at: str | None = None
    completed_at: str | None = None
    latency_ms: int | float | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tool_choice: str | None = None
    thinking_enabled: bool | None = None
    system_prompt: str | None = None
    input: tuple[Message, ...] = ()
    output: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    usage: Usage | None = None
    prompt: str | None = None
    completion: str | None = None
    token_count: int | None = None
    tags: dict[str, str] = {}
    metadata: dict[str, Any] = {}
    raw_artifacts: tuple[Artifact, ...] = ()
    depends_on: tuple[str, ...] = ()
    initiator_generation_id: str | None = None
    status: Status | None = None
    last_activity_at: str | None = None
    plan: Plan | None = None
    exchange: Exchange | None = None
    content_dropped: Literal["REDACTION_FAILED", "PURGED"] | None = None
