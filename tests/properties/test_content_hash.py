"""Two items are the same content exactly when they say the same, however they are spelled."""

import copy
import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.api.json_body import parse_json
from chalicelib.api.sigil.export import read_item
from chalicelib.domain.content import canonical_json, content_hash, from_stored_json
from chalicelib.domain.generation import Generation
from tests.properties.generations import GENERATIONS
from tests.properties.wire_items import ITEMS, Item, respelled


def digest(item: Item) -> str:
    """The hash of an item that went over the wire."""
    body = json.dumps({"generations": [item]}).encode()
    return content_hash(canonical_json(read_item(parse_json(body)["generations"][0], conversation_required=True)))


@given(GENERATIONS)
def test_a_generation_survives_its_canonical_form(generation: Generation) -> None:
    content = canonical_json(generation)
    assert from_stored_json(content) == generation
    assert canonical_json(from_stored_json(content)) == content


@given(GENERATIONS)
def test_the_canonical_form_is_compact_sorted_json(generation: Generation) -> None:
    content = canonical_json(generation)
    plain = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert plain.encode() == content
    assert b"null" not in canonical_json(generation.model_copy(update={"metadata": {}, "system_prompt": None})) or (
        "null" in repr(generation)
    )


@given(ITEMS, st.integers())
def test_the_hash_does_not_see_the_spelling(item: Item, seed: int) -> None:
    assert digest(respelled(item, seed)) == digest(item)


@given(ITEMS, st.data())
def test_the_hash_sees_every_value(item: Item, data: st.DataObject) -> None:
    changed = copy.deepcopy(item)
    paths = list(leaves(changed))
    path = data.draw(st.sampled_from(paths))
    change(changed, path)
    assert digest(changed) != digest(item)


@given(ITEMS, st.sampled_from(["agent_name", "system_prompt", "max_tokens", "thinking_enabled", "tool_choice", "mode"]))
def test_the_hash_sees_absence(item: Item, name: str) -> None:
    assume(name in item)
    assert digest({key: value for key, value in item.items() if key != name}) != digest(item)


@given(ITEMS, st.sampled_from(["input", "output", "tools"]))
def test_the_hash_sees_the_order_of_what_has_one(item: Item, name: str) -> None:
    entries = item.get(name, [])
    assume(len(entries) == 2 and entries[0] != entries[1])
    assert digest({**item, name: entries[::-1]}) != digest(item)


@given(GENERATIONS, GENERATIONS)
def test_equal_contents_are_equal_generations(one: Generation, other: Generation) -> None:
    assert (canonical_json(one) == canonical_json(other)) == (one == other)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """The paths of all values that hold no others."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    elif value is not None:
        yield path


OTHER = {
    "SYNC": "STREAM",
    "STREAM": "SYNC",
    "user": "assistant",
    "assistant": "tool",
    "tool": "system",
    "system": "user",
}


def change(item: Item, path: tuple[Any, ...]) -> None:
    """Makes the value at the path another one that is just as valid."""
    holder: Any = item
    for step in path[:-1]:
        holder = holder[step]
    value = holder[path[-1]]
    if path[-1] == "is_error" or isinstance(value, bool):
        holder[path[-1]] = not value
    elif isinstance(value, int):
        # Not to 0, which a count may as well leave out.
        holder[path[-1]] = value // 2 - 1 if value > 0 else value // 2 + 3
    elif isinstance(value, float):
        holder[path[-1]] = value / 2 + 1 if value != 2 else 3.5
    elif path[-1] in ("started_at", "first_token_at", "completed_at"):
        holder[path[-1]] = value[:20] + ("1" if value[20] == "0" else "0") + value[21:]
    elif path[-1] in ("mode", "role"):
        holder[path[-1]] = OTHER[value]
    else:
        holder[path[-1]] = f"{value}+"
