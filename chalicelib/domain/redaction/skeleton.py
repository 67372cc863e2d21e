"""What is kept of a generation whose content is not."""

from typing import Literal

from chalicelib.domain.generation import Exchange, Generation
from chalicelib.domain.redaction.credentials import REDACTED

PURGED = "[PURGED]"

# fmt: off
KEPT = frozenset({
    "id", "source", "conversation_id", "session_id", "person_id", "project_id", "trace_id", "span_id", "request_id",
    "fingerprint_id", "agent_name", "agent_version", "effective_version", "model", "response_id", "response_model",
    "operation_name", "mode", "stop_reason", "error_code", "started_at", "first_token_at", "completed_at", "latency_ms",
    "max_tokens", "temperature", "top_p", "tool_choice", "thinking_enabled", "usage", "token_count", "depends_on",
    "content_dropped",
    "initiator_generation_id", "status", "last_activity_at", "plan",
})
# fmt: on


def skeleton(generation: Generation, why: Literal["REDACTION_FAILED", "PURGED"] = "REDACTION_FAILED") -> Generation:
    """What is stored of a generation without its content: what is never searched, and that it failed if so."""
    fields = {name: getattr(generation, name) for name in KEPT}
    if generation.call_error:
        fields["call_error"] = PURGED if why == "PURGED" else REDACTED
    if generation.exchange:
        whole = generation.exchange
        fields["exchange"] = Exchange(method=whole.method, status_code=whole.status_code, shape=whole.shape)
    return Generation.model_construct(**fields | {"content_dropped": why})
