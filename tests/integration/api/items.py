"""Generations as clients send them, and as they are to be read back."""

import base64
from typing import Any

SCHEMA = '{"type": "object", "properties": {"city": {"type": "string"}}}'
RAW = base64.b64encode(b'{"stream": true}').decode()


def small(generation_id: str, **fields: object) -> dict[str, Any]:
    """A small generation as the Sigil document writes it."""
    return {
        "id": generation_id,
        "conversation_id": "c-1",
        "agent_name": "tester",
        "model": {"provider": "openai", "name": "gpt-4o-mini"},
        "input": [{"role": "user", "parts": [{"text": f"question {generation_id}"}]}],
        "output": [{"role": "assistant", "parts": [{"text": f"answer {generation_id}"}]}],
        **fields,
    }


def failed(generation_id: str, **fields: object) -> dict[str, Any]:
    """One whose call to the provider failed."""
    return small(generation_id, call_error="Provider returned 402: no credit", output=[], **fields)


def complete(generation_id: str) -> dict[str, Any]:
    """A generation in which every field has a value."""
    return {
        "id": generation_id,
        "conversation_id": "conv-9",
        "session_id": "sess-9",
        "person_id": "person-9",
        "project_id": "proj-9",
        "operation_name": "chat",
        "mode": "STREAM",
        "trace_id": "trace-9",
        "span_id": "span-9",
        "model": {"provider": "anthropic", "name": "claude-3-5-sonnet-20241022"},
        "response_id": "msg_9",
        "response_model": "claude-3-5-sonnet-20241022",
        "system_prompt": "Answer <briefly> & kindly.",
        "input": [
            {"role": "user", "name": "ada", "parts": [{"text": "How is the weather in Zürich?"}]},
            {"role": "tool", "parts": [{"tool_result": _RESULT}]},
            {"role": "user", "parts": [{"media": {"kind": "image", "url": "https://host/x.png", "name": "x"}}]},
        ],
        "output": [
            {
                "role": "assistant",
                "parts": [
                    {"thinking": "They want it short.", "metadata": {"provider_type": "thinking"}},
                    {"text": "Sunny."},
                    {"tool_call": {"id": "call_1", "name": "weather", "input_json": '{"city": "Zürich"}'}},
                ],
            }
        ],
        "tools": [
            {"name": "weather", "description": "d", "type": "function", "input_schema_json": SCHEMA, "deferred": True},
            {"name": "alarm", "description": "", "type": "function", "input_schema_json": "{}"},
        ],
        "usage": _USAGE,
        "stop_reason": "end_turn",
        "started_at": "2026-03-01T10:00:00.5Z",
        "first_token_at": "2026-03-01T10:00:01Z",
        "completed_at": "2026-03-01T12:00:02+02:00",
        "tags": {"env": "prod", "team": "blue team"},
        "metadata": {"depth": {"list": [1, 2.5, None, True]}, "note": "ü"},
        "raw_artifacts": [{"kind": "request", "name": "body", "content_type": "application/json", "payload": RAW}],
        "agent_name": "planner",
        "agent_version": "7.1",
        "max_tokens": 0,
        "temperature": 0.25,
        "top_p": 1,
        "tool_choice": "auto",
        "thinking_enabled": False,
        "depends_on": ["parent-1", "parent-2"],
    }


def complete_record(generation_id: str, tenant: str) -> dict[str, Any]:
    """What `complete` reads back as, without what the server's clock decides."""
    sent = complete(generation_id)
    same = (
        *("conversation_id", "session_id", "person_id", "project_id", "operation_name", "mode", "trace_id", "span_id"),
        *("model", "response_id", "response_model", "system_prompt", "input", "output", "stop_reason", "tags"),
        *("metadata", "agent_name", "agent_version", "max_tokens", "temperature", "top_p", "tool_choice"),
        *("thinking_enabled", "depends_on", "raw_artifacts"),
    )
    alike = {key: sent[key] for key in same}
    alike["raw_artifacts"] = [{**sent["raw_artifacts"][0], "record_id": None, "uri": None}]
    return {
        **alike,
        "id": generation_id,
        "generation_id": generation_id,
        "tenant_id": tenant,
        "source": "sigil",
        "agent_id": "planner",
        "tools": [sent["tools"][0], {**sent["tools"][1], "deferred": False}],
        "usage": {**_USAGE, "input_semantics": None},
        "token_count": 1500,
        "status": "completed",
        "error": None,
        "started_at": "2026-03-01T10:00:00.500000Z",
        "first_token_at": "2026-03-01T10:00:01.000000Z",
        "completed_at": "2026-03-01T10:00:02.000000Z",
        "last_activity_at": "2026-03-01T10:00:02.000000Z",
        "latency_ms": 1500,
        "prompt": "How is the weather in Zürich?",
        "completion": "Sunny.",
        **dict.fromkeys(_UNKNOWN),
        "verdict": "unknown",
        "flagged": False,
        "flags": [],
        "flags_more": False,
    }


_UNKNOWN = (
    "request_id",
    "fingerprint_id",
    "initiator_generation_id",
    "started_by_principal_type",
    "started_by_principal_id",
)
_RESULT = {
    "tool_call_id": "call_0",
    "name": "weather",
    "content": "sunny",
    "content_json": '{"t": 21.0}',
    "is_error": True,
}
_USAGE = {
    "input_tokens": 1000,
    "output_tokens": 400,
    "total_tokens": 1500,
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 40,
    "reasoning_tokens": 0,
}
