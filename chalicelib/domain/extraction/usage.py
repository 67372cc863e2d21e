"""Token counts, in the provider's own way of counting."""

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.json_values import count, mapping
from chalicelib.domain.generation import Usage

_MAX = 2**63 - 1


def inclusive_usage(fields: Document) -> Usage | None:
    """OpenAI's counts: what was read from a cache or written to one is part of the input."""
    asked = mapping(fields.get("prompt_tokens_details")) or mapping(fields.get("input_tokens_details"))
    answered = mapping(fields.get("completion_tokens_details")) or mapping(fields.get("output_tokens_details"))
    input_tokens = count(fields, "prompt_tokens", "input_tokens")
    output_tokens = count(fields, "completion_tokens", "output_tokens")
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=_or_sum(count(fields, "total_tokens"), input_tokens, output_tokens),
        cache_read_input_tokens=count(asked, "cached_tokens"),
        cache_creation_input_tokens=count(asked, "cache_write_tokens"),
        reasoning_tokens=count(answered, "reasoning_tokens"),
    )
    return None if usage == Usage() else usage.model_copy(update={"input_semantics": "inclusive"})


def exclusive_usage(fields: Document) -> Usage | None:
    """Anthropic's counts: what was read from a cache or written to one comes on top of the input."""
    input_tokens, output_tokens = count(fields, "input_tokens"), count(fields, "output_tokens")
    read, written = count(fields, "cache_read_input_tokens"), _written(fields)
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=_or_sum(None, input_tokens, output_tokens, read or 0, written or 0),
        cache_read_input_tokens=read,
        cache_creation_input_tokens=written,
        reasoning_tokens=count(mapping(fields.get("output_tokens_details")), "thinking_tokens"),
    )
    return None if usage == Usage() else usage.model_copy(update={"input_semantics": "exclusive"})


def gemini_usage(fields: Document) -> Usage | None:
    """Gemini's counts, in snake_case: thoughts come on top of the candidates, what tools said on the prompt."""
    return _google_usage(
        asked=(count(fields, "prompt_token_count"), count(fields, "tool_use_prompt_token_count")),
        answered=(count(fields, "candidates_token_count"), count(fields, "thoughts_token_count")),
        cached=count(fields, "cached_content_token_count"),
        total=count(fields, "total_token_count"),
    )


def interaction_usage(fields: Document) -> Usage | None:
    """The counts of an interaction, which are those of Gemini by other names."""
    return _google_usage(
        asked=(count(fields, "total_input_tokens"), count(fields, "total_tool_use_tokens")),
        answered=(count(fields, "total_output_tokens"), count(fields, "total_thought_tokens")),
        cached=count(fields, "total_cached_tokens"),
        total=count(fields, "total_tokens"),
    )


def _google_usage(
    *, asked: tuple[int | None, ...], answered: tuple[int | None, int | None], cached: int | None, total: int | None
) -> Usage | None:
    input_tokens, output_tokens = _sum_of_known(*asked), _sum_of_known(*answered)
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=_or_sum(total, input_tokens, output_tokens),
        cache_read_input_tokens=cached,
        reasoning_tokens=answered[1],
    )
    return None if usage == Usage() else usage.model_copy(update={"input_semantics": "inclusive"})


def _written(fields: Document) -> int | None:
    written = count(fields, "cache_creation_input_tokens")
    if written is not None:
        return written
    buckets = mapping(fields.get("cache_creation"))
    return _sum_of_known(*(count(buckets, key) for key in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")))


def _sum_of_known(*counts: int | None) -> int | None:
    known = [n for n in counts if n is not None]
    return _or_sum(None, *known) if known else None


def _or_sum(total: int | None, *counts: int | None) -> int | None:
    if total is not None or None in counts:
        return total
    summed = sum(n for n in counts if n is not None)
    return summed if summed <= _MAX else None
