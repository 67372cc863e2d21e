"""What a trace's generations come to, in whatever order they are added."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.trace import TraceTotals

SECONDS = st.integers(0, 5)
STATUSES = st.sampled_from(["completed", "failed"])


def at(second: int) -> str:
    return f"2026-03-01T10:00:0{second}.000000Z"


def summary(name: str, status: str = "completed", second: int = 0, **fields: object) -> dict[str, Any]:
    """A generation that ended at this second, as it is stored: without what is null."""
    ended = {"completed_at": at(second), "last_activity_at": at(second), "created_at": at(9)}
    return {"id": name, "status": status, "project_id": "default", **ended, **fields}


def totals(*summaries: dict[str, Any]) -> TraceTotals:
    made = TraceTotals()
    for each in summaries:
        made.add(each)
    return made


@pytest.mark.parametrize(
    ("ends", "status", "failure"),
    [
        ([("completed", 1)], "completed", None),
        ([("failed", 1)], "failed", "g0"),
        ([("failed", 1), ("completed", 2)], "completed", "g0"),
        ([("completed", 1), ("failed", 2)], "failed", "g1"),
        ([("failed", 1), ("completed", 1)], "failed", "g0"),
        ([("failed", 3), ("failed", 1)], "failed", "g0"),
        ([("failed", 5), ("in_progress", 1), ("requires_action", 2)], "in_progress", "g0"),
        ([("failed", 5), ("requires_action", 1)], "requires_action", "g0"),
    ],
)
def test_what_has_not_ended_decides_else_what_ended_last(
    ends: list[tuple[str, int]], status: str, failure: str | None
) -> None:
    made = totals(*(summary(f"g{number}", *end) for number, end in enumerate(ends)))
    assert (made.status, made.latest_failure) == (status, failure)
    assert (made.resource()["completed_at"] is None) == (status in ("in_progress", "requires_action"))


def test_sums_and_times_are_of_those_that_have_them() -> None:
    first = summary("b", second=4, started_at=at(1), agent_id="first", project_id="p", token_count=3, cost_usd=0.1)
    last = summary("a", "failed", second=5, started_at=at(2), agent_id="last", token_count=0, cost_usd=0.2)
    bare = summary("c", second=3, completed_at=None)
    assert totals(last, bare, first).resource() == {
        "project_id": "p",
        "agent_id": "first",
        "failed_count": 1,
        "status": "failed",
        "started_at": at(1),
        "completed_at": at(5),
        "last_activity_at": at(5),
        "created_at": at(9),
        "token_count": 3,
        "cost_usd": pytest.approx(0.3),
    }
    unknown = totals(bare).resource()
    assert [unknown[name] for name in ("started_at", "completed_at", "agent_id", "token_count", "cost_usd")] == [
        None
    ] * 5


@given(ends=st.lists(st.tuples(STATUSES, SECONDS, SECONDS, st.none() | SECONDS), min_size=1), order=st.randoms())
def test_the_order_in_which_generations_are_added_changes_nothing(ends: list[Any], order: Any) -> None:
    generations = [
        summary(f"g{n}", status, end, created_at=at(made), started_at=None if start is None else at(start), agent_id=n)
        for n, (status, end, made, start) in enumerate(ends)
    ]
    expected = totals(*generations)
    order.shuffle(generations)
    shuffled = totals(*generations)
    assert (shuffled.resource(), shuffled.latest_failure) == (expected.resource(), expected.latest_failure)
