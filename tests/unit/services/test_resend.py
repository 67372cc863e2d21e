"""The schedule: with patience, within bounds, and never the last word while the writer may be alive."""

from chalicelib.services.messages import GenerationsStored
from chalicelib.services.ports import OutboxRow
from chalicelib.services.resend import FIRST_DELAY_MS, LONGEST_DELAY_MS, WRITER_GONE_MS, Resend, Resent
from tests.fakes.clock import FixedClock
from tests.fakes.outbox import FakeOutbox
from tests.fakes.queue import FakeQueue
from tests.unit.services.world import quiet

QUEUE = "process"


class Yard:
    """An outbox, a queue and a clock; `run` is one run of the schedule."""

    def __init__(self, rows: int = 1, limit: int = 500) -> None:
        self.clock, self.outbox, self.queue = FixedClock(), FakeOutbox(), FakeQueue()
        self.run = Resend(self.outbox, self.queue, self.clock, quiet(), limit)
        now = self.clock.milliseconds
        body = GenerationsStored("t", "K1", (("g", "h"),), now, "c").encode()
        self.outbox.add([OutboxRow(f"K{n}", QUEUE, body, now, now + FIRST_DELAY_MS) for n in range(rows)])

    def rows(self) -> list[OutboxRow]:
        return self.outbox.due(10**14, 1000)

    def finals(self) -> list[bool]:
        return [GenerationsStored.decode(message.body).final for message in self.queue.take(QUEUE)]


def test_nothing_is_sent_before_it_is_due() -> None:
    yard = Yard()
    yard.clock.advance(FIRST_DELAY_MS - 1)
    assert yard.run() == Resent(0, 0)
    yard.clock.advance(1)
    assert yard.run() == Resent(1, 1)


def test_a_row_is_kept_until_its_writer_is_certainly_gone() -> None:
    yard = Yard()
    yard.clock.advance(WRITER_GONE_MS - 1)
    assert yard.run() == Resent(1, 1)
    assert yard.finals() == [False]
    assert len(yard.rows()) == 1
    yard.clock.advance(FIRST_DELAY_MS)
    assert yard.run() == Resent(1, 1)
    assert yard.finals() == [True]
    assert yard.rows() == []


def test_a_row_exactly_that_old_is_final() -> None:
    yard = Yard()
    yard.clock.advance(WRITER_GONE_MS)
    yard.run()
    assert yard.finals() == [True]


def test_delays_double_up_to_an_hour_while_the_queue_is_down() -> None:
    yard = Yard()
    yard.queue.down = True
    delays = []
    yard.clock.advance(FIRST_DELAY_MS)
    for _ in range(9):
        assert yard.run() == Resent(1, 0)
        delays.append(yard.rows()[0].due_ms - yard.clock.milliseconds)
        yard.clock.advance(delays[-1])
    minutes = [delay // 60_000 for delay in delays]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert delays[-1] == LONGEST_DELAY_MS
    yard.queue.down = False
    assert yard.run() == Resent(1, 1)
    assert yard.rows() == []


def test_a_final_send_that_is_not_accepted_keeps_the_row() -> None:
    yard = Yard()
    yard.queue.down = True
    yard.clock.advance(WRITER_GONE_MS)
    yard.run()
    assert len(yard.rows()) == 1


def test_one_run_is_bounded() -> None:
    yard = Yard(rows=50, limit=20)
    yard.clock.advance(WRITER_GONE_MS)
    assert [yard.run().due for _ in range(4)] == [20, 20, 10, 0]


def test_the_clock_of_a_row_does_not_start_again_when_it_is_postponed() -> None:
    yard = Yard()
    yard.clock.advance(FIRST_DELAY_MS)
    yard.run()
    [row] = yard.rows()
    assert row.created_ms == yard.clock.milliseconds - FIRST_DELAY_MS
    assert row.attempts == 1
