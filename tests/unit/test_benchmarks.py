"""The arithmetic behind docs/performance.md: sizes, units, charges, the bill."""

from typing import Any

import pytest

from benchmarks import bill, lineage_tables
from benchmarks.bill import Invocation, Usage
from benchmarks.charges import charge
from benchmarks.item_size import item_size, number_size
from benchmarks.lineage_latency import depending
from benchmarks.lineage_walk import graph, name
from benchmarks.load import quantile
from benchmarks.meter import Ledger, Tally
from benchmarks.page import number, replaced, table
from benchmarks.rows import kind_of, step_of
from benchmarks.shadow import Forgetful, Shadow
from benchmarks.units import read_units, write_units
from benchmarks.workload import Workload, body
from chalicelib.adapters.dynamodb import keys, record_keys
from chalicelib.services.ports import CatalogKey

HEAD = {"pk": {"S": "fake#G#g"}, "sk": {"S": "H"}}


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": f"fake#G#{name}"}, "sk": {"S": "H"}}


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    item: dict[str, dict[str, Any]] = {"pk": {"S": "ü"}, "b": {"B": b"12345"}, "n": {"N": "1200"}, "t": {"BOOL": True}}

    assert item_size(item) == (2 + 2) + (1 + 5) + (1 + 2) + (1 + 1)


def test_containers_add_three_bytes_and_one_for_each_element() -> None:
    assert item_size({"l": {"L": [{"S": "ab"}, {"S": "c"}]}}) == 1 + 3 + (2 + 1) + (1 + 1)
    assert item_size({"m": {"M": {"k": {"S": "v"}}}}) == 1 + 3 + (1 + 1 + 1)


@pytest.mark.parametrize(("text", "size"), [("0", 1), ("7", 2), ("10", 2), ("123", 3), ("-123", 4), ("1.25", 3)])
def test_a_number_takes_a_byte_for_two_significant_digits_and_one_more(text: str, size: int) -> None:
    assert number_size(text) == size


def test_units_are_begun_kilobytes_written_and_begun_four_kilobytes_read() -> None:
    assert [write_units(size) for size in (0, 1, 1024, 1025)] == [1, 1, 1, 2]
    assert write_units(1025, transactional=True) == 4
    assert [read_units(size, consistent=True) for size in (0, 4096, 4097)] == [1, 1, 2]
    assert read_units(4097, consistent=False) == 1


def test_a_write_is_charged_for_the_larger_of_before_and_after() -> None:
    shadow = Shadow()
    large = {**HEAD, "b": {"B": b"x" * 3000}}

    assert charge("PutItem", {"Item": large}, {}, shadow).writes == {"head": 3}
    assert charge("PutItem", {"Item": HEAD}, {}, shadow).writes == {"head": 3}
    assert charge("PutItem", {"Item": HEAD}, {}, shadow).writes == {"head": 1}


def test_a_put_that_is_refused_is_charged_and_changes_nothing() -> None:
    shadow = Shadow()
    charge("PutItem", {"Item": {**HEAD, "b": {"B": b"x" * 2000}}}, {}, shadow)

    assert charge("PutItem", {"Item": HEAD}, {"Error": {"Code": "No"}}, shadow).writes == {"head": 2}
    assert shadow.size(("fake#G#g", "H")) > 2000


def test_a_deletion_is_charged_for_what_was_there() -> None:
    shadow = Shadow()
    shadow.put({**HEAD, "b": {"B": b"x" * 2000}})
    request = {"RequestItems": {"t": [{"DeleteRequest": {"Key": HEAD}}, {"DeleteRequest": {"Key": key("other")}}]}}

    assert charge("BatchWriteItem", request, {}, shadow).writes == {"head": 2 + 1}
    assert shadow.items == {}


def test_updates_set_and_add() -> None:
    shadow = Shadow()
    request = {
        "Key": HEAD,
        "UpdateExpression": "SET #t = :t, d = :d ADD n :n",
        "ExpressionAttributeNames": {"#t": "l"},
        "ExpressionAttributeValues": {":t": {"S": "now"}, ":d": {"S": "then"}, ":n": {"N": "5"}},
    }

    charge("UpdateItem", request, {}, shadow)
    charge("UpdateItem", request, {}, shadow)

    assert shadow.items["fake#G#g", "H"] == {**HEAD, "l": {"S": "now"}, "d": {"S": "then"}, "n": {"N": "10"}}


def test_a_transaction_costs_twice() -> None:
    update = {"Key": HEAD, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
    request = {"TransactItems": [{"Put": {"Item": key("a")}}, {"Update": update}]}

    assert charge("TransactWriteItems", request, {}, Shadow()).writes == {"head": 4}


def test_a_transaction_deletes_and_an_update_removes() -> None:
    shadow = Shadow()
    shadow.put({**HEAD, "l": {"S": "x" * 1500}, "n": {"N": "1"}})
    shadow.put(key("row"))
    update = {"Key": HEAD, "UpdateExpression": "REMOVE l", "ExpressionAttributeValues": {":l": {"S": "x"}}}
    request = {"TransactItems": [{"Update": update}, {"Delete": {"Key": key("row")}}]}

    assert charge("TransactWriteItems", request, {}, shadow).writes == {"head": 4 + 2}
    assert shadow.items == {("fake#G#g", "H"): {**HEAD, "n": {"N": "1"}}}


def test_a_shadow_may_forget_what_is_put() -> None:
    shadow = Forgetful()

    assert charge("PutItem", {"Item": {**HEAD, "b": {"B": b"x" * 2000}}}, {}, shadow).writes == {"head": 2}
    assert shadow.items == {}


def test_every_key_of_a_batch_read_costs_also_one_that_is_missing() -> None:
    request = {"RequestItems": {"t": {"Keys": [key("a"), key("b")], "ConsistentRead": True}}}
    answer = {"Responses": {"t": [{**key("a"), "b": {"B": b"x" * 5000}}]}}

    assert charge("BatchGetItem", request, answer, Shadow()).reads == {"head": 2 + 1}


def test_a_query_is_charged_for_its_pages_together() -> None:
    request = {"ExpressionAttributeValues": {":p": {"S": "OUTBOX#1"}, ":low": {"S": "0"}, ":high": {"S": "9"}}}

    assert charge("Query", request, {"Items": [HEAD, HEAD]}, Shadow()).reads == {"outbox": 0.5}


def test_every_row_of_the_table_has_a_kind() -> None:
    position = ("2026-01-01T00:00:00.000000Z", "g")
    tally = record_keys.tally("t", CatalogKey("agent", "v"), 1)
    found = [
        keys.head("t", "g"),
        keys.payload("t", "g", "0" * 64),
        keys.edge("t", "g", "child"),
        keys.edge("t", "g", "child", level=1),
        keys.fan_out("t", "g"),
        keys.state("t", "g"),
        keys.touched("t", "g"),
        keys.reach("t", "g", "root"),
        keys.overflow("t", "g"),
        keys.score("t", "s"),
        keys.filed_score("t", "g", "2026-01-01T00:00:00.000000Z", "s"),
        record_keys.webhook("t"),
        keys.entry("t", position),
        keys.list_row("t", "agent", "a#b", position),
        keys.outbox("0" * 26, 1),
        keys.marker("t", "0" * 26),
        record_keys.agent("t", "a"),
        record_keys.version("t", "a", "v"),
        tally,
    ]

    records = "agent and version records"
    assert [kind_of(one) for one in found] == [
        *("head", "payload", "edge", "edge", "fan-out", "state", "touched mark", "reach row", "reach row", "score"),
        *("score list row", "webhook setting", "entry", "list row", "outbox", "marker", records, records, "tally"),
    ]


def test_a_transaction_is_named_by_its_marker() -> None:
    assert step_of("TransactWriteItems", ["tally", "marker"]) == "catalog: count"
    assert step_of("Scan", ["head"]) == "Scan head"


def test_what_a_walk_writes_first_is_named_by_both_kinds() -> None:
    assert step_of("BatchWriteItem", ["list row", "touched mark"]) == "list rows and touched mark"
    assert step_of("BatchWriteItem", ["entry", "list row"]) == "entry and list rows"
    assert step_of("TransactWriteItems", ["state", "list row"]) == "state and list of failing roots"


def test_the_workload_is_the_same_each_time_and_four_kilobytes() -> None:
    first, second = Workload("a").batch(20), Workload("a").batch(20)

    assert first == second
    assert Workload("b").generation()["id"] != first[0]["id"]
    assert first[1]["depends_on"] == [first[0]["id"]]
    assert len({item["conversation_id"] for item in first}) == 2
    assert len({item["trace_id"] for item in first}) == 4
    assert 4000 < len(body(first)) / 20 < 5000


def usage(size: int) -> Usage:
    invocation = Invocation(cpu=0.1, log_bytes=200, rounds=4, memory_mb=1024)
    return Usage(size, 9 * size, 2 * size, 3, 70 * size, invocation, invocation)


def test_the_bill_of_a_million_adds_up() -> None:
    lines = bill.lines(usage(100))

    assert lines["DynamoDB writes"] == pytest.approx(9 * 0.625)
    assert lines["DynamoDB reads"] == pytest.approx(2 * 0.125)
    assert lines["SQS (send, receive, delete)"] == pytest.approx(10_000 * 3 * 0.40 / 1e6)
    assert lines["API Gateway requests"] == pytest.approx(10_000 * 3.5 / 1e6)
    assert bill.total(lines) == pytest.approx(sum(lines.values()))


def test_a_function_with_less_than_a_core_takes_longer() -> None:
    whole = Invocation(cpu=0.1, log_bytes=0, rounds=4, memory_mb=1769)
    half = Invocation(cpu=0.1, log_bytes=0, rounds=4, memory_mb=1769 // 2)

    assert whole.seconds == pytest.approx(0.1 * bill.CORE_FACTOR + 4 * bill.ROUND_TRIP_S)
    assert half.seconds - 4 * bill.ROUND_TRIP_S == pytest.approx(2 * 0.1 * bill.CORE_FACTOR, rel=0.01)


def test_calls_of_a_step_go_out_sixteen_at_a_time() -> None:
    ledger = Ledger(steps={("API", "head"): Tally(calls=200), ("API", "queue"): Tally(calls=2)})

    assert bill.rounds(ledger, "API", batches=2) == 7 + 1
    assert bill.rounds(ledger, "worker", batches=2) == 0


def test_a_section_of_the_page_is_replaced_and_nothing_else() -> None:
    page = "a\n<!-- measured: x -->\nold\n<!-- end: x -->\nb"

    assert replaced(page, "x", r"new \1") == "a\n<!-- measured: x -->\n\nnew \\1\n\n<!-- end: x -->\nb"
    with pytest.raises(ValueError, match="no section y"):
        replaced(page, "y", "new")


def test_tables_and_numbers() -> None:
    assert table(["a", "b"], [["x", number(1234.5, 1)]]) == "| a | b |\n| --- | ---: |\n| x | 1,234.5 |"
    assert [number(None), number(0)] == ["", "0"]
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([3, 1, 2], 0.99) == 3


def test_a_chain_and_a_fan_out_have_as_many_edges_as_generations_below_the_root() -> None:
    chain, fan_out = graph("chain", 3), graph("fan-out", 3)

    assert [(edge.parent, edge.child) for edge in chain] == [("root", name(0)), (name(0), name(1)), (name(1), name(2))]
    assert [(edge.parent, edge.child) for edge in fan_out] == [("root", name(number)) for number in range(3)]


def test_dependencies_are_as_many_as_asked_for_and_all_different() -> None:
    batch = depending(Workload("a").batch(20), 10)

    assert len({parent for item in batch for parent in item["depends_on"]}) == 200
    assert [item["depends_on"] for item in depending(batch, 0)] == [[]] * 20


def test_larger_walks_are_extrapolated_from_counted_units() -> None:
    flip = {"seconds": 0.01, "calls": 20, "writes": 10, "reads": 9, "counted": 4}
    walk = {"seconds": 90, "cpu": 30, "handed_on": 1, "calls": 4000, "writes": 3000, "reads": 2000}
    walk |= {"before_bytes": 0, "peak_bytes": 1024**2, "stored_seconds": 1}
    found = {"fan-out": {**walk, "flip": flip, "small_flip": flip}}

    written = lineage_tables.full_walks(found, {"fan-out": 1000})

    assert "| **flagged per second** | **11** |" in written
    assert "| fan-out of 100,000 | 300,000 | 200,000 | 0.21 | 150.0 | 151 | 100 |" in written
    assert lineage_tables.dollars(1e6, 1e6) == pytest.approx(0.625 + 0.125)


def test_units_are_shown_each() -> None:
    step = ["worker", "edges", 40, 1000, 0, None]
    part = {"title": "An edge", "per": 1000, "steps": [step]}

    assert lineage_tables.totals(part) == (40, 1000, 0)
