"""The table itself, where an engine's own bounds would show."""

import os

import pytest

from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground

ROWS = 120
KIB_20 = 20 * 1024


def test_a_query_goes_on_where_the_engine_ends_a_page(ground: Ground, tenant: str) -> None:
    """DynamoDB ends an answer at 1 MB; so does ministack, while moto and roto never do."""
    if not isinstance(ground, AwsGround):
        pytest.skip("the fakes have no table")
    noise = os.urandom(KIB_20)
    ground.table.put_all(((f"{tenant}#X", f"{number:04d}"), {"b": noise}) for number in range(ROWS))
    for newest_first in (False, True):
        rows = ground.table.query(f"{tenant}#X", "0", "9", newest_first=newest_first, limit=ROWS + 1)
        assert [int(row["sk"]) for row in rows] == sorted(range(ROWS), reverse=newest_first)
        assert all(row["b"] == noise for row in rows)
    assert len(ground.table.query(f"{tenant}#X", "0", "9", limit=ROWS - 1)) == ROWS - 1
