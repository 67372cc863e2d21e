"""Flags mean what they should once the queues have drained, whatever the order, the faults and the repetitions."""

import pytest

from tests.lineage.schedules import part

SCHEDULES = 2_400
PARTS = 8


@pytest.mark.parametrize("number", range(PARTS))
def test_flags_and_lists_equal_their_meaning_after_any_schedule(number: int) -> None:
    """Random graphs with cycles, flips, waivers, crashes, duplicates, short slices and few stored roots."""
    each = SCHEDULES // PARTS
    _, _, wrong = part(range(number * each, (number + 1) * each))
    told = [f"make test-lineage N=1 SEED={seed}: {result.differences}" for seed, result in wrong]
    assert told == []
