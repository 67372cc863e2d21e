"""The states of a run: every move from every state."""

from dataclasses import replace
from itertools import product

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.generation import Generation, Message, Part, Status
from chalicelib.domain.run import ABANDONED, Course, Patience, abandon, advance, blank, digest, emptied, whole

FIRST, AT, LATER = (f"2026-01-02T0{hour}:00:00.000000Z" for hour in (1, 2, 3))
OPEN = Course(last_activity_at=FIRST)
STATUSES: tuple[Status, ...] = ("in_progress", "requires_action", "completed", "failed")
LEGAL = {
    ("in_progress", "requires_action"),
    ("in_progress", "completed"),
    ("in_progress", "failed"),
    ("requires_action", "in_progress"),
    ("requires_action", "completed"),
    ("requires_action", "failed"),
}


def to(status: Status | None, text: str = "", **fields: object) -> Generation:
    """A move; its text is what makes its content differ."""
    error = {"call_error": "broken"} if status == "failed" else {}
    tags = {"text": text} if text else {}
    return blank("run", status=status, tags=tags, **error, **fields)


def moved(course: Course, move: Generation, at: str = AT) -> Course:
    """The course after a move of which nothing was redacted."""
    return advance(course, move, move, at)


def course_in(status: Status) -> Course:
    """A run in a state, by a move that said something."""
    if status == "in_progress":
        return moved(moved(OPEN, to("requires_action", "asked")), to("in_progress", "answered"))
    return moved(OPEN, to(status, "there"))


@pytest.mark.parametrize(("there", "then"), list(product(STATUSES, STATUSES)))
def test_every_move_from_every_state(there: Status, then: Status) -> None:
    before = course_in(there)
    move = to(then, "new")
    if (there, then) in LEGAL:
        after = moved(before, move, LATER)
        assert (after.status, after.version, after.last_activity_at) == (then, before.version + 1, LATER)
    else:
        with pytest.raises(Conflict) as refused:
            moved(before, move, LATER)
        assert refused.value.meta == {"status": there}


@pytest.mark.parametrize("status", STATUSES)
def test_the_same_move_changes_nothing_and_one_of_other_content_is_refused(status: Status) -> None:
    course = course_in(status)
    text = "answered" if status == "in_progress" else "there"
    assert moved(course, to(status, text), LATER) is course
    with pytest.raises(Conflict):
        moved(course, to(status, "other"), LATER)


@pytest.mark.parametrize("status", STATUSES)
def test_a_heartbeat_is_heard_until_the_end(status: Status) -> None:
    before = course_in(status)
    after = moved(before, to(None), LATER)
    if status in {"completed", "failed"}:
        assert after is before
    else:
        assert after == replace(before, version=before.version + 1, last_activity_at=LATER)
        text = "answered" if status == "in_progress" else "there"
        assert moved(after, to(status, text), LATER) is after


@pytest.mark.parametrize("status", STATUSES)
def test_content_without_a_status_is_added_until_the_end(status: Status) -> None:
    before = course_in(status)
    if status in {"completed", "failed"}:
        with pytest.raises(Conflict):
            moved(before, to(None, "more"), LATER)
        return
    after = moved(before, to(None, "more"), LATER)
    assert (after.status, after.overlay.tags) == (status, {"text": "more"})
    assert moved(after, to(None, "more"), LATER) is after


def test_what_opening_has_said_may_be_said_again() -> None:
    assert moved(OPEN, to("in_progress")) is OPEN
    with pytest.raises(Conflict):
        moved(OPEN, to("in_progress", "more"))


@pytest.mark.parametrize("there", ["in_progress", "requires_action"])
@pytest.mark.parametrize("then", STATUSES)
def test_an_abandoned_run_takes_one_end(there: Status, then: Status) -> None:
    lost = abandon(course_in(there), AT, 60)
    assert (lost.status, lost.overlay.error_code, lost.failed_at) == ("failed", ABANDONED, AT)
    assert moved(lost, to(None), LATER) is lost
    if then not in {"completed", "failed"}:
        with pytest.raises(Conflict):
            moved(lost, to(then, "late"), LATER)
        return
    found = moved(lost, to(then, "late"), LATER)
    assert (found.status, found.abandoned, found.recovered) == (then, False, True)
    assert (found.overlay.error_code, found.overlay.completed_at) == (None, LATER)
    assert found.overlay.call_error == ("broken" if then == "failed" else None)
    assert moved(found, to(then, "late"), LATER) is found
    for again in STATUSES:
        with pytest.raises(Conflict):
            moved(found, to(again, "even later"), LATER)


def test_abandoning_is_nobodys_word() -> None:
    lost = abandon(OPEN, AT, 60)
    with pytest.raises(Conflict):
        moved(lost, to(None, "more"), LATER)


def test_patience_is_that_of_the_state() -> None:
    patience = Patience(run=60, action=600)
    assert patience.ends_ms(OPEN) + 540_000 == patience.ends_ms(replace(OPEN, status="requires_action"))


def test_the_end_has_a_time() -> None:
    assert moved(OPEN, to("completed")).overlay.completed_at == AT
    assert moved(OPEN, to("completed", completed_at=FIRST)).overlay.completed_at == FIRST
    assert moved(OPEN, to("requires_action")).overlay.completed_at is None


def test_a_run_reads_as_it_was_opened_with_what_moves_have_said() -> None:
    def said(text: str) -> tuple[Message, ...]:
        return (Message(role="assistant", parts=(Part(text=text),)),)

    opened = Generation(
        id="run",
        source="lifecycle",
        input=said("question"),
        output=said("draft"),
        tags={"a": "1", "b": "1"},
        depends_on=("p",),
        status="in_progress",
    )
    asked = to("requires_action", input=said("call"), depends_on=("q", "p"), metadata={"m": 1})
    answered = to("in_progress", input=said("answer"), output=said("partial"))
    ended = blank("run", status="completed", output=said("whole"), tags={"b": "2"}, metadata={"n": 2})
    course = moved(moved(moved(OPEN, asked), answered), ended, LATER)
    run = whole(opened, course)
    assert (run.input, run.output) == (opened.input, said("call") + said("answer") + said("whole"))
    assert (run.tags, run.metadata, run.depends_on) == ({"a": "1", "b": "2"}, {"m": 1, "n": 2}, ("p", "q"))
    assert (run.status, run.completed_at, run.last_activity_at) == ("completed", LATER, LATER)
    assert whole(opened, OPEN).output == said("draft")


def test_a_digest_is_of_what_was_said_by_whatever_run() -> None:
    assert digest(to("completed", "a")) == digest(blank("other", status="completed", tags={"text": "a"}))
    assert digest(to("completed", "a")) != digest(to("completed", "b"))


def test_emptying_takes_words_and_goes_one_version_on() -> None:
    course = moved(OPEN, to("failed", "tag", metadata={"secret": 1}))
    empty = emptied(course)
    assert (empty.version, empty.status, empty.moved) == (course.version + 1, "failed", course.moved)
    assert (empty.overlay.metadata, empty.overlay.tags) == ({}, {"text": "tag"})
    assert empty.overlay.call_error == "[PURGED]"
