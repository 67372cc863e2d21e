"""The generation resource: the one shape in which every generation is read, whatever its way in.

A resource is what was received (`Generation`), when (`Receipt`) and what processing made of it (`Findings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from chalicelib.domain.generation import Generation, Message, Tool, Usage

T = TypeVar("T")

PAYLOAD_KEYS = ("system_prompt", "input", "output", "tools", "prompt", "completion", "raw_artifacts", "exchange")
USAGE_KEYS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "reasoning_tokens",
    "input_semantics",
)
LINEAGE_DEFAULTS: dict[str, Any] = {"verdict": "unknown", "flagged": False, "flags": [], "flags_more": False}
NEVER_NULL = frozenset({"tags", "metadata", "depends_on", *LINEAGE_DEFAULTS})
EXCLUSIVE_PROVIDERS = frozenset({"anthropic"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """When (27 characters), for whom and from which API key a generation was received."""

    tenant: str
    created_at: str
    key_id: str | None = None
    project_id: str | None = None
    purged_at: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What processing found. `cost_usd` is in US dollars; `error` says why `state` is `failed`."""

    effective_version: str | None = None
    cost_usd: float | None = None
    processed_at: str | None = None
    state: Literal["pending", "processed", "failed"] = "pending"
    extraction: Literal["succeeded", "failed", "not_applicable"] = "not_applicable"
    error: str | None = None


def summarise(generation: Generation, receipt: Receipt, findings: Findings) -> dict[str, Any]:
    """The resource without its payload keys."""
    return {
        **_identity(generation, receipt),
        **_model(generation, findings),
        **_course(generation, receipt, findings),
        "usage": _usage(generation.usage),
        "token_count": token_count(generation),
        "cost_usd": findings.cost_usd,
        "tags": dict(generation.tags),
        "metadata": dict(generation.metadata),
        "depends_on": list(generation.depends_on),
        "processing": _processing(findings),
        **LINEAGE_DEFAULTS,
    }


def project_of(generation: Generation, of_key: str | None) -> str:
    """The project that a generation names, else that of the key which sent it."""
    return generation.project_id or of_key or "default"


def payload_of(generation: Generation) -> dict[str, Any]:
    """The payload keys of the resource."""
    return {
        "system_prompt": generation.system_prompt,
        "input": [_message(message) for message in generation.input],
        "output": [_message(message) for message in generation.output],
        "tools": [_tool(tool) for tool in generation.tools],
        **_spoken(generation),
        "raw_artifacts": [artifact.model_dump() for artifact in generation.raw_artifacts],
        "exchange": generation.exchange.model_dump() if generation.exchange else None,
    }


def _spoken(generation: Generation) -> dict[str, str | None]:
    """Prompt and completion as named, else out of the messages; of an exchange, reading it has named what there is."""
    if generation.exchange is not None:
        return {"prompt": generation.prompt, "completion": generation.completion}
    return {
        "prompt": _first(generation.prompt, last_text(generation.input, "user", newest_only=True)),
        "completion": _first(generation.completion, last_text(generation.output, "assistant")),
    }


def token_count(generation: Generation) -> int | None:
    """The count or the total as sent, else input and output together."""
    usage = generation.usage
    if generation.token_count is not None:
        return generation.token_count
    if usage is None:
        return None
    if usage.total_tokens is not None:
        return usage.total_tokens
    if usage.input_tokens is None and usage.output_tokens is None:
        return None
    return (usage.input_tokens or 0) + (usage.output_tokens or 0)


def input_semantics(generation: Generation) -> Literal["inclusive", "exclusive"]:
    """Whether `input_tokens` includes the cache buckets: as sent, else as the provider counts."""
    if generation.usage and generation.usage.input_semantics:
        return generation.usage.input_semantics
    provider = (generation.model and generation.model.provider) or ""
    return "exclusive" if provider.lower() in EXCLUSIVE_PROVIDERS else "inclusive"


def last_text(messages: tuple[Message, ...], role: str, *, newest_only: bool = False) -> str | None:
    """The text of a role's messages: of the last one that has text, or of all joined."""
    texts = [text for message in messages if message.role in (role, None) if (text := _text(message))]
    if not texts:
        return None
    return texts[-1] if newest_only else "".join(texts)


def _text(message: Message) -> str:
    return "".join(part.text for part in message.parts if part.text)


def _identity(generation: Generation, receipt: Receipt) -> dict[str, Any]:
    return {
        "id": generation.id,
        "generation_id": generation.id,
        "tenant_id": receipt.tenant,
        "project_id": project_of(generation, receipt.project_id),
        "source": generation.source,
        "conversation_id": generation.conversation_id,
        "session_id": generation.session_id,
        "person_id": generation.person_id,
        "trace_id": generation.trace_id,
        "span_id": generation.span_id,
        "request_id": generation.request_id,
        "fingerprint_id": generation.fingerprint_id,
        "response_id": generation.response_id,
        "initiator_generation_id": generation.initiator_generation_id,
        "started_by_principal_type": "api_key" if receipt.key_id else None,
        "started_by_principal_id": receipt.key_id,
    }


def _model(generation: Generation, findings: Findings) -> dict[str, Any]:
    model = generation.model
    streamed = generation.mode == "STREAM"
    return {
        "agent_id": generation.agent_name,
        "agent_name": generation.agent_name,
        "agent_version": generation.agent_version,
        "effective_version": generation.effective_version or findings.effective_version,
        "model": {"provider": model.provider if model else None, "name": model.name if model else None},
        "response_model": generation.response_model,
        "operation_name": generation.operation_name or ("streamText" if streamed else "generateText"),
        "mode": generation.mode or "SYNC",
        "max_tokens": generation.max_tokens,
        "temperature": generation.temperature,
        "top_p": generation.top_p,
        "tool_choice": generation.tool_choice,
        "thinking_enabled": generation.thinking_enabled,
    }


def _course(generation: Generation, receipt: Receipt, findings: Findings) -> dict[str, Any]:
    failed = bool(generation.call_error)
    completed_at = generation.completed_at or (receipt.created_at if failed else None)
    return {
        "status": generation.status or ("failed" if failed else "completed"),
        "stop_reason": "error" if failed else generation.stop_reason,
        "error": _error(generation) if failed else None,
        "started_at": generation.started_at,
        "first_token_at": generation.first_token_at,
        "completed_at": completed_at,
        "last_activity_at": generation.last_activity_at or completed_at or generation.started_at or receipt.created_at,
        "created_at": receipt.created_at,
        "content_purged_at": receipt.purged_at,
        "updated_at": findings.processed_at or receipt.created_at,
        "latency_ms": _first(generation.latency_ms, _milliseconds(generation.started_at, completed_at)),
    }


def _error(generation: Generation) -> dict[str, Any]:
    error: dict[str, Any] = {"message": generation.call_error}
    if generation.error_code:
        error["code"] = generation.error_code
    if generation.error_meta:
        error["meta"] = dict(generation.error_meta)
    return error


def _first(sent: T | None, derived: T | None) -> T | None:
    return derived if sent is None else sent


def _milliseconds(start: str | None, end: str | None) -> int | None:
    if start is None or end is None or end < start:
        return None
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000)


def _usage(usage: Usage | None) -> dict[str, Any]:
    return {key: getattr(usage, key) if usage else None for key in USAGE_KEYS}


def _processing(findings: Findings) -> dict[str, Any]:
    processing: dict[str, Any] = {"state": findings.state, "extraction": findings.extraction}
    if findings.error is not None:
        processing["error"] = findings.error
    return processing


def _message(message: Message) -> dict[str, Any]:
    shown = message.model_dump(exclude_none=True)
    shown.setdefault("role", None)
    shown["parts"] = list(shown["parts"])
    return shown


def _tool(tool: Tool) -> dict[str, Any]:
    return tool.model_dump(exclude_none=True)


def compact(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what says nothing: for storage."""
    kept = {key: value for key, value in summary.items() if value not in (None, {}, []) and key not in LINEAGE_DEFAULTS}
    kept["model"] = _without_nulls(summary["model"])
    kept["usage"] = _without_nulls(summary["usage"])
    return kept


def expand(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `compact`: every key is there again."""
    empty = summarise(Generation(id="", source="sigil"), Receipt("", ""), Findings())
    unknown = {key: value if key in NEVER_NULL else None for key, value in empty.items()}
    summary = {**unknown, **stored}
    summary["model"] = {**empty["model"], **stored.get("model", {})}
    summary["usage"] = {**empty["usage"], **stored.get("usage", {})}
    return summary


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
