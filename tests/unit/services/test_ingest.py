"""Taking in: chunks, and what each item is told."""

from itertools import chain

import pytest

from chalicelib.domain.content import canonical_json
from chalicelib.services import ingest
from chalicelib.services.ingest import ALREADY_EXISTS
from chalicelib.services.messages import GenerationsStored
from tests.unit.services.world import World, generation


def refs(world: World) -> list[list[str]]:
    return [[ref[0] for ref in GenerationsStored.decode(body).refs] for body in world.collect()]


def test_a_request_is_cut_into_chunks_of_a_hundred() -> None:
    world = World()
    world.send([generation(f"g{number}") for number in range(250)])
    assert [len(ids) for ids in refs(world)] == [100, 100, 50]
    assert list(chain.from_iterable(refs(world))) == [f"g{number}" for number in range(250)]


def test_a_chunk_ends_before_its_contents_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(canonical_json(generation("g0")))
    monkeypatch.setattr(ingest, "CHUNK_BYTES", 3 * size)
    world = World()
    world.send(
        [*(generation(f"g{number}") for number in range(4)), generation("big", "x" * 10 * size), generation("g5")]
    )
    assert refs(world) == [["g0", "g1", "g2"], ["g3"], ["big"], ["g5"]]


def test_nothing_sent_is_nothing_stored() -> None:
    world = World()
    assert world.send([]) == []
    assert world.collect() == []


def told(world: World, *sent: tuple[str, str]) -> list[tuple[str, bool]]:
    outcomes = world.send([generation(name, text) for name, text in sent]) or []
    assert [outcome.generation_id for outcome in outcomes] == [name for name, _ in sent]
    return [(outcome.error, outcome.duplicate) for outcome in outcomes]


def test_the_first_of_one_id_in_a_request_stands() -> None:
    world = World()
    assert told(world, ("g", "1"), ("g", "2"), ("g", "1"), ("h", "1")) == [
        ("", False),
        (ALREADY_EXISTS, False),
        ("", True),
        ("", False),
    ]
    world.calm_down()
    assert world.keeps_its_promises()


def test_a_later_request_is_told_of_what_stands() -> None:
    world = World()
    told(world, ("g", "1"))
    assert told(world, ("g", "1"), ("g", "2"), ("h", "2")) == [("", True), (ALREADY_EXISTS, False), ("", False)]


def test_a_request_of_known_generations_only_sends_no_message() -> None:
    world = World()
    told(world, ("g", "1"))
    world.work()
    told(world, ("g", "1"), ("g", "2"))
    assert world.collect() == []
    world.calm_down()
    assert world.keeps_its_promises()


def test_the_same_id_of_two_tenants_is_two_generations() -> None:
    world = World()
    other = World(world.ground, "other")
    assert told(world, ("g", "1")) == told(other, ("g", "2")) == [("", False)]
    world.work()
    for each in (world, other):
        assert each.keeps_its_promises()
