"""Which outcomes may be tried again, and after how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.provider import ProviderReply, ProviderUnreachable, may_retry, wait_before


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
def test_a_fault_that_may_pass_is_tried_again(status: int) -> None:
    assert may_retry(ProviderReply(status, ""))


@pytest.mark.parametrize("status", [200, 201, 301, 307, 400, 401, 402, 403, 404, 408, 409, 413, 422, 501])
def test_any_other_answer_is_one(status: int) -> None:
    assert not may_retry(ProviderReply(status, ""))


def test_only_a_provider_that_was_not_asked_is_asked_again() -> None:
    assert may_retry(ProviderUnreachable("refused", asked=False))
    assert not may_retry(ProviderUnreachable("cut", asked=True))


def test_the_wait_doubles_and_ends_after_three_attempts() -> None:
    assert [wait_before(attempt, None, 60) for attempt in (1, 2, 3, 4)] == [0, 0.5, 1, None]


def test_what_the_provider_asks_for_is_waited_for() -> None:
    assert wait_before(2, 7.5, 60) == 7.5
    assert wait_before(3, 0.2, 60) == 1
    assert wait_before(4, 0.2, 60) is None


def test_a_wait_that_would_use_up_the_time_is_not_begun() -> None:
    assert wait_before(2, 60, 60) is None
    assert wait_before(2, None, 0.5) is None
    assert wait_before(1, None, 0) is None


@given(st.integers(1, 10), st.none() | st.floats(0, 1e9), st.floats(-10, 1e6))
def test_a_wait_is_never_shorter_than_asked_nor_longer_than_there_is(
    attempt: int, retry_after: float | None, left: float
) -> None:
    wait = wait_before(attempt, retry_after, left)
    if wait is not None:
        assert attempt <= 3
        assert (retry_after or 0) <= wait < left
