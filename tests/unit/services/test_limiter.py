"""The rate of a key holds over all processes, is granted in full, and shuts no size of request out."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import TooManyRequests
from chalicelib.services.limiter import Limiter
from tests.fakes.access import FakeRateLimits
from tests.fakes.clock import FixedClock
from tests.rates import crowd, items_admitted

MINUTE = 60


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def limits() -> FakeRateLimits:
    return FakeRateLimits()


def waits(limiter: Limiter, items: int, key_id: str = "k") -> int | None:
    """The seconds after which to come again, or None when the items are admitted."""
    try:
        limiter.admit("t", key_id, items)
    except TooManyRequests as refused:
        return refused.retry_after
    return None


@pytest.mark.parametrize("rate", [20, 1_000, 50_000])
@pytest.mark.parametrize("skew_ms", [0, 400])
@pytest.mark.parametrize("items", [[1], [100], [1, 100, 7], [1, 1, 1, 400]])
def test_twenty_processes_get_the_whole_rate_and_at_most_a_tenth_more(
    limits: FakeRateLimits, rate: int, skew_ms: int, items: list[int]
) -> None:
    every_ms = 20 if rate < 50_000 else 5
    sent = MINUTE * 1000 // every_ms * 20 * sum(items) // len(items)
    admitted = items_admitted(crowd([limits] * 20, rate, skew_ms=skew_ms), MINUTE, every_ms, items)
    debt = max(items)  # the last request of the minute may be larger than what is left of it
    assert min(rate * MINUTE, sent) * 0.97 <= admitted <= rate * MINUTE * 1.1 + debt


@given(
    rate=st.integers(1, 5_000),
    number=st.integers(1, 25),
    every_ms=st.integers(5, 700),
    skew_ms=st.integers(0, 500),
    items=st.lists(st.integers(1, 1_000), min_size=1, max_size=5),
)
def test_no_pattern_of_requests_gets_more_than_a_tenth_over_the_rate(
    rate: int, number: int, every_ms: int, skew_ms: int, items: list[int]
) -> None:
    processes = crowd([FakeRateLimits()] * number, rate, skew_ms=skew_ms)
    admitted = items_admitted(processes, MINUTE, max(every_ms, 20 * number), items)
    assert admitted <= rate * MINUTE * 1.1 + max(items)


def test_light_use_by_many_processes_is_not_refused(limits: FakeRateLimits) -> None:
    """A fortieth of the rate, spread so thinly that what each process draws ahead mostly goes to waste."""
    processes = crowd([limits] * 50, 2_000, skew_ms=200)
    assert items_admitted(processes, MINUTE, 1_000, [1]) == 50 * MINUTE


def test_many_small_requests_cost_few_draws(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 1_000)
    for _ in range(1_000):
        assert waits(limiter, 1) is None
        clock.advance(1)
    assert limits.draws == 100


def test_a_refusal_says_when_to_come_again_and_then_the_items_get_in(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 10)
    assert waits(limiter, 35) is None
    assert waits(limiter, 1) == 3
    clock.advance(1_600)
    assert waits(limiter, 1) == 1
    clock.advance(900)
    assert waits(limiter, 1) is None


def test_a_request_of_more_items_than_a_second_has_gets_in_and_others_pay_for_it(
    limits: FakeRateLimits, clock: FixedClock
) -> None:
    limiter = Limiter(limits, clock, 10)
    assert waits(limiter, 1_000) is None
    assert waits(limiter, 1_000) == 99
    clock.advance(98_999)
    assert waits(limiter, 1_000) == 1
    clock.advance(1)
    assert waits(limiter, 1_000) is None


def test_while_a_bucket_is_in_debt_refusals_cost_nothing(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 10)
    assert waits(limiter, 100) is None
    for _ in range(50):
        assert waits(limiter, 1) is not None
    assert limits.draws == 2


def test_what_was_drawn_ahead_is_good_for_a_second_only(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 1_000)
    assert waits(limiter, 1) is None
    clock.advance(999)
    assert waits(limiter, 1) is None
    assert limits.draws == 1
    clock.advance(1)
    assert waits(limiter, 1) is None
    assert limits.draws == 2


def test_one_key_s_items_are_not_another_s(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 1)
    assert waits(limiter, 50) is None
    assert waits(limiter, 1, "other") is None
    assert waits(limiter, 1) is not None


def test_without_a_rate_nothing_is_drawn(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 0)
    assert all(waits(limiter, 1_000) is None for _ in range(100))
    assert waits(Limiter(limits, clock, 5), 0) is None
    assert limits.draws == 0


def test_threads_of_one_process_share_what_it_drew(limits: FakeRateLimits, clock: FixedClock) -> None:
    limiter = Limiter(limits, clock, 1_000)
    admitted: list[int] = []

    def send() -> None:
        admitted.extend(1 for _ in range(300) if waits(limiter, 1) is None)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) in range(1_000, 1_021)
