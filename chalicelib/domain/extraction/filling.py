"""What an exchange says, put into its generation: what was found wins, what was not found stays the client's."""

from datetime import timedelta
from typing import Any

from chalicelib.domain.extraction.failure import describe, provider_status
from chalicelib.domain.extraction.parts import last_prompt, spoken_text
from chalicelib.domain.extraction.reading import Read
from chalicelib.domain.extraction.shape import Failure
from chalicelib.domain.generation import Generation, ModelRef
from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.times import format_time, to_datetime

_ERROR_CODE = "AI_PROVIDER_ERROR"
_KEPT_CHARACTERS = 1_000


def fill(generation: Generation, read: Read, status: int | None) -> Generation:
    """The generation with everything the exchange says."""
    asked, answered = read.asked, read.answered
    usage = answered.usage
    models = (asked.model, read.path_model, answered.model)
    name = next((model for model in models if is_identifier(model)), None)
    metadata = {read.shape.reason_key: answered.reason, "model": None if name else _unfit(models)}
    found: dict[str, Any] = {
        "model": _model(generation, name),
        "response_id": answered.id if is_identifier(answered.id) else None,
        "response_model": answered.model if is_identifier(answered.model) else None,
        "prompt": last_prompt(asked.messages),
        "completion": spoken_text(answered.messages[0]) if answered.messages else None,
        "input": asked.messages or None,
        "output": answered.messages or None,
        "system_prompt": asked.system_prompt,
        "tools": asked.tools or None,
        "usage": usage,
        "token_count": usage.total_tokens if usage else None,
        "stop_reason": answered.reason,
        "mode": "STREAM" if read.streamed else "SYNC",
        "max_tokens": asked.max_tokens,
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "tool_choice": asked.tool_choice,
        "thinking_enabled": asked.thinking_enabled,
        "metadata": {**generation.metadata, **_known(metadata)},
    }
    filled = generation.model_copy(update=_known(found))
    return filled if read.failure is None else failed(filled, status, read.failure)


def failed(generation: Generation, status: int | None, failure: Failure) -> Generation:
    """The generation as one whose provider failed."""
    provider = provider_status(status, failure)
    names = {"type": failure.type, "code": failure.code}
    found = {
        "call_error": describe(provider, failure),
        "error_code": _ERROR_CODE,
        "error_meta": _known({"provider_status_code": provider, **names}),
        "metadata": {**generation.metadata, **_known({f"error_{key}": name for key, name in names.items()})},
    }
    return generation.model_copy(update=found)


def with_end(generation: Generation) -> Generation:
    """The generation with the end that follows from its start and how long it took, where it has none."""
    started, latency = generation.started_at, generation.latency_ms
    if started is None or generation.completed_at is not None or latency is None or not latency >= 0:
        return generation
    try:
        completed = format_time(to_datetime(started) + timedelta(milliseconds=latency))
    except (OverflowError, ValueError):
        return generation
    return generation.model_copy(update={"completed_at": completed})


def is_identifier(value: str | None) -> bool:
    """Whether a name may be filtered by, which makes it a part of a key."""
    try:
        return value is not None and check_identifier(value) == value
    except ValueError:
        return False


def _model(generation: Generation, name: str | None) -> ModelRef | None:
    provider = generation.model.provider if generation.model else None
    return ModelRef(provider=provider, name=name) if name else None


def _unfit(models: tuple[str | None, ...]) -> str | None:
    """The first name that was given although none may be used."""
    return next((model[:_KEPT_CHARACTERS] for model in models if model), None)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
