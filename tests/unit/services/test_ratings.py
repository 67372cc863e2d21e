"""Ratings: exact sums, one word per id, whatever dies."""

from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, Malformed
from chalicelib.domain.rating import BAD, GOOD, Verdict
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.services import ratings as module
from chalicelib.services.ports import Ports
from chalicelib.services.ratings import Rate, RatingPorts, Said
from tests.fakes.all_ports import fake_ports
from tests.fakes.clock import FixedClock
from tests.unit.services.watched import Dying, Killed, When, watched

TENANT = "t"


def said(rating_id: str = "r", verdict: Verdict = GOOD, generation_id: str | None = None, **document: Any) -> Said:
    return Said(rating_id, verdict, generation_id, document)


def rate_of(ports: Ports) -> Rate:
    return Rate(RatingPorts(ports.ratings, ports.store, ports.clock), Redactor(Rules()).value)


def test_a_rating_is_kept_once_and_another_word_under_its_id_is_a_conflict() -> None:
    rate = rate_of(fake_ports())
    first = rate(TENANT, "c", said(comment="good"))
    assert rate(TENANT, "c", said(comment="good")) == first
    for other in (said(comment="better"), said(verdict=BAD, comment="good"), said(generation_id="g", comment="good")):
        with pytest.raises(Conflict) as refused:
            rate(TENANT, "c", other)
        assert refused.value.message == "idempotency conflict"
    assert first[1] == rate.summary(TENANT, "c")


def test_the_sums_tell_what_was_said_last() -> None:
    ports = fake_ports()
    assert isinstance(ports.clock, FixedClock)
    rate = rate_of(ports)
    empty = {"total_count": 0, "good_count": 0, "bad_count": 0, "has_bad_rating": False}
    nothing = {"latest_rating": None, "latest_rated_at": None, "latest_bad_at": None}
    assert rate.summary(TENANT, "c") == empty | nothing
    bad, _ = rate(TENANT, "c", said("1", BAD))
    ports.clock.advance(1000)
    good, summary = rate(TENANT, "c", said("2"))
    assert summary == {
        "total_count": 2,
        "good_count": 1,
        "bad_count": 1,
        "has_bad_rating": True,
        "latest_rating": GOOD,
        "latest_rated_at": good["created_at"],
        "latest_bad_at": bad["created_at"],
    }


def test_words_are_redacted_and_the_hash_is_of_what_was_received() -> None:
    rate = rate_of(fake_ports())
    document: dict[str, Any] = {"comment": "https://me:secret@host/", "metadata": {"headers": {"Cookie": "a=secret"}}}
    shown, _ = rate(TENANT, "c", said(**document))
    assert (shown["comment"], shown["metadata"]) == ("https://[REDACTED]@host/", {"headers": {"Cookie": "[REDACTED]"}})
    assert rate(TENANT, "c", said(**document))[0] == shown
    with pytest.raises(Conflict):
        rate(TENANT, "c", said(**{**document, "comment": "https://me:other@host/"}))


def test_a_conversation_has_so_many_ratings_and_no_more_and_their_retries_are_welcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_RATINGS", 2)
    rate = rate_of(fake_ports())
    for each in ("1", "2", "1"):
        rate(TENANT, "c", said(each))
    with pytest.raises(Malformed) as refused:
        rate(TENANT, "c", said("3"))
    assert (refused.value.code, refused.value.meta) == ("TOO_MANY_RATINGS", {"limit": 2})
    rate(TENANT, "d", said("3"))
    assert rate.summary(TENANT, "c")["total_count"] == 2


def test_pages_lead_through_all_of_them_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = fake_ports()
    assert isinstance(ports.clock, FixedClock)
    rate = rate_of(ports)
    for number in range(5):
        rate(TENANT, "c", said(str(number), comment="x" * 100))
        ports.clock.advance(1000)
    for room, limit in ((10**6, 2), (300, 200), (1, 200)):
        monkeypatch.setattr(module, "RESPONSE_BYTES", room)
        found, last = [], None
        for _ in range(5):
            page = rate.page(TENANT, "c", last, limit)
            assert 0 < len(page.items) <= min(2, limit)
            assert page.summary["total_count"] == 5
            found += [item["rating_id"] for item in page.items]
            last = page.last
            if last is None:
                break
        assert found == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_death_at_any_call_leaves_what_a_retry_makes_whole(when: When) -> None:
    counter = Dying()
    rate_of(watched(fake_ports(), counter))(TENANT, "c", said(generation_id="g"))
    for at in range(1, counter.calls + 1):
        ports = fake_ports()
        with pytest.raises(Killed):
            rate_of(watched(ports, Dying(at, when)))(TENANT, "c", said(generation_id="g"))
        _, summary = rate_of(ports)(TENANT, "c", said(generation_id="g"))
        assert (summary["total_count"], summary["good_count"]) == (1, 1)
