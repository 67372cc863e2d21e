"""Prices that a test can compute in its head, and that remember what they were asked."""

from chalicelib.services.ports import TokenCounts


class FakePrices:
    """The `Prices` port: one cent per token for the models it knows."""

    def __init__(self, *models: str) -> None:
        self.models = set(models)
        self.asked: list[tuple[str | None, str | None, TokenCounts, str | None]] = []

    def cost_usd(self, provider: str | None, model: str | None, usage: TokenCounts, at: str | None) -> float | None:
        """A cent for each input and output token."""
        self.asked.append((provider, model, usage, at))
        return (usage.input_tokens + usage.output_tokens) / 100 if model in self.models else None
