"""The table's operations end: with everything done, or with `Unavailable` after a bounded number of tries."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.table import BATCH_ROUNDS, TRANSACTION_ROUNDS, ConditionFailed, Table
from chalicelib.domain.errors import Unavailable
from tests.unit.adapters.stingy import FailingDynamo, StingyDynamo, client_error

RECORDS = [((f"p{number}", "s"), {"n": number}) for number in range(60)]
KEYS = [key for key, _ in RECORDS]
CONFLICT = client_error("TransactionCanceledException", 400, "None", "TransactionConflict")


class Naps:
    """Sleeps by remembering for how long."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def table(client: Any, naps: Naps | None = None) -> Table:
    return Table(client, "table", naps or Naps())


@pytest.mark.parametrize("most", [5, 7, 24, 25])
def test_what_is_left_over_is_written_until_nothing_is(most: int) -> None:
    client, naps = StingyDynamo(most), Naps()
    table(client, naps).put_all(RECORDS)
    assert sorted(client.items) == sorted(KEYS)
    table(client, naps).delete_all(KEYS)
    assert client.items == {}


@pytest.mark.parametrize("most", [20, 25, 99, 100])
def test_what_is_left_over_is_read_until_nothing_is(most: int) -> None:
    client = StingyDynamo(most)
    table(StingyDynamo(25)).put_all([])
    client.items = {key: {"pk": {"S": key[0]}, "sk": {"S": key[1]}, "n": {"N": "1"}} for key in KEYS}
    found = table(client).get_all([*KEYS, ("unknown", "s")])
    assert sorted(found) == sorted(KEYS)
    assert found[KEYS[0]]["n"] == 1


def test_reading_goes_on_without_a_pause_while_it_gets_on() -> None:
    """A full answer of 16 MB leaves keys over, although nothing is throttled."""
    client, naps = StingyDynamo(30), Naps()
    client.items = {key: {"pk": {"S": key[0]}, "sk": {"S": key[1]}} for key in KEYS}
    assert len(table(client, naps).get_all(KEYS)) == 60
    assert naps.taken == []


def test_writing_gives_up_after_its_rounds_with_pauses_that_grow() -> None:
    client, naps = StingyDynamo(0), Naps()
    with pytest.raises(Unavailable, match="throttling"):
        table(client, naps).put_all(RECORDS[:25])
    assert client.calls == len(naps.taken) == BATCH_ROUNDS
    assert all(pause <= 0.02 * 2**number for number, pause in enumerate(naps.taken))


def test_reading_gives_up_after_its_rounds() -> None:
    client = StingyDynamo(0)
    with pytest.raises(Unavailable, match="throttling"):
        table(client).get_all(KEYS)
    assert client.calls == BATCH_ROUNDS


def test_a_pause_of_the_engine_is_waited_out() -> None:
    client = StingyDynamo(25, refusals=BATCH_ROUNDS - 1)
    table(client).put_all(RECORDS[:25])
    assert len(client.items) == 25


def test_a_conflicting_transaction_is_tried_again() -> None:
    client = FailingDynamo(*[CONFLICT] * (TRANSACTION_ROUNDS - 1))
    table(client).transact([{}])
    assert client.calls == TRANSACTION_ROUNDS


def test_a_transaction_that_always_conflicts_is_unavailable() -> None:
    client = FailingDynamo(*[CONFLICT] * 100)
    with pytest.raises(Unavailable, match="busy"):
        table(client).transact([{}])
    assert client.calls == TRANSACTION_ROUNDS


def test_a_failed_condition_is_told_at_once() -> None:
    client = FailingDynamo(client_error("TransactionCanceledException", 400, "ConditionalCheckFailed", "None"))
    with pytest.raises(ConditionFailed):
        table(client).transact([{}])
    assert client.calls == 1


@pytest.mark.parametrize(
    "error", [client_error("TransactionCanceledException", 400, "ValidationError"), client_error("ValidationException")]
)
def test_a_fault_of_ours_is_neither_repeated_nor_hidden(error: ClientError) -> None:
    client = FailingDynamo(error)
    with pytest.raises(ClientError):
        table(client).transact([{}])
    assert client.calls == 1


def test_parallel_work_ends_before_its_first_error_is_raised() -> None:
    """A request that answers an error leaves nothing behind that still writes."""
    ended: list[int] = []

    def work(number: int) -> None:
        if number == 0:
            raise Unavailable("storage is not available")
        time.sleep(0.02)
        ended.append(number)

    with pytest.raises(Unavailable):
        table(StingyDynamo(1)).in_parallel(work, range(8))
    assert sorted(ended) == list(range(1, 8))


def test_parallel_results_are_in_the_order_of_the_items() -> None:
    def work(number: int) -> int:
        time.sleep(0.01 * (3 - number))
        return number

    assert table(StingyDynamo(1)).in_parallel(work, range(4)) == [0, 1, 2, 3]
