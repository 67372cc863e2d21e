"""No body, however broken, does anything but be read or be refused."""

import contextlib
import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.json_body import parse_json, read_body
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.domain.content import canonical_json, content_hash, from_stored_json
from chalicelib.domain.errors import Malformed, TooLarge, UnsupportedEncoding
from chalicelib.domain.free_form import Unreadable
from chalicelib.domain.generation import Generation
from tests.properties.wire_items import ITEMS, Item

ANY_TEXT = st.text(st.characters(codec=None), max_size=6)
ODD_NUMBERS = st.sampled_from([10**400, -(10**400), 2**63, 2**1024, 1e308, -0.0, float("inf"), float("-inf")])
ODD_TEXTS = st.sampled_from(
    ["x" * 300, "\ud800", "é\x00", "1e999999", "NaN", "", " ", "2026-01-01T00:00:00Z", "AAA=", "=" * 4]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | ANY_TEXT
    | ODD_NUMBERS
    | ODD_TEXTS
    | st.just(Unreadable("is odd")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "id",
        "mode",
        "model",
        "input",
        "output",
        "tools",
        "usage",
        "tags",
        "metadata",
        "depends_on",
        "dependsOn",
        "timestamps",
        "role",
        "parts",
        "content",
        "text",
        "toolCall",
        "tool_result",
        "media",
        "input_json",
        "inputSchemaJson",
        "payload",
        "raw_artifacts",
        "started_at",
        "max_tokens",
        "temperature",
        "effective_version",
        "input_tokens",
        "unrecognized",
    ]
)
NAMED = st.recursive(
    ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


def judged(item: Any) -> None:
    """Reads an item; what comes out is a refusal to show or a generation to store."""
    (outcome,) = read_export({"generations": [item]}, conversation_required=False)
    if isinstance(outcome, ItemRejected):
        assert outcome.error.startswith("generation")
        assert "pydantic" not in outcome.error
        assert len(outcome.error) < 200
        json.dumps([outcome.error, outcome.generation_id], ensure_ascii=False).encode()
        return
    content = canonical_json(outcome)
    assert from_stored_json(content) == outcome
    assert len(content_hash(content)) == 64


@given(ANYTHING | NAMED)
def test_any_value_as_an_item_is_read_or_refused(item: Any) -> None:
    judged(item)


@given(ITEMS, NAMED, st.data())
def test_a_valid_item_with_one_value_replaced_is_read_or_refused(item: Item, odd: Any, data: st.DataObject) -> None:
    mutilated = copy.deepcopy(item)
    holder: Any = mutilated
    while True:
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
        if not (isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans())):
            break
        holder = holder[key]
    holder[key] = odd
    judged(mutilated)


@given(ITEMS, st.dictionaries(NAMES | ANY_TEXT, NAMED, max_size=3))
def test_a_valid_item_with_more_fields_is_read_or_refused(item: Item, more: Item) -> None:
    judged({**more, **item})


@given(NAMED)
def test_any_value_as_a_body_is_read_or_refused(body: Any) -> None:
    try:
        results = read_export(body)
    except (Malformed, TooLarge):
        return
    assert all(isinstance(result, Generation | ItemRejected) for result in results)


@given(st.binary(max_size=64) | st.text(alphabet='[]{}":,0123456789.eE+-\\ntruefalsN \n', max_size=40).map(str.encode))
def test_any_bytes_are_json_exactly_when_the_standard_parser_says_so(body: bytes) -> None:
    try:
        expected = json.loads(body.decode(), parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        expected = ValueError
    try:
        value = parse_json(body)
    except Malformed:
        value = ValueError
    assert value == expected


@given(ITEMS, st.data())
def test_a_body_with_one_byte_changed_is_read_or_refused(item: Item, data: st.DataObject) -> None:
    body = bytearray(json.dumps({"generations": [item]}, ensure_ascii=data.draw(st.booleans())).encode())
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        results = read_export(parse_json(bytes(body)))
    except Malformed:
        return
    assert all(isinstance(result, Generation | ItemRejected) for result in results)


@given(st.integers(1, 3_000), st.booleans(), NAMES)
def test_any_depth_costs_only_its_item(levels: int, in_lists: bool, name: str) -> None:
    deep = "[" * levels + "]" * levels if in_lists else '{"a":' * levels + "1" + "}" * levels
    body = f'{{"generations":[{{"id":"a","{name}":{deep}}},{{"id":"b","model":{{"provider":"p","name":"n"}}}}]}}'
    first, second = read_export(parse_json(body.encode()), conversation_required=False)
    assert isinstance(first, ItemRejected)
    assert isinstance(second, Generation)


@given(st.binary(max_size=40), st.sampled_from([None, "gzip", "identity", "br", ""]))
def test_any_raw_body_is_read_or_refused(raw: bytes, encoding: str | None) -> None:
    with contextlib.suppress(Malformed, TooLarge, UnsupportedEncoding):
        assert len(read_body(raw, encoding, 20)) <= 20
