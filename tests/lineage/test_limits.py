"""What is stored beyond a limit never reads as an all-clear."""

import random

import pytest

from chalicelib.adapters.dynamodb import lineage
from chalicelib.adapters.dynamodb.lineage import DynamoLineage
from chalicelib.services.ports import Edge
from tests.lineage.plans import instant
from tests.lineage.scheduler import Scheduler, Temper
from tests.lineage.table import MemoryTable
from tests.lineage.world import TENANT


def test_more_rows_than_one_query_reads_are_overflow_without_its_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two walks at once may each store as many roots as one may, and neither of them sees too many."""
    monkeypatch.setattr(lineage, "REACH_ROWS", 3)
    rows = DynamoLineage(MemoryTable(Scheduler(random.Random(0), Temper())))
    for pair in (("p", "q"), ("r", "s")):
        rows.put_reach(TENANT, Edge("a", "b", instant(1)), dict.fromkeys(pair, "a"), instant(2), overflow=False)
    assert rows.reach(TENANT, "b").overflow
