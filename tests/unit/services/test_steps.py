"""Steps on their way in: durable before the answer, each id once, whatever dies and however often they come."""

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.domain.workflow_step import WorkflowStep
from chalicelib.services import steps as module
from chalicelib.services.ports import NewStep, Ports
from chalicelib.services.step_reading import StepReading
from chalicelib.services.steps import ALREADY_EXISTS, TOO_LARGE, StepIntake, StepOutcome, StepPorts
from tests.fakes.all_ports import fake_ports
from tests.unit.services.watched import Dying, Killed, When, watched

TENANT = "t"
HEADERS = {"headers": {"Authorization": "Bearer abcdefghijklmnop"}}


def step(step_id: str = "s", **fields: Any) -> WorkflowStep:
    common: dict[str, Any] = {"conversation_id": "c", "step_name": "plan", "linked_generation_ids": ("g",)}
    return WorkflowStep(id=step_id, **{**common, **fields})


def take(ports: Ports, *steps: WorkflowStep) -> list[StepOutcome]:
    return StepIntake(StepPorts(ports.steps, ports.store, ports.clock), Redactor(Rules()).value)(TENANT, steps)


def listed(ports: Ports) -> list[str]:
    return [item["id"] for item in StepReading(ports.steps).page(TENANT, "c", None, 100).items]


def test_the_same_again_is_accepted_and_another_content_is_not() -> None:
    ports = fake_ports()
    mine, other = step(input_state={"a": 1}), step(input_state={"a": 2})
    assert take(ports, mine, other, mine) == [StepOutcome("s"), StepOutcome("s", ALREADY_EXISTS), StepOutcome("s")]
    assert take(ports, other, mine, step("t")) == [StepOutcome("s", ALREADY_EXISTS), StepOutcome("s"), StepOutcome("t")]
    assert StepReading(ports.steps).one(TENANT, "s")["input_state"] == {"a": 1}
    assert take(ports) == []


def test_what_is_hashed_is_what_was_received_and_what_is_stored_is_redacted() -> None:
    ports = fake_ports()
    first = step(input_state=HEADERS, error="see https://me:secret@host/", metadata={"n": 1})
    assert take(ports, first) == [StepOutcome("s")]
    shown = StepReading(ports.steps).one(TENANT, "s")
    assert shown["input_state"] == {"headers": {"Authorization": "[REDACTED]"}}
    assert (shown["error"], shown["metadata"]) == ({"message": "see https://[REDACTED]@host/"}, {"n": 1})
    other = first.model_copy(update={"input_state": {"headers": {"Authorization": "Bearer ponmlkjihgfedcba"}}})
    assert take(ports, other, first) == [StepOutcome("s", ALREADY_EXISTS), StepOutcome("s")]


def test_what_cannot_be_redacted_is_not_stored() -> None:
    ports = fake_ports()
    intake = StepIntake(StepPorts(ports.steps, ports.store, ports.clock), lambda _: {})
    assert intake(TENANT, [step(input_state={"a": "secret"}, tags={"k": "secret"}, error="secret")]) == [
        StepOutcome("s")
    ]
    shown = StepReading(ports.steps).one(TENANT, "s")
    assert (shown["input_state"], shown["tags"], shown["metadata"]) == ({}, {}, {})
    assert (shown["status"], shown["error"]) == ("failed", {"message": "[REDACTED]"})


def test_a_step_that_no_response_could_show_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONTENT", 200)
    ports = fake_ports()
    large = step("large", output_state={"text": "x" * 200})
    assert take(ports, large, step(), large) == [
        StepOutcome("large", TOO_LARGE),
        StepOutcome("s"),
        StepOutcome("large", TOO_LARGE),
    ]
    assert listed(ports) == ["s"]


def sends() -> Sequence[WorkflowStep]:
    return [step(f"s-{number}", started_at=f"2026-01-01T00:00:0{number}.000000Z") for number in range(4)]


@pytest.mark.parametrize("when", ["before", "halfway", "after"])
def test_a_death_at_any_call_leaves_what_a_retry_makes_whole(when: When) -> None:
    counter = Dying()
    take(watched(fake_ports(), counter), *sends())
    assert counter.calls == 3
    for at in range(1, counter.calls + 1):
        ports = fake_ports()
        with pytest.raises(Killed):
            take(watched(ports, Dying(at, when)), *sends())
        assert take(ports, *sends()) == [StepOutcome(each.id) for each in sends()]
        assert listed(ports) == ["s-3", "s-2", "s-1", "s-0"]


def test_what_fails_in_the_middle_is_told_to_come_again() -> None:
    def failing(*_: Any) -> Any:
        raise Unavailable("throttled")

    ports = fake_ports()
    with pytest.raises(Unavailable):
        take(watched(ports, failing), *sends())
    assert take(ports, *sends()) == [StepOutcome(each.id) for each in sends()]


def test_what_lost_its_id_to_another_content_is_in_no_list_of_its_own() -> None:
    ports = fake_ports()
    mine, elsewhere = step(), step(conversation_id="d")
    lost = fake_ports()
    take(lost, elsewhere)
    found = lost.steps.read(TENANT, "s")
    assert found is not None
    take(ports, mine)
    ports.steps.commit(TENANT, [NewStep(*found)])  # as if both had come at the same moment
    assert StepReading(ports.steps).page(TENANT, "d", None, 9).items == []
    assert listed(ports) == ["s"]


def test_a_page_ends_where_its_room_does_and_goes_on_from_there() -> None:
    ports = fake_ports()
    take(ports, *sends())
    reading = StepReading(ports.steps)
    size = len(str(reading.page(TENANT, "c", None, 1).items[0])) + 100
    first = reading.page(TENANT, "c", None, 100, room=2 * size)
    assert [item["id"] for item in first.items] == ["s-3", "s-2"]
    rest = reading.page(TENANT, "c", first.last, 100)
    assert ([item["id"] for item in rest.items], rest.last) == (["s-1", "s-0"], None)
    nothing = reading.page(TENANT, "c", None, 100, room=0)
    assert nothing.items == []
    assert [item["id"] for item in reading.page(TENANT, "c", nothing.last, 100).items] == [
        f"s-{number}" for number in (3, 2, 1, 0)
    ]
    pages = [reading.page(TENANT, "c", None, 3)]
    assert pages[0].last is not None
    assert [item["id"] for item in reading.page(TENANT, "c", pages[0].last, 3).items] == ["s-0"]
