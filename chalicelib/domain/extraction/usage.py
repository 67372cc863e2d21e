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


def _written(fields: Document) -> int | None:
    written = count(fields, "cache_creation_input_tokens")
    if written is not None:
        return written
    buckets = mapping(fields.get("cache_creation"))
    counts = [count(buckets, key) for key in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")]
    known = [n for n in counts if n is not None]
    return _or_sum(None, *known) if known else None


def _or_sum(total: int | None, *counts: int | None) -> int | None:
    if total is not None or None in counts:
        return total
    summed = sum(n for n in counts if n is not None)
    return summed if summed <= _MAX else None
