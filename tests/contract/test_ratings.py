"""The `Ratings` port: each id once within its conversation, what counts always in step with what was said."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.rating import BAD, GOOD, Mark, Rating
from chalicelib.services.ports import Ratings
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, NOON, at

RACERS = 8


@pytest.fixture
def ratings(ground: Ground) -> Ratings:
    return ground.ports.ratings


def rating(rating_id: str = "r", created_at: str = NOON, *, bad: bool = False, **document: Any) -> Rating:
    mark = Mark(created_at, rating_id, BAD if bad else GOOD, document.pop("generation_id", None))
    return Rating(document.pop("conversation_id", "c"), mark, document.pop("digest", "h"), document)


def test_a_rating_is_read_back_and_counts(ratings: Ratings, tenant: str) -> None:
    first = rating("r", at(1), comment="naïve \U0001f9ea", metadata={"a": [None, 1.5]})
    second = rating("s", at(2), bad=True, generation_id="g")
    assert (ratings.marks(tenant, "c"), ratings.some(tenant, "c", ["r"])) == ([], {})
    assert [ratings.add(tenant, each) for each in (first, second)] == [True, True]
    assert ratings.some(tenant, "c", ["r", "s", "t"]) == {"r": first, "s": second}
    assert ratings.marks(tenant, "c") == [second.mark, first.mark]
    assert ratings.marks(tenant, "d") == ratings.marks(f"{tenant}!", "c") == []


def test_an_id_stands_for_one_rating_of_its_conversation(ratings: Ratings, tenant: str) -> None:
    assert ratings.add(tenant, rating())
    assert not ratings.add(tenant, rating(created_at=at(5), bad=True, digest="other"))
    assert ratings.add(tenant, rating(conversation_id="d", bad=True))
    assert ratings.some(tenant, "c", ["r"]) == {"r": rating()}
    assert (ratings.marks(tenant, "c"), len(ratings.marks(tenant, "d"))) == ([rating().mark], 1)


@pytest.mark.parametrize("same", [True, False])
def test_racers_are_counted_as_often_as_they_are_told_so(ratings: Ratings, tenant: str, *, same: bool) -> None:
    racers = [rating("r" if same else f"r-{number}", at(number)) for number in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        won = list(pool.map(lambda racer: ratings.add(tenant, racer), racers))
    assert won.count(True) == (1 if same else RACERS)
    marks = [racer.mark for racer, mine in zip(racers, won, strict=True) if mine]
    assert ratings.marks(tenant, "c") == marks[::-1]


def test_another_document_may_take_the_place_of_what_was_said(ratings: Ratings, tenant: str) -> None:
    said = rating(comment="secret", rater_id="me", bad=True)
    ratings.rewrite(tenant, said)
    assert ratings.some(tenant, "c", ["r"]) == {}
    ratings.add(tenant, said)
    ratings.rewrite(tenant, said.without_words())
    assert ratings.some(tenant, "c", ["r"]) == {"r": rating(rater_id="me", bad=True)}
    assert ratings.marks(tenant, "c") == [said.mark]


def test_those_that_name_a_generation_are_found_whatever_their_conversation(ratings: Ratings, tenant: str) -> None:
    assert ratings.about(tenant, "g", None, 10) == []
    for number, name in enumerate(AWKWARD_IDS):
        ratings.add(tenant, rating(name, at(number), conversation_id=name, generation_id="g"))
        ratings.add(tenant, rating("z", at(number), conversation_id=name, generation_id="g"))
        ratings.add(tenant, rating("other", at(number), conversation_id=name, generation_id="h"))
    assert not ratings.add(tenant, rating("z", at(9), conversation_id=AWKWARD_IDS[0], generation_id="i"))
    names = sorted({(name, own_id) for name in AWKWARD_IDS for own_id in (name, "z")})
    assert ratings.about(tenant, "g", None, len(names) + 1) == names
    assert ratings.about(tenant, "g", names[2], 3) == names[3:6]
    assert (ratings.about(tenant, "g", names[-1], 3), ratings.about(tenant, "i", None, 3)) == ([], [])
    assert len(ratings.about(tenant, "h", None, 100)) == len(AWKWARD_IDS)


def test_any_ids_stand_side_by_side(ratings: Ratings, tenant: str) -> None:
    for number, name in enumerate(AWKWARD_IDS):
        assert ratings.add(tenant, rating(name, at(number), conversation_id=name))
        assert ratings.add(tenant, rating(name, at(number)))
    assert [mark.rating_id for mark in ratings.marks(tenant, "c")] == AWKWARD_IDS[::-1]
    assert all(len(ratings.marks(tenant, name)) == 1 for name in AWKWARD_IDS)
    assert len(ratings.some(tenant, "c", AWKWARD_IDS)) == len(AWKWARD_IDS)
