"""The `RateLimits` port: what is drawn never runs ahead of time by more than was saved and one draw."""

import threading

import pytest

from chalicelib.adapters.dynamodb.rate_limits import DynamoRateLimits
from chalicelib.services.ports import RateLimits
from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground
from tests.rates import SECOND, crowd, items_admitted

NOW = 1_777_636_800 * SECOND
TENTH = SECOND // 10


@pytest.fixture
def limits(ground: Ground) -> RateLimits:
    return ground.ports.rate_limits


def processes(ground: Ground, number: int) -> list[RateLimits]:
    """As many processes as are wanted over the same buckets."""
    if isinstance(ground, AwsGround):
        return [DynamoRateLimits(ground.table) for _ in range(number)]
    return [ground.ports.rate_limits] * number


def test_a_bucket_left_alone_gives_what_was_saved_and_then_waits(limits: RateLimits, tenant: str) -> None:
    drawn = [limits.draw(tenant, "k", TENTH, NOW, SECOND) for _ in range(12)]
    assert drawn == [0] * 11 + [TENTH]
    assert limits.draw(tenant, "k", TENTH, NOW + TENTH - 1, SECOND) == 1
    assert limits.draw(tenant, "k", TENTH, NOW + TENTH, SECOND) == 0
    assert limits.draw(tenant, "k", TENTH, NOW + TENTH, SECOND) == TENTH


def test_a_draw_of_any_size_is_granted_and_leaves_a_debt(limits: RateLimits, tenant: str) -> None:
    assert limits.draw(tenant, "k", 90 * SECOND, NOW, SECOND) == 0
    assert limits.draw(tenant, "k", 1, NOW, SECOND) == 89 * SECOND
    assert limits.draw(tenant, "k", 90 * SECOND, NOW + 89 * SECOND, SECOND) == 0


def test_a_bucket_saves_no_more_than_it_may(limits: RateLimits, tenant: str) -> None:
    assert limits.draw(tenant, "k", TENTH, NOW, SECOND) == 0
    drawn = [limits.draw(tenant, "k", SECOND, NOW + 3600 * SECOND, SECOND) for _ in range(3)]
    assert drawn == [0, 0, SECOND]


def test_each_key_of_each_tenant_has_a_bucket_of_its_own(limits: RateLimits, tenant: str) -> None:
    assert limits.draw(tenant, "k", 9 * SECOND, NOW, SECOND) == 0
    assert limits.draw(tenant, "k2", SECOND, NOW, SECOND) == 0
    assert limits.draw(f"{tenant}x", "k", SECOND, NOW, SECOND) == 0


def test_what_one_process_draws_another_lacks(ground: Ground, tenant: str) -> None:
    one, other = processes(ground, 2)
    assert one.draw(tenant, "k", SECOND, NOW, SECOND) == 0
    assert other.draw(tenant, "k", SECOND, NOW, SECOND) == 0
    assert one.draw(tenant, "k", SECOND, NOW, SECOND) == SECOND
    assert other.draw(tenant, "k", SECOND, NOW + 3 * SECOND, SECOND) == 0
    assert one.draw(tenant, "k", SECOND, NOW + 3 * SECOND, SECOND) == 0
    assert one.draw(tenant, "k", SECOND, NOW + 3 * SECOND, SECOND) == SECOND


def test_processes_that_draw_at_the_same_moment_draw_no_more_than_there_is(ground: Ground, tenant: str) -> None:
    waits: list[int] = []

    def draw(limits: RateLimits) -> None:
        waits.extend(limits.draw(tenant, "k", TENTH, NOW, SECOND) for _ in range(4))

    threads = [threading.Thread(target=draw, args=(each,)) for each in processes(ground, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0) <= 11
    assert limits_left(ground, tenant) == 11 - waits.count(0)


def limits_left(ground: Ground, tenant: str) -> int:
    """How many tenths more are granted: those whose process met too many others to get through."""
    [limits] = processes(ground, 1)
    return [limits.draw(tenant, "k", TENTH, NOW, SECOND) for _ in range(12)].count(0)


def test_twenty_processes_together_keep_to_the_rate(ground: Ground, tenant: str) -> None:
    """The whole minute is simulated in tests/unit/services/test_limiter.py; here a few seconds, over the engine."""
    seconds, rate = 4, 100
    admitted = items_admitted(crowd(processes(ground, 20), rate, tenant), seconds, every_ms=100, items=(1, 5, 30))
    assert rate * seconds * 0.95 <= admitted <= rate * (seconds + 1) + 30
