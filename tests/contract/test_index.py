"""The `GenerationIndex` port: every list shows each of its generations once, newest first, page by page."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.services.ports import Entry, GenerationIndex, Position, Window
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID, NOON, at

KINDS = ["agent", "version", "conversation", "trace", "session", "person", "status", f"tag:{HEAVIEST_ID}"]
ALL = Window()


@pytest.fixture
def index(ground: Ground) -> GenerationIndex:
    return ground.ports.index


def entry(name: str, listed_at: str = NOON, *keys: tuple[str, str]) -> Entry:
    return Entry(name, listed_at, {"id": name, "status": "completed"}, keys)


def newest_first(entries: list[Entry]) -> list[Position]:
    return sorted(((one.listed_at, one.id) for one in entries), reverse=True)


def pages(
    index: GenerationIndex, tenant: str, key: tuple[str, str] | None, limit: int, window: Window = ALL
) -> Iterator[Position]:
    """A whole list, `limit` positions at a time."""
    before = window.before
    while page := index.newest(tenant, key, Window(before, window.since, window.until), limit):
        yield from page
        before = page[-1]


def test_an_entry_is_read_back_by_its_position(index: GenerationIndex, tenant: str) -> None:
    summary = {"id": "g", "text": "日本語 \U0001f9ea", "n": 1.5, "none": None, "list": [1, {"a": True}]}
    index.put(tenant, [Entry("g", NOON, summary)])
    assert index.entries(tenant, [(NOON, "g"), (at(1), "g"), (NOON, "x")], consistent=True) == {"g": summary}


def test_a_later_entry_replaces_the_earlier_one(index: GenerationIndex, tenant: str) -> None:
    index.put(tenant, [Entry("g", NOON, {"state": "failed"}, (("agent", "a"),))])
    index.put(tenant, [Entry("g", NOON, {"state": "processed"}, (("agent", "a"),))])
    assert index.entries(tenant, [(NOON, "g")], consistent=True) == {"g": {"state": "processed"}}
    assert index.newest(tenant, None, ALL, 10) == [(NOON, "g")]
    assert index.newest(tenant, ("agent", "a"), ALL, 10) == [(NOON, "g")]


def test_hundreds_of_entries_are_written_read_and_listed(index: GenerationIndex, tenant: str) -> None:
    entries = [entry(f"g{number}", at(number), ("agent", "a")) for number in range(230)]
    index.put(tenant, entries)
    assert len(index.entries(tenant, newest_first(entries), consistent=True)) == 230
    assert index.newest(tenant, ("agent", "a"), ALL, 1000) == newest_first(entries)


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_awkward_ids_at_one_and_the_same_time_are_listed_once_each(
    index: GenerationIndex, tenant: str, limit: int
) -> None:
    """Equal times are ordered by id, also over several shards and over the ends of pages."""
    entries = [entry(name, NOON, ("conversation", "c")) for name in AWKWARD_IDS]
    index.put(tenant, entries)
    assert list(pages(index, tenant, None, limit)) == newest_first(entries)
    assert list(pages(index, tenant, ("conversation", "c"), limit)) == newest_first(entries)


@pytest.mark.parametrize("kind", ["agent", "conversation", f"tag:{HEAVIEST_ID}"])
def test_lists_of_awkward_values_do_not_mix(index: GenerationIndex, tenant: str, kind: str) -> None:
    index.put(tenant, [entry(f"g{number}", at(number), (kind, value)) for number, value in enumerate(AWKWARD_IDS)])
    for number, value in enumerate(AWKWARD_IDS):
        assert index.newest(tenant, (kind, value), ALL, 10) == [(at(number), f"g{number}")]


def test_lists_of_different_kinds_and_tenants_do_not_mix(index: GenerationIndex, tenant: str) -> None:
    index.put(tenant, [entry("g", NOON, *((kind, "value") for kind in KINDS[::2]))])
    for number, kind in enumerate(KINDS):
        assert index.newest(tenant, (kind, "value"), ALL, 10) == ([] if number % 2 else [(NOON, "g")])
    assert index.newest(f"{tenant}!", None, ALL, 10) == []


def test_a_window_holds_its_own_ends_but_not_the_position_before_which_it_lies(
    index: GenerationIndex, tenant: str
) -> None:
    entries = [entry(f"g{number}", at(number)) for number in range(10)]
    index.put(tenant, entries)

    def seconds(window: Window) -> list[int]:
        return [int(name[1:]) for _, name in index.newest(tenant, None, window, 50)]

    assert seconds(Window(since=at(3), until=at(6))) == [6, 5, 4, 3]
    assert seconds(Window(before=(at(5), "g5"), since=at(3))) == [4, 3]
    assert seconds(Window(before=(at(5), "g"))) == [4, 3, 2, 1, 0]
    assert seconds(Window(before=(at(5), "g6"), until=at(7))) == [5, 4, 3, 2, 1, 0]
    assert seconds(Window(before=(at(9), "g9"), until=at(2))) == [2, 1, 0]
    assert seconds(Window(since=at(11))) == []


def test_a_window_that_ends_before_it_begins_is_empty(index: GenerationIndex, tenant: str) -> None:
    index.put(tenant, [entry("g", at(5))])
    assert index.newest(tenant, None, Window(since=at(6), until=at(4)), 10) == []
    assert index.newest(tenant, ("trace", "t"), Window(before=(at(2), "g"), since=at(3)), 10) == []


def test_one_page_may_be_longer_than_all_there_is(index: GenerationIndex, tenant: str) -> None:
    index.put(tenant, [entry("g", NOON)])
    index.put(tenant, [])
    assert index.newest(tenant, None, ALL, 1000) == [(NOON, "g")]
    assert index.entries(tenant, []) == {}


def test_pages_of_any_length_make_up_the_list(shared_ground: Ground, tenant: str) -> None:
    """Whatever the times, the page length and the window: every position once, in order."""
    if shared_ground.name not in {"fake", "moto"}:
        pytest.skip("many examples: on the engines in this process only")
    index = shared_ground.ports.index
    numbers = iter(range(1000))

    @settings(
        max_examples=100 if shared_ground.name == "fake" else 8, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        st.lists(st.integers(0, 6), max_size=30), st.integers(1, 12), st.tuples(st.integers(0, 7), st.integers(0, 7))
    )
    def check(seconds: list[int], limit: int, ends: tuple[int, int]) -> None:
        own = f"{tenant}-{next(numbers)}"
        entries = [entry(f"g{number}", at(second)) for number, second in enumerate(seconds)]
        index.put(own, entries)
        window = Window(since=at(min(ends)), until=at(max(ends)))
        inside = [one for one in newest_first(entries) if at(min(ends)) <= one[0] <= at(max(ends))]
        assert list(islice(pages(index, own, None, limit, window), 100)) == inside

    check()


@pytest.mark.parametrize("kind", ["session", "agent"])
def test_the_oldest_of_a_list_is_found_over_all_its_shards(index: GenerationIndex, tenant: str, kind: str) -> None:
    assert index.oldest(tenant, (kind, "a")) is None
    for number in (5, 3, 9, 4):
        index.put(tenant, [Entry(f"g{number}", at(number), {}, ((kind, "a"), (kind, "a#b")))])
    index.put(tenant, [Entry("other", NOON, {}, ((kind, "b"),))])
    assert index.oldest(tenant, (kind, "a")) == (at(3), "g3")
