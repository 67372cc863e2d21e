"""A key is found with few reads, and stops within seconds of being revoked."""

import gc
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.api_key import ApiKey
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.times import format_time
from chalicelib.services import key_ring
from chalicelib.services.api_keys import KeyManagement, MadeKey, Wanted
from chalicelib.services.key_ring import KeyRing
from tests.fakes.access import FakeApiKeys
from tests.fakes.clock import START, FixedClock, SequentialKeys, SequentialTokens

GUESSES = 10_000


class World:
    """A store, a clock, and one process that looks keys up."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.store = FakeApiKeys()
        self.management = KeyManagement(self.store, self.clock, SequentialKeys(), SequentialTokens())
        self.ring = KeyRing(self.store, self.clock)

    def make(self, seconds: float | None = None) -> MadeKey:
        expires_at = None if seconds is None else format_time(START + timedelta(seconds=seconds))
        return self.management.make("t", Wanted("n", "member", None, expires_at))

    def opens(self, made: MadeKey) -> bool:
        return self.ring.holder(made.secret) is not None


@pytest.fixture
def world() -> World:
    return World()


def guess(number: int) -> str:
    return f"sk-t-g{number:042x}"


def test_a_key_is_known_by_its_one_secret(world: World) -> None:
    made = world.make()
    assert world.ring.holder(made.secret) == made.key
    assert world.ring.holder(made.secret[:-1] + "x") is None
    assert world.ring.holder(made.secret.replace("sk-t-", "sk-u-")) is None


def test_a_key_is_read_once_in_twenty_seconds(world: World) -> None:
    made = world.make()
    for _ in range(40):
        assert world.opens(made)
        world.clock.advance(999)
    assert world.store.reads == 2


def test_a_revoked_key_stops_within_thirty_seconds_also_where_it_is_used_all_the_time(world: World) -> None:
    made = world.make()
    assert world.opens(made)
    world.clock.advance(1)
    world.management.revoke("t", made.key.id)
    for passed in range(60):
        assert not world.opens(made) or passed < 30
        world.clock.advance(1000)
    assert not world.opens(made)


def test_what_is_read_while_the_key_is_revoked_is_no_younger_than_the_read(world: World) -> None:
    """The answer is on its way for a long time: the key still stops in time."""
    made = world.make()

    class Slow(FakeApiKeys):
        def find(self, digest: str) -> ApiKey | None:
            found = world.store.find(digest)
            world.clock.advance(15_000)
            return found

    ring = KeyRing(Slow(), world.clock)
    assert ring.holder(made.secret) is not None
    world.management.revoke("t", made.key.id)
    world.clock.advance(6_000)
    assert ring.holder(made.secret) is None


def test_an_expired_key_stops_at_that_very_moment_although_it_is_remembered(world: World) -> None:
    made = world.make(seconds=5)
    assert world.opens(made)
    world.clock.advance(4_999)
    assert world.opens(made)
    world.clock.advance(1)
    assert not world.opens(made)
    assert world.store.reads == 1


def test_a_clock_that_is_set_back_keeps_no_revoked_key_alive(world: World) -> None:
    made = world.make()
    world.clock.advance(3_600_000)
    assert world.opens(made)
    world.clock.advance(-3_600_000)
    world.management.revoke("t", made.key.id)
    assert not world.opens(made)


def test_guessing_again_costs_no_reads_for_ten_seconds(world: World) -> None:
    for _ in range(2):
        for number in range(GUESSES):
            assert world.ring.holder(guess(number)) is None
    assert world.store.reads == GUESSES
    world.clock.advance(10_000)
    world.ring.holder(guess(0))
    assert world.store.reads == GUESSES + 1


def test_guessing_takes_bounded_memory_and_drives_no_key_out(world: World) -> None:
    made = world.make()
    assert world.opens(made)
    for number in range(2 * GUESSES):
        world.ring.holder(guess(number))
    assert world.opens(made)
    assert world.store.reads == 2 * GUESSES + 1
    answers = [one for one in gc.get_objects() if isinstance(one, key_ring._Answer)]
    assert 0 < len(answers) <= key_ring.MOST_KNOWN + key_ring.MOST_UNKNOWN


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "sk-t-",
        "sk--" + "a" * 43,
        "sk-t-" + "a" * 42,
        "sk-a#b-" + "a" * 43,
        "sk-t-" + "\u00e4" * 43,
        "sk-t-" + "a" * 43 + "\n",
        "sk-" + "t" * 151 + "-" + "a" * 43,
        "x" * 1_000_000,
        "sk-" + "-" * 1_000_000,
    ],
)
def test_what_cannot_be_a_key_costs_no_read(world: World, shown: str) -> None:
    assert world.ring.holder(shown) is None
    assert world.store.reads == 0


def test_storage_that_is_down_is_not_taken_for_a_wrong_key(world: World) -> None:
    made = world.make()

    class Down(FakeApiKeys):
        def find(self, digest: str) -> ApiKey | None:  # noqa: ARG002 - it finds nothing
            raise Unavailable("storage is not available")

    with pytest.raises(Unavailable):
        KeyRing(Down(), world.clock).holder(made.secret)


def test_many_threads_share_a_ring(world: World) -> None:
    keys = [world.make() for _ in range(50)]
    wrong: list[MadeKey] = []

    def look_up() -> None:
        wrong.extend(made for made in keys * 20 if world.ring.holder(made.secret) != made.key)

    threads = [threading.Thread(target=look_up) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_more_keys_than_are_remembered_are_found_all_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "MOST_KNOWN", 2)
    ring = KeyRing(world.store, world.clock)
    keys = [world.make() for _ in range(3)]
    assert [ring.holder(made.secret) for made in keys * 2] == [made.key for made in keys] * 2


def test_nothing_that_is_kept_holds_the_secret(world: World) -> None:
    made = world.make()
    assert made.secret not in repr(world.store._kept)
    assert made.secret[-43:] not in repr(replace(made.key, name=""))
