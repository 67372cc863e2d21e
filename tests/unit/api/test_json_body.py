"""A body becomes a JSON value, or is refused with the place of the fault; no body costs more than its length."""

import contextlib
import gzip
import json
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from chalicelib.api.json_body import parse_json, read_body
from chalicelib.domain.errors import Malformed, TooLarge, UnsupportedEncoding
from chalicelib.domain.free_form import Unreadable

ZIPPED = gzip.compress(b"{}", mtime=0)  # without the time, which would name tests differently in each process


@pytest.mark.parametrize(
    ("body", "line", "column", "offset"),
    [
        (b"", 1, 1, 0),
        (b"nul", 1, 1, 0),
        (b"{} x", 1, 4, 3),
        (b"{}{}", 1, 3, 2),
        (b'{"a":1,}', 1, 8, 7),
        (b'{"a":\n 1 2}', 2, 4, 9),
        (b"[1,]", 1, 4, 3),
        (b"{'a':1}", 1, 2, 1),
        (b"[01]", 1, 3, 2),
        (b'{"a":"x\ty"}', 1, 8, 7),
        (b'"a', 1, 1, 0),
        (b'["NaN \\" Infinity",\nNaN]', 2, 1, 20),
        (b"[-Infinity]", 1, 2, 1),
        (b"\xef\xbb\xbf{}", 1, 1, 0),
        (b'{"a":\n"\xff"}', 2, 2, 7),
        (b'["\xed\xa0\x80"]', 1, 3, 2),
    ],
)
def test_a_body_that_is_no_json_is_refused_with_the_place(body: bytes, line: int, column: int, offset: int) -> None:
    with pytest.raises(
        Malformed, match=rf"^invalid JSON at line {line} column {column} \(offset {offset}\): "
    ) as caught:
        parse_json(body)
    assert caught.value.meta == {"line": line, "column": column, "offset": offset}


def test_a_byte_order_mark_is_called_by_its_name() -> None:
    with pytest.raises(Malformed, match="byte order mark"):
        parse_json(b"\xef\xbb\xbf{}")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b' {"a": [1, 2.5, true, null, "\\ud83d\\ude00"]}\n', {"a": [1, 2.5, True, None, "😀"]}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'"a\\ud800b"', "a\ud800b"),
        (b"12345678901234567890", 12345678901234567890),
        (b"[1e999]", [float("inf")]),
    ],
)
def test_a_body_that_is_json_is_read(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def levels_of(value: Any) -> int:
    levels = 0
    while isinstance(value, list):
        levels += 1
        value = value[0] if value else None
    return levels


@pytest.mark.parametrize("levels", [1, 99, 100])
def test_a_hundred_levels_inside_an_item_are_read(levels: int) -> None:
    assert levels_of(parse_json(b'{"generations":[' + nested(levels) + b"]}")["generations"][0]) == levels


@pytest.mark.parametrize("levels", [101, 150, 250, 950, 5_000, 100_000])
@pytest.mark.parametrize("around", [b"[%s]", b'{"a":%s}', b'{"a":[{}, %s , 1]}'])
def test_what_is_deeper_is_cut_and_its_neighbours_are_not(levels: int, around: bytes) -> None:
    deep = around % nested(levels - around.count(b"[") - around.count(b"{a"))
    value = parse_json(b'{"generations":[{"id":"before"},' + deep + b',{"id":"after"}],"x":1}')
    before, item, after = value["generations"]
    assert (before, after, value["x"]) == ({"id": "before"}, {"id": "after"}, 1)
    if isinstance(item, dict):
        item = item["a"] if not isinstance(item["a"][0], dict) else item["a"][1]
    while isinstance(item, list):
        item = item[0]
    assert item == Unreadable("is nested over 100 levels")


def test_levels_are_counted_from_the_root_where_the_body_is_one_item() -> None:
    assert levels_of(parse_json(nested(100), envelope=0)) == 100
    deepest = parse_json(nested(101), envelope=0)
    for _ in range(99):
        deepest = deepest[0]
    assert deepest == [Unreadable("is nested over 100 levels")]


@pytest.mark.parametrize(
    "tail", [b"", b"]", b"}", b",]}", b'"a":1}', b"1]}", b"x]}", b"]} x", b"],NaN]}", b',"\xff"]}', b"]}]"]
)
@pytest.mark.parametrize("deep", [b"[" * 5_000 + b"]" * 5_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000])
def test_what_follows_a_deep_item_is_still_checked(deep: bytes, tail: bytes) -> None:
    with pytest.raises(Malformed, match=r"^invalid JSON at line 1 column \d+ "):
        parse_json(b'{"generations":[' + deep + tail)


@pytest.mark.parametrize(
    "fault",
    [b"[,]", b"[1 2]", b"{", b'{"a" 1}', b'{"a":}', b"{1:2}", b'{"a":1 "b":2}', b"[}", b'{"a":1]', b"nan", b"'a'"],
)
def test_a_fault_inside_what_is_too_deep_is_still_a_fault(fault: bytes) -> None:
    with pytest.raises(Malformed, match=r"^invalid JSON at line 1 column \d+ "):
        parse_json(b"[" * 3_000 + fault + b"]" * 3_000)


def test_inside_what_is_too_deep_all_of_json_is_read() -> None:
    inner = b' { "a" : [ ] , "b" : [[1], [[2 ] , {}], "]" ] ,\t"c":{"d":[\n-1.5e3,true,null]}}'
    assert levels_of(parse_json(b"[ " * 3_000 + inner + b"]" * 3_000)) == 102


@pytest.mark.parametrize("digits", [4_301, 100_000, 5_000_000])
def test_a_number_of_thousands_of_digits_is_cut(digits: int) -> None:
    assert parse_json(b'{"a":' + b"7" * digits + b',"b":1}') == {
        "a": Unreadable("contains a number out of range"),
        "b": 1,
    }


MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (4 * MEGABYTE),
        nested(2 * MEGABYTE),
        b"[ " * MEGABYTE,
        b"[ " * 400_000 + b"]" * 400_000,
        b'{"":' * (MEGABYTE // 2),
        b"[" * 2_000 + b"[[],[]]," * (MEGABYTE // 8) + b"1" + b"]" * 2_000,
        b"[" + b",".join([nested(1_500)] * 700) + b"]",
        b"[" + b",".join([b"1" * 4_000] * 500) + b"]",
        b'["' + b"\\ud800" * (MEGABYTE // 6) + b'"]',
        b'["' + b"\\\\" * (MEGABYTE // 2) + b'",NaN]',
        b"[1." + b"3" * (4 * MEGABYTE) + b"]",
    ],
    ids=lambda body: f"{body[:8].decode()}…{len(body)}",
)
def test_hostile_bodies_cost_no_more_than_their_length(body: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(Malformed):
        parse_json(body)
    assert time.process_time() - start < 4 * len(body) / MEGABYTE


LIMIT = 1_000


@pytest.mark.parametrize("encoding", [None, "", "identity", "gzip", "GZIP", "x-gzip", "identity, gzip"])
def test_gzip_is_inflated_whether_it_is_named_or_not(encoding: str | None) -> None:
    assert read_body(gzip.compress(b"{}"), encoding, LIMIT) == b"{}"


@pytest.mark.parametrize("encoding", [None, "", "identity", " Identity "])
def test_a_plain_body_is_as_it_is(encoding: str | None) -> None:
    assert read_body(b"{}", encoding, LIMIT) == b"{}"


def test_several_gzip_members_are_one_body() -> None:
    assert read_body(gzip.compress(b'{"a"') + gzip.compress(b"") + gzip.compress(b":1}"), "gzip", LIMIT) == b'{"a":1}'


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, br", "x"])
def test_any_other_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedEncoding):
        read_body(gzip.compress(b"{}"), encoding, LIMIT)


@pytest.mark.parametrize(
    "raw",
    [b"{}", ZIPPED[:-1], ZIPPED[:12], ZIPPED + b"x"],
)
def test_broken_gzip_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_body(raw, "gzip", LIMIT)


def test_a_changed_byte_in_gzip_is_noticed() -> None:
    raw = bytearray(gzip.compress(json.dumps(list(range(200))).encode()))
    raw[-5] ^= 1
    with pytest.raises(Malformed):
        read_body(bytes(raw), "gzip", LIMIT)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_the_limit_is_exact_and_named(compress: Any) -> None:
    assert len(read_body(compress(b"x" * LIMIT), None, LIMIT)) == LIMIT
    with pytest.raises(TooLarge, match="limit of 1000 bytes") as caught:
        read_body(compress(b"x" * (LIMIT + 1)), None, LIMIT)
    assert caught.value.meta == {"limit": LIMIT}


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(MEGABYTE)
    bomb = b"".join(squeeze.compress(block) for _ in range(50)) + squeeze.flush()
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            read_body(bomb, "gzip", MEGABYTE)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_many_empty_members_take_linear_time() -> None:
    start = time.process_time()
    assert read_body(gzip.compress(b"") * 50_000, "gzip", LIMIT) == b""
    assert time.process_time() - start < 10
