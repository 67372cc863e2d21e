"""Filters that lists decide."""

from chalicelib.domain.generation import Generation
from chalicelib.domain.resource import Findings, Receipt, summarise
from chalicelib.services.filters import Filters

SUMMARY = summarise(Generation(id="g", source="sigil", tags={"env": "prod"}), Receipt("t", "now"), Findings())


def test_a_root_that_a_response_has_no_room_for_still_finds_what_it_reaches() -> None:
    """At most 64 flags are shown, so what is shown cannot decide."""
    filters = Filters({"root": "r"})

    assert filters.best_list() == ("root", "r")
    assert filters.served_by_list()
    assert filters.match(SUMMARY)


def test_other_filters_beside_a_root_decide_as_ever() -> None:
    assert Filters({"root": "r", "status": "completed"}, {"env": "prod"}).match(SUMMARY)
    assert not Filters({"root": "r", "status": "failed"}).match(SUMMARY)
    assert not Filters({"root": "r"}, {"env": "dev"}).match(SUMMARY)
