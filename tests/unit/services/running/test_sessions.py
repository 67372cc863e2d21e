"""Sessions with agents: what was said comes in order and once, and one run at a time."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agent_session import AgentSession
from chalicelib.domain.errors import CatchmentError, Conflict, Malformed, NotFound
from chalicelib.domain.generation import Generation, Message, Part
from chalicelib.domain.provider import ProviderReply
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules
from chalicelib.services.ingest import NOBODY
from chalicelib.services.running.agents import AT_ONCE_FROM_NOW, LATER
from chalicelib.services.running.sessions import MOST_WAITING, SessionPorts, SessionRuns
from chalicelib.services.running.standing import LAST_BREATH, Standing
from chalicelib.services.runs import Runs
from tests.fakes.providers import said
from tests.unit.services.running.world import AGENT, AgentWorld, asked, calling, purge, results
from tests.unit.services.turns import take_turns
from tests.unit.services.watched import Dying, Hook, Killed, When

SESSION = "s"
GONE_MS = int(LATER.seconds + LAST_BREATH.total_seconds()) * 1000
WHEN: list[When] = ["before", "halfway", "after"]
ORDERS = st.lists(st.integers(0, 1), max_size=50)


class SessionWorld(AgentWorld):
    """One session with the agent."""

    def __init__(self, *answers: ProviderReply | Exception) -> None:
        super().__init__(*answers)
        self.sessions().open(self.tenant, AGENT, SESSION, "c")
        self.made = 0

    def sessions(self, hook: Hook | None = None) -> SessionRuns:
        ports = self.ports(hook)
        narrowed = SessionPorts(ports.agent_sessions, ports.catalog, ports.people, ports.clock, ports.new_key)
        return SessionRuns(narrowed, *self.all_of(hook), Redactor(Rules()))

    def say(self, text: str, hook: Hook | None = None) -> None:
        self.sessions(hook).say(self.tenant, AGENT, SESSION, Message(role="user", parts=(Part(text=text),)))

    def answer(self, hook: Hook | None = None, own_id: str | None = None, text: str | None = None) -> Standing:
        self.made += 1
        mine = asked(text or "", own_id=own_id or f"run-{self.made}")
        if text is None:
            mine = replace(mine, generation=mine.generation.model_copy(update={"input": ()}))
        return self.sessions(hook).generate(self.tenant, AGENT, SESSION, mine, NOBODY)

    def asked_for(self, call: int = -1) -> list[Any]:
        """The texts that the provider got, without the system prompt."""
        return [message.get("content") for message in self.providers.asked[call][2]["messages"][1:]]

    @property
    def row(self) -> AgentSession:
        row = self.ground.ports.agent_sessions.get(self.tenant, SESSION)
        assert row
        return row

    def unanswered(self) -> int:
        return len(self.ground.ports.agent_sessions.waiting(self.tenant, SESSION, 999))


def test_each_run_has_all_that_was_said_before() -> None:
    world = SessionWorld(said("One."), said("Two."))
    world.say("first")
    world.say("second")
    assert world.answer().opened.session_id == SESSION
    assert world.unanswered() == 0
    world.say("third")
    standing = world.answer()
    assert world.asked_for() == ["first", "second", "One.", "third"]
    assert (standing.opened.conversation_id, world.unanswered()) == ("c", 0)


def test_a_generate_without_anything_to_say_is_refused() -> None:
    world = SessionWorld(said("One."))
    with pytest.raises(Malformed):
        world.answer()
    world.say("first")
    world.answer()
    with pytest.raises(Malformed):
        world.answer()
    assert world.calls == 1


def test_what_a_failed_run_was_asked_may_be_asked_again() -> None:
    world = SessionWorld(ProviderReply(402, "{}"), said("One."))
    world.say("first")
    assert world.answer().course.status == "failed"
    assert world.answer().course.status == "completed"
    assert world.asked_for() == ["first"]


def test_tools_are_answered_in_a_session() -> None:
    world = SessionWorld(calling("c"), said("Done."), said("More."))
    world.say("first")
    waiting = world.answer()
    with pytest.raises(Conflict) as refused:
        world.answer()
    assert refused.value.code == "GENERATION_ALREADY_IN_PROGRESS"
    submit = world.sessions().submit
    with pytest.raises(NotFound):
        submit(world.tenant, AGENT, SESSION, ("another", results("c")), AT_ONCE_FROM_NOW)
    done = submit(world.tenant, AGENT, SESSION, (waiting.head.id, results("c")), AT_ONCE_FROM_NOW)
    assert done.course.status == "completed"
    world.say("second")
    world.answer()
    assert world.asked_for() == ["first", None, "answer c", "Done.", "second"]


def test_messages_are_redacted_before_they_wait() -> None:
    world = SessionWorld(said("One."))
    world.say("https://user:hunter2@example.com/")
    ports = world.ground.ports
    assert "hunter2" not in str(ports.agent_sessions.waiting(world.tenant, SESSION, 9))
    assert world.unanswered() == 1


def test_only_so_many_messages_wait() -> None:
    world = SessionWorld()
    for number in range(MOST_WAITING):
        world.say(str(number))
    with pytest.raises(Conflict):
        world.say("one more")


def test_the_same_request_again_gives_its_run() -> None:
    world = SessionWorld(said("One."))
    world.say("first")
    first = world.answer(own_id="mine")
    assert world.answer(own_id="mine").course == first.course
    assert world.calls == 1


def test_a_late_retry_of_an_older_request_gives_its_run_and_changes_nothing() -> None:
    world = SessionWorld(said("One."), said("Two."), said("Three."))
    world.say("first")
    first = world.answer(own_id="mine")
    world.say("second")
    world.answer()
    world.say("third")
    before = world.row
    assert world.answer(own_id="mine").course == first.course
    assert (world.row, world.unanswered(), world.calls) == (before, 1, 2)
    world.answer()
    assert world.asked_for() == ["first", "One.", "second", "Two.", "third"]


def test_the_same_id_with_other_words_is_refused() -> None:
    world = SessionWorld(said("One."))
    world.answer(own_id="mine", text="A")
    with pytest.raises(Conflict, match="already exists"):
        world.answer(own_id="mine", text="B")
    assert world.answer(own_id="mine", text="A").course.status == "completed"
    assert world.calls == 1


@pytest.mark.parametrize("made_here", [True, False])
def test_an_id_that_anything_else_has_taken_leaves_the_session_free(*, made_here: bool) -> None:
    world = SessionWorld(said("One."))
    if made_here:
        world.generate(asked(own_id="taken"))
    else:
        world.runs().open(world.tenant, Generation(id="taken", source="lifecycle", status="in_progress"), NOBODY)
    world.say("first")
    before = world.row
    with pytest.raises(Conflict, match="already exists"):
        world.answer(own_id="taken")
    assert (world.row, world.unanswered()) == (before, 1)
    assert world.answer().course.status == "completed"


def test_a_run_that_cannot_be_opened_gives_the_session_back(monkeypatch: pytest.MonkeyPatch) -> None:
    world = SessionWorld(said("One."))
    world.say("first")
    with monkeypatch.context() as patch:
        patch.setattr(Runs, "open", refuse)
        with pytest.raises(Conflict, match="too many tags"):
            world.answer()
    assert (world.row.run, world.unanswered()) == (None, 1)
    assert world.answer().course.status == "completed"
    assert world.asked_for() == ["first"]


def test_a_run_whose_content_is_gone_does_not_hold_its_session() -> None:
    world = SessionWorld(calling("c"), said("Two."))
    world.say("first")
    waiting = world.answer()
    purge(world, waiting)
    world.say("second")
    assert world.answer().course.status == "completed"
    assert world.asked_for() == ["second"]


def refuse(*_: object) -> None:
    """As of a run whose record the store does not take."""
    raise Conflict("too many tags")


def test_a_session_belongs_to_its_agent() -> None:
    world = SessionWorld()
    with pytest.raises(NotFound):
        world.sessions().say(world.tenant, "bare", SESSION, Message(role="user"))
    with pytest.raises(NotFound):
        world.sessions().open(world.tenant, "nobody", "t", "c")


@pytest.mark.parametrize(("at", "when"), list(product(range(1, 34), WHEN)))
def test_a_request_that_dies_anywhere_costs_no_message_and_doubles_none(at: int, when: When) -> None:
    world = SessionWorld(said("One."), said("Two."))
    world.say("first")
    with suppress(Killed):
        world.answer(Dying(at, when))
    with suppress(CatchmentError):
        world.answer()
    world.calm_down()
    world.clock.advance(GONE_MS)
    world.abandon()
    world.clock.advance(3_600_000)
    world.abandon()
    world.say("second")
    world.answer()
    texts = world.asked_for()
    assert [text for text in texts if text in {"first", "second"}] == ["first", "second"]
    assert texts[-1] == "second"
    assert world.unanswered() == 0


@given(ORDERS)
def test_of_two_who_generate_at_once_one_is_refused(order: list[int]) -> None:
    world = SessionWorld(said("One."))
    world.say("first")
    told: list[str] = []

    def client(name: str) -> Callable[[Hook], None]:
        def act(hook: Hook) -> None:
            try:
                told.append(world.answer(hook, own_id=name).course.status)
            except CatchmentError as error:
                told.append(error.code)

        return act

    take_turns([client("a"), client("b")], order)
    assert world.calls == 1
    assert "completed" in told
    assert set(told) <= {"completed", "GENERATION_ALREADY_IN_PROGRESS", "MALFORMED"}
