"""Who takes part: made once, remembered by the process, bounded."""

import pytest

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.generation import Generation
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.services.fingerprints import FingerprintRecords
from chalicelib.services.known import Known
from chalicelib.services.ports import Fingerprint, NewAgent, Session
from chalicelib.services.roster import Roster
from tests.fakes.catalog import FakeCatalog
from tests.fakes.clock import FixedClock
from tests.fakes.fingerprints import FakeFingerprints
from tests.fakes.people import FakePeople

NAMED = {"agent_name": "guide", "agent_version": "7", "person_id": "ada", "session_id": "s"}


class Down:
    """A port that cannot be reached."""

    def __getattr__(self, name: str) -> None:
        raise Unavailable("down")


def event(**fields: str) -> Generation:
    return Generation.model_validate({"id": "e", "source": "voker", **fields})


def roster() -> Roster:
    return Roster(FakeCatalog(), FakePeople(), FixedClock())


def cut_off(made: Roster) -> None:
    """From here on whoever reads or writes fails."""
    made._catalog = made._people = Down()  # type: ignore[assignment]  # any call of it fails, and that is the point


def test_names_that_were_met_are_neither_read_nor_written_again() -> None:
    made = roster()
    made.meet("t", event(**NAMED))
    cut_off(made)
    made.meet("t", event(**{name: value for name, value in NAMED.items() if name != "person_id"}))
    made.meet("t", event())


def test_a_person_is_looked_up_each_time_and_made_again_after_a_deletion() -> None:
    people = FakePeople()
    made = Roster(FakeCatalog(), people, FixedClock())
    made.meet("t", event(**NAMED))
    people.remove("t", NAMED["person_id"])
    made.meet("t", event(**NAMED))
    assert people.get("t", NAMED["person_id"])


@pytest.mark.parametrize("name", NAMED)
def test_each_name_that_was_not_met_is_looked_up(name: str) -> None:
    made = roster()
    made.meet("t", event(**NAMED))
    cut_off(made)
    with pytest.raises(Unavailable):
        made.meet("t", event(**{**NAMED, name: "another"}))
    with pytest.raises(Unavailable):
        made.meet("another", event(**NAMED))


def test_what_failed_is_not_taken_for_known() -> None:
    catalog, people = FakeCatalog(), FakePeople()
    made = Roster(catalog, people, FixedClock())
    cut_off(made)
    for name in NAMED:
        with pytest.raises(Unavailable):
            made.meet("t", event(**({name: "x"} if name != "agent_version" else {"agent_name": "x", name: "x"})))
    made._catalog, made._people = catalog, people
    made.meet("t", event(agent_name="x", agent_version="x", person_id="x", session_id="x"))
    assert catalog.agent("t", "x")
    assert catalog.named_version("t", "x", "x")
    assert people.get("t", "x")
    assert people.session("t", "x") == Session("x", made._now())


def test_a_name_is_bound_to_its_agent_and_its_kind() -> None:
    made = roster()
    made.meet("t", event(agent_name="one", agent_version="v"))
    made.meet("t", event(agent_name="two", agent_version="v", person_id="one", session_id="two"))
    assert made.existing_version("t", "two", "v").number == 1
    with pytest.raises(NotFound) as refused:
        made.existing_version("t", "three", "v")
    assert refused.value.kind == "agent-not-found"
    with pytest.raises(NotFound) as refused:
        made.existing_version("t", "two", "w")
    assert refused.value.kind == "agent-version-not-found"


class Unread(FakeCatalog):
    """A catalog whose agents nobody may read."""

    def agent(self, tenant: str, agent_name: str) -> None:
        raise AssertionError((tenant, agent_name))


def test_a_version_of_a_known_agent_costs_no_look_at_it() -> None:
    made = Roster(Unread(), FakePeople(), FixedClock())
    made.agent("t", "one")
    assert made.version("t", "one", "v").number == 1


def test_whoever_comes_second_gets_what_stands() -> None:
    catalog, people = FakeCatalog(), FakePeople()
    catalog.enroll("t", [NewAgent("guide", "2026-01-01T00:00:00.000000Z", "first")])
    made = Roster(catalog, people, FixedClock())
    assert made.agent("t", "guide", "second").description == "first"
    assert made.person("t", "ada", {"n": 1}) == made.person("t", "ada", {"n": 2})


def test_a_known_fingerprint_is_not_read_again() -> None:
    kept = FakeFingerprints()
    records = FingerprintRecords(kept, Redactor(Rules()).value, FixedClock())
    own_id = records.keep("t", {"language": "python"})
    kept.put("t", Fingerprint("other", {}, ""))
    records.require("t", "other")
    records._fingerprints = Down()  # type: ignore[assignment]  # any call of it fails, and that is the point
    records.require("t", own_id)
    records.require("t", "other")
    with pytest.raises(Unavailable):
        records.require("u", own_id)


def test_memory_is_bounded() -> None:
    known = Known(most=3)
    for number in range(10):
        known.add((str(number),))
        assert (str(number),) in known
        assert sum((str(each),) in known for each in range(10)) <= 3
