"""The `Outbox` port: a promise is kept until it is removed, and found when it is due."""

import threading
from dataclasses import replace

import pytest

from chalicelib.services.ports import Outbox, OutboxRow
from tests.contract.grounds import END_OF_TIME_MS, EVERYTHING, Ground, promised
from tests.contract.samples import HEAVIEST_ID

NOW = 1_777_636_800_000


@pytest.fixture
def outbox(ground: Ground) -> Outbox:
    return ground.ports.outbox


def row(number: int, due_ms: int = NOW) -> OutboxRow:
    return OutboxRow(f"K{number:025d}", "process", f'{{"n":{number}}}', due_ms - 60_000, due_ms)


def by_key(rows: list[OutboxRow]) -> list[OutboxRow]:
    return sorted(rows, key=lambda each: (each.due_ms, each.key))


def test_a_row_comes_back_as_it_was_written_until_it_is_removed(outbox: Outbox) -> None:
    long = replace(row(1), body=f'["{HEAVIEST_ID * 100}"]', attempts=3)
    outbox.add([long, row(2)])
    assert by_key(outbox.due(NOW, EVERYTHING)) == [long, row(2)]
    outbox.remove([long])
    assert outbox.due(NOW, EVERYTHING) == [row(2)]
    outbox.remove([long, row(2)])
    assert outbox.due(NOW, EVERYTHING) == []


def test_a_row_is_due_from_its_very_millisecond_on(outbox: Outbox) -> None:
    outbox.add([row(1)])
    assert outbox.due(NOW - 1, EVERYTHING) == []
    assert outbox.due(NOW, EVERYTHING) == [row(1)]


def test_hundreds_of_rows_are_written_found_and_removed(outbox: Outbox) -> None:
    rows = [row(number, NOW + number) for number in range(260)]
    outbox.add(rows)
    assert by_key(outbox.due(END_OF_TIME_MS, EVERYTHING)) == rows
    outbox.remove(rows)
    assert outbox.due(END_OF_TIME_MS, EVERYTHING) == []


def test_a_run_is_bounded_and_takes_the_oldest_of_each_shard(ground: Ground) -> None:
    rows = [row(number, NOW + number) for number in range(200)]
    ground.ports.outbox.add(rows)
    first = ground.ports.outbox.due(END_OF_TIME_MS, 32)
    assert 0 < len(first) <= 32
    assert rows[0] in first
    ground.ports.outbox.remove(first)
    rounds = 1
    while left := ground.ports.outbox.due(END_OF_TIME_MS, 32):
        ground.ports.outbox.remove(left)
        rounds += 1
        assert rounds < 50
    assert promised(ground) == []


def test_a_postponed_row_is_later_and_has_one_more_attempt(outbox: Outbox) -> None:
    outbox.add([row(1)])
    outbox.postpone(row(1), NOW + 5000)
    assert outbox.due(NOW + 4999, EVERYTHING) == []
    assert outbox.due(NOW + 5000, EVERYTHING) == [replace(row(1), due_ms=NOW + 5000, attempts=1)]


def test_a_row_is_never_absent_while_it_is_postponed(outbox: Outbox) -> None:
    outbox.add([row(1)])
    ended = threading.Event()

    def postpone() -> None:
        present = row(1)
        for step in range(1, 41):
            outbox.postpone(present, NOW + step)
            present = replace(present, due_ms=NOW + step, attempts=step)
        ended.set()

    thread = threading.Thread(target=postpone)
    thread.start()
    looks = []
    while not ended.is_set():
        looks.append(outbox.due(END_OF_TIME_MS, EVERYTHING))
    thread.join()
    assert all(looks)
    assert outbox.due(END_OF_TIME_MS, EVERYTHING) == [replace(row(1), due_ms=NOW + 40, attempts=40)]


def test_nothing_is_nothing(outbox: Outbox) -> None:
    outbox.add([])
    outbox.remove([])
    assert outbox.due(END_OF_TIME_MS, 16) == []
