"""What a provider has answered, as a move of the run that asked it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.asking.tools import object_of
from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.extraction.filling import is_identifier
from chalicelib.domain.generation import Exchange, Generation, Message, ModelRef, ToolCall, Usage
from chalicelib.domain.provider import Api, Provider, ProviderReply
from chalicelib.domain.run import blank
from chalicelib.domain.run_tools import calls_in, with_ids_of_its_own

PROVIDER_ERROR = "AI_PROVIDER_ERROR"
NOTHING: Mapping[str, Any] = {}
UNREADABLE = "Provider request failed: the answer cannot be read"
SUCCESSES = range(200, 300)
# The names by which reading knows the shapes of these.
SHAPES: dict[Api, str] = {
    "openai-chat": "openai-chat-completions",
    "openai-responses": "openai-responses",
    "anthropic-messages": "anthropic-messages",
}
COUNTS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "reasoning_tokens",
)


@dataclass(frozen=True, slots=True)
class Before:
    """What there was when a provider was asked: all that had been said, and what the run's requests had used."""

    said: Sequence[Message] = ()
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The move that an attempt comes to, and what its entry in the list of attempts says."""

    move: Generation
    status_code: int | None = None

    @property
    def error(self) -> str | None:
        """Why there is no result."""
        return self.move.call_error


def failed(
    generation_id: str, message: str, code: str = PROVIDER_ERROR, meta: Mapping[str, Any] = NOTHING
) -> Generation:
    """The move of a run that has failed."""
    return blank(generation_id, status="failed", call_error=message, error_code=code, error_meta=dict(meta))


def read_answer(generation_id: str, provider: Provider, path: str, reply: ProviderReply, before: Before) -> Answer:
    """What a reply comes to."""
    exchange = Exchange(
        path=path,
        method="POST",
        status_code=reply.status_code,
        response_body=reply.body,
        shape=SHAPES[provider.api],
    )
    asked = Generation(id=generation_id, source="lifecycle", model=ModelRef(provider=provider.label), exchange=exchange)
    reading = read_exchange(asked)
    return Answer(_move(generation_id, reading.generation, reply.status_code, before), reply.status_code)


def _move(generation_id: str, read: Generation, status_code: int, before: Before) -> Generation:
    found: dict[str, Any] = {
        "response_id": read.response_id,
        "response_model": read.response_model,
        "usage": together(before.usage, read.usage),
        "metadata": read.metadata,
    }
    if read.call_error:
        failure = failed(generation_id, read.call_error, read.error_code or PROVIDER_ERROR, read.error_meta)
        return failure.model_copy(update=found)
    calls = calls_in(read.output[0]) if read.output else ()
    why = _unusable(read, calls, status_code)
    if why:
        # It may have been billed all the same: what it has used stays known.
        return failed(generation_id, why, meta={"provider_status_code": status_code}).model_copy(update=found)
    if not calls:
        found |= {"output": read.output, "completion": read.completion, "stop_reason": read.stop_reason or "stop"}
        return blank(generation_id, status="completed", **found)
    asking = with_ids_of_its_own(read.output[0], before.said)
    return blank(generation_id, status="requires_action", input=(asking,), **found)


def _unusable(read: Generation, calls: Sequence[ToolCall], status_code: int) -> str | None:
    """Why an answer that tells of no error is no result, None if it is one."""
    if status_code not in SUCCESSES:
        return f"Provider returned {status_code}"
    if not read.output and not read.stop_reason:
        return UNREADABLE
    fit = {call.id for call in calls if call.name and is_identifier(call.id) and _has_arguments(call)}
    return UNREADABLE if len(fit) < len(calls) else None


def _has_arguments(call: ToolCall) -> bool:
    """Whether the arguments are a JSON object: not every provider could be shown any others again."""
    return object_of(call.input_json or "{}") is not None


def together(before: Usage | None, now: Usage | None) -> Usage | None:
    """What two requests have used."""
    if before is None or now is None:
        return now or before
    sums = {name: _sum(getattr(before, name), getattr(now, name)) for name in COUNTS}
    return now.model_copy(update=sums)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
