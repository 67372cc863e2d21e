"""Generations with something in every place that is searched."""

import base64
from typing import Any

from chalicelib.domain.content import canonical_json
from chalicelib.domain.generation import (
    Artifact,
    Exchange,
    Generation,
    Media,
    Message,
    ModelRef,
    Part,
    PartMetadata,
    Plan,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules, read_paths, read_patterns

EVERYTHING = Redactor(Rules(patterns=read_patterns("api_keys,emails,cards")))
DEFAULT = Redactor(Rules())


def redactor(patterns: str = "", paths: str = "", headers: str = "") -> Redactor:
    """One by settings."""
    return Redactor(Rules(frozenset(headers.split()), read_patterns(patterns), read_paths(paths)))


def redact(generation: Generation, by: Redactor) -> Generation:
    """As the way in does it."""
    return by(generation, canonical_json(generation))


def filled(text: str, free: Any = None) -> Generation:
    """A generation with a text wherever text may stand, JSON wherever JSON may, and everything else set."""
    free = {"t": text} if free is None else free
    part = Part(
        text=text,
        thinking=text,
        tool_call=ToolCall(id="call_1", name="tool", input_json=text),
        tool_result=ToolResult(tool_call_id="call_1", name="tool", content=text, content_json=text, is_error=True),
        media=Media(kind="image", url=text, mime_type="image/png", name=text),
        metadata=PartMetadata(provider_type="x"),
    )
    message = Message(role="user", name=text, parts=(part, part))
    return Generation(
        id="gen_1",
        source="ingate",
        conversation_id="conv_1",
        session_id="s",
        person_id="me@example.com",
        project_id="p",
        trace_id="t",
        span_id="sp",
        request_id="r",
        fingerprint_id="f",
        agent_name="support@example.com",
        agent_version="1",
        effective_version="sha256:" + "0" * 64,
        model=ModelRef(provider="openai", name="gpt-4o"),
        response_id="resp_1",
        response_model="gpt-4o",
        operation_name="generateText",
        mode="STREAM",
        stop_reason="error",
        call_error=text,
        error_code="E",
        error_meta={"m": free},
        started_at="2026-01-02T03:04:05.000006Z",
        first_token_at="2026-01-02T03:04:05.000006Z",
        completed_at="2026-01-02T03:04:05.000006Z",
        latency_ms=1.5,
        max_tokens=5,
        temperature=0.5,
        top_p=0.5,
        tool_choice="auto",
        thinking_enabled=True,
        system_prompt=text,
        input=(message, message),
        output=(message,),
        tools=(Tool(name="tool", description=text, type="function", input_schema_json=text, deferred=True),),
        usage=Usage(input_tokens=4111111111111111),
        prompt=text,
        completion=text,
        token_count=4111111111111111,
        tags={"tag": text, text: "x"},
        metadata={"m": free, text: "x"},
        raw_artifacts=(
            Artifact(kind="k", name=text, payload=base64.b64encode(text.encode()).decode(), record_id="1", uri=text),
        ),
        depends_on=("gen_0",),
        initiator_generation_id="gen_9",
        status="failed",
        last_activity_at="2026-01-02T03:04:05.000006Z",
        plan=Plan(provider="main", max_call_depth=1, asked="0" * 64),
        exchange=Exchange(path=text, method="POST", status_code=500, request_body=free, response_body=free),
    )
