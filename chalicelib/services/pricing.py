"""What a generation has cost."""

from collections.abc import Iterable

from chalicelib.domain.generation import Generation
from chalicelib.domain.resource import input_semantics
from chalicelib.services.ports import Prices, TokenCounts


def cost_of(generation: Generation, prices: Prices) -> float | None:
    """US dollars at the price of the model that answered, else of the one that was asked; None when unknown."""
    counts = billable(generation)
    if counts is None or generation.model is None:
        return None
    name = generation.response_model or generation.model.name
    for model in dict.fromkeys((name, generation.model.name)):
        cost = prices.cost_usd(generation.model.provider, model, counts, generation.started_at)
        if cost is not None:
            return cost
    return None


def billable(generation: Generation) -> TokenCounts | None:
    """The counts to price, or None when nothing was counted; input includes both cache buckets, however it was sent."""
    usage = generation.usage
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    cached, written = _positive((usage.cache_read_input_tokens, usage.cache_creation_input_tokens))
    given, output = _positive((usage.input_tokens, usage.output_tokens))
    if input_semantics(generation) == "exclusive":
        return TokenCounts(given + cached + written, output, cached, written)
    return TokenCounts(max(given, cached + written), output, cached, written)


def _positive(counts: Iterable[int | None]) -> list[int]:
    return [max(0, count or 0) for count in counts]
