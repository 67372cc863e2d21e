"""Keys sort by the time they were made; the clock is in UTC; prices come with the package."""

import time
from datetime import UTC

import pytest

from chalicelib.adapters.prices import GenaiPrices
from chalicelib.adapters.system import ALPHABET, SystemClock, new_key, new_token
from chalicelib.domain.api_key import key_of, looks_like_a_key
from chalicelib.services.ports import TokenCounts

MILLION = 1_000_000


def test_keys_are_26_characters_unique_and_sort_by_time() -> None:
    made = []
    for _ in range(5):
        made.append(new_key())
        time.sleep(0.002)
    assert made == sorted(made)
    assert all(len(key) == 26 and set(key) <= set(ALPHABET) for key in made)
    assert len({new_key() for _ in range(1000)}) == 1000


def test_the_clock_is_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_known_model_has_a_price() -> None:
    cost = GenaiPrices().cost_usd("openai", "gpt-4o-mini", TokenCounts(MILLION, MILLION), "2026-05-01T00:00:00.000000Z")
    assert cost == pytest.approx(0.75)


def test_cached_tokens_are_part_of_the_input_and_cheaper() -> None:
    cached = GenaiPrices().cost_usd("openai", "gpt-4o-mini", TokenCounts(MILLION, 0, MILLION), None)
    assert cached == pytest.approx(0.075)


@pytest.mark.parametrize(("provider", "model"), [("openai", None), ("openai", "no-such"), ("nobody", "x"), (None, "x")])
def test_an_unknown_model_has_none(provider: str | None, model: str | None) -> None:
    assert GenaiPrices().cost_usd(provider, model, TokenCounts(1, 1), None) is None


def test_a_provider_nobody_gave_is_found_by_the_model() -> None:
    assert GenaiPrices().cost_usd(None, "gpt-4o-mini", TokenCounts(MILLION, 0), None) == pytest.approx(0.15)


def test_no_tokens_cost_nothing() -> None:
    assert GenaiPrices().cost_usd("openai", "gpt-4o-mini", TokenCounts(0, 0), None) == 0


def test_tokens_are_43_url_safe_characters_and_none_comes_twice() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(looks_like_a_key(key_of("t", token)) for token in tokens)
