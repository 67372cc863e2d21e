"""Token prices from the `genai-prices` package; imported on first use, because only the worker needs it."""

from datetime import datetime

from chalicelib.services.ports import TokenCounts


class GenaiPrices:
    """The `Prices` port. The price list is the one that ships with the package: no network."""

    def cost_usd(self, provider: str | None, model: str | None, usage: TokenCounts, at: str | None) -> float | None:
        """Cost at the prices in force at `at` (RFC 3339; None: now), or None for a model the list does not know."""
        if model is None:
            return None
        from genai_prices import Usage, calc_price

        counts = Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens or None,
            cache_write_tokens=usage.cache_write_tokens or None,
        )
        moment = datetime.fromisoformat(at) if at else None
        try:
            price = calc_price(counts, model, provider_id=provider, genai_request_timestamp=moment)
        except (LookupError, ValueError):
            return None
        return float(price.total_price)
