"""Trees of calls: every generation once, whatever names whom."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.call_tree import MOST_LEVELS, forest

MANY = 10_000


def nodes(**initiators: str | None) -> list[dict[str, Any]]:
    return [{"id": name, "initiator_generation_id": initiator} for name, initiator in initiators.items()]


def shape(trees: list[dict[str, Any]]) -> Any:
    return {tree["id"]: shape(tree["children"]) for tree in trees}


def walked(trees: list[dict[str, Any]], level: int = 1) -> Iterator[tuple[str, int]]:
    for tree in trees:
        yield tree["id"], level
        yield from walked(tree["children"], level + 1)


def test_each_stands_under_its_initiator_in_the_order_given() -> None:
    found = forest(nodes(a=None, c="a", b="a", d="b", e="gone", f=None))
    assert shape(found) == {"a": {"c": {}, "b": {"d": {}}}, "e": {}, "f": {}}
    assert [child["id"] for child in found[0]["children"]] == ["c", "b"]
    assert found[1] == {"id": "e", "initiator_generation_id": "gone", "children": []}
    assert forest([]) == []


def test_of_a_circle_the_first_is_a_root() -> None:
    assert shape(forest(nodes(a="a"))) == {"a": {}}
    assert shape(forest(nodes(tail="c", c="a", a="b", b="c"))) == {"c": {"tail": {}, "b": {"a": {}}}}


def test_what_lies_too_deep_stands_on_the_last_level() -> None:
    assert shape(forest(nodes(a=None, b="a", c="b", d="c", e="a"), 2)) == {"a": {"b": {}, "e": {}, "c": {}, "d": {}}}


def test_ten_thousand_in_one_line_or_circle_are_all_there() -> None:
    for start in (None, str(MANY - 1)):
        line = nodes(**{str(n): str(n - 1) if n else start for n in range(MANY)})
        found = forest(line)
        levels = dict(walked(found))
        assert sorted(levels, key=int) == [str(n) for n in range(MANY)]
        assert max(levels.values()) == MOST_LEVELS
        assert json.loads(json.dumps(found)) == found


@given(st.lists(st.none() | st.integers(0, 12), max_size=12), st.integers(1, 5))
def test_every_node_is_there_once_and_under_its_own_initiator(initiators: list[int | None], levels: int) -> None:
    given_ones = nodes(**{str(n): None if i is None else str(i) for n, i in enumerate(initiators)})
    found = forest(given_ones, levels)
    places = list(walked(found))
    assert sorted(name for name, _ in places) == sorted(node["id"] for node in given_ones)
    assert max((level for _, level in places), default=1) <= levels
    deep = list(walked(forest(given_ones)))
    called = {node["id"]: node["initiator_generation_id"] for node in given_ones}
    above: list[str] = []
    for name, level in deep:
        del above[level - 1 :]
        assert not above or called[name] == above[-1]
        above.append(name)
