"""What a generation reaches: counted exactly up to a thousand, listed newest first, never more read than that."""

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.services.lineage.dependents import Count
from chalicelib.services.ports import Position
from tests.unit.services.graph_world import TENANT, World


def all_pages(world: World, generation_id: str, limit: int) -> list[str]:
    found: list[str] = []
    before: Position | None = None
    for _ in range(2000):
        page, _ = world.dependents().page(TENANT, generation_id, before, limit)
        assert len(page.items) <= limit
        found += [item["id"] for item in page.items]
        if page.last is None:
            return found
        before = (page.last[0], page.last[1])
    raise AssertionError("the list does not end")


def count(world: World, generation_id: str) -> Count:
    return world.dependents().page(TENANT, generation_id, None, 1)[1]


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_everything_below_is_listed_newest_first_and_once(limit: int, failed: bool) -> None:
    """A diamond, and a cycle back to the generation itself; the same whether or not it has failed."""
    world = World(a=("d",), b=("a",), c=("a",), d=("b", "c"), e=("x",))
    if failed:
        world.fail("a", "b", "c", "d")

    assert all_pages(world, "a", limit) == ["d", "c", "b"]
    assert count(world, "a") == Count(3, exact=True)


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize(
    ("number", "expected"), [(999, Count(999, True)), (1000, Count(1000, True)), (1001, Count(1000, False))]
)
def test_the_count_is_exact_up_to_a_thousand(number: int, expected: Count, failed: bool) -> None:
    children = [f"c-{one}" for one in range(number)]
    world = World(a=(), **dict.fromkeys(children, ("a",)))
    if failed:
        world.fail("a", *children)

    assert count(world, "a") == expected


def test_a_long_chain_is_walked_no_further_than_a_thousand() -> None:
    world = World(**{f"n-{one}": (f"n-{one - 1}",) for one in range(1, 1200)})
    world.add("n-0")

    assert count(world, "n-0") == Count(1000, exact=False)
    assert world.calls["children"] <= 1001


def test_what_is_still_being_processed_counts_and_is_not_listed() -> None:
    world = World(a=(), b=("a",), c=("a",))
    world.pending = {"c"}

    assert all_pages(world, "a", 50) == ["b"]
    assert count(world, "a") == Count(2, exact=True)


def test_an_unknown_generation_has_no_dependents() -> None:
    with pytest.raises(NotFound):
        count(World(c=("ghost",)), "ghost")
