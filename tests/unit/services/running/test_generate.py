"""Running an agent, path by path: the record, its attempts, its outcome."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.attempt import Attempt
from chalicelib.domain.errors import Conflict, Malformed, NotFound, Unavailable
from chalicelib.domain.generation import Generation, Message, Part, Tool, Usage
from chalicelib.domain.provider import Api, ProviderReply, ProviderUnreachable
from chalicelib.domain.run import blank, whole
from chalicelib.domain.run_tools import pending
from chalicelib.services.ingest import NOBODY
from chalicelib.services.ports import Head
from chalicelib.services.running import carrying
from chalicelib.services.running.agents import AT_ONCE, Manner
from chalicelib.services.running.carrying import MOST_ATTEMPTS
from chalicelib.services.runs import Runs
from tests.fakes.providers import said
from tests.unit.services.running.world import CONFIG, PROVIDER, RUN, AgentWorld, asked, calling, purge, reply, results
from tests.unit.services.world import reading_of

REFUSED = ProviderReply(402, json.dumps({"error": {"message": "insufficient credits"}}))
OVERLOADED = ProviderReply(503, "", retry_after=2.0)


def test_a_run_is_recorded_attempted_and_completed() -> None:
    world = AgentWorld(said("Hello."))
    standing = world.generate()
    run = whole(standing.opened, standing.course)
    assert (run.status, run.completion, run.stop_reason, run.response_model) == (
        "completed",
        "Hello.",
        "stop",
        "gpt-4o-mini",
    )
    assert (run.system_prompt, run.agent_name, run.call_error) == ("Be short.", "agent", None)
    [attempt] = standing.course.attempts
    assert (attempt.number, attempt.status_code, attempt.error) == (1, 200, None)
    assert attempt.started_at == attempt.ended_at
    [(provider, path, body, seconds)] = world.providers.asked
    assert (provider.name, path, seconds) == ("main", "/chat/completions", AT_ONCE.seconds)
    assert body["messages"] == [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi"}]


def test_the_attempt_is_recorded_before_the_request() -> None:
    world = AgentWorld()
    seen: list[Attempt] = []
    world.providers.meanwhile = lambda: seen.append(world.course.attempts[-1])
    world.generate()
    assert [(each.number, each.ended_at) for each in seen] == [(1, None)]
    assert seen[0].until > seen[0].started_at


def test_a_run_costs_what_it_has_used() -> None:
    world = AgentWorld(calling("c"), said("Done."))
    world.generate()
    world.submit("c")
    world.work()
    resource = reading_of(world.ground.ports).one(world.tenant, RUN)
    assert resource["usage"]["input_tokens"] == 10
    assert resource["cost_usd"] is not None
    assert resource["model"] == {"provider": "openai", "name": "gpt-4o-mini"}
    assert len(resource["attempts"]) == 2
    assert resource["completion"] == "Done."


def test_a_provider_that_refuses_fails_the_run() -> None:
    world = AgentWorld(REFUSED)
    course = world.generate().course
    overlay = course.overlay
    assert (course.status, overlay.call_error) == ("failed", "Provider returned 402: insufficient credits")
    assert (overlay.error_code, overlay.error_meta) == ("AI_PROVIDER_ERROR", {"provider_status_code": 402})
    assert [(each.status_code, each.error) for each in course.attempts] == [(402, overlay.call_error)]
    assert world.calls == 1


def test_a_passing_fault_is_tried_again_and_each_try_is_listed() -> None:
    world = AgentWorld(OVERLOADED, ProviderUnreachable("connection refused", asked=False), said("At last."))
    course = world.generate().course
    assert course.status == "completed"
    assert [(each.number, each.status_code, each.error) for each in course.attempts] == [
        (1, 503, "Provider returned 503"),
        (2, None, "Provider request failed: connection refused"),
        (3, 200, None),
    ]
    assert world.calls == 3


def test_a_provider_that_may_have_been_asked_is_not_asked_again() -> None:
    world = AgentWorld(ProviderUnreachable("the connection was cut", asked=True))
    overlay = world.generate().course.overlay
    assert (overlay.call_error, overlay.error_meta) == ("Provider request failed: the connection was cut", {})
    assert world.calls == 1


def test_a_key_that_cannot_be_read_fails_the_run_and_says_so() -> None:
    world = AgentWorld(Unavailable("the key cannot be read"))
    course = world.generate().course
    assert course.overlay.call_error == "Provider request failed: the key cannot be read"
    assert [each.ended_at is None for each in course.attempts] == [False] * world.calls


@pytest.mark.parametrize("body", ["<html>", '{"id": "r", "choices": [{"mess', "{}", "", "null", '{"choices": []}'])
def test_an_answer_that_is_none_fails_the_run(body: str) -> None:
    world = AgentWorld(ProviderReply(200, body))
    overlay = world.generate().course.overlay
    assert overlay.call_error == "Provider request failed: the answer cannot be read"
    assert (overlay.error_code, overlay.error_meta) == ("AI_PROVIDER_ERROR", {"provider_status_code": 200})
    assert world.calls == 1


def test_past_its_time_a_run_fails_with_what_to_do() -> None:
    world = AgentWorld(ProviderUnreachable("no answer in time", asked=True, timed_out=True))
    world.providers.meanwhile = lambda: world.clock.advance(25_000)
    overlay = world.generate().course.overlay
    assert overlay.error_code == "RUN_TIMEOUT"
    assert "async=true" in (overlay.call_error or "")


def test_retries_stay_within_the_time() -> None:
    world = AgentWorld(replace(OVERLOADED, retry_after=24.9), OVERLOADED)
    world.generate()
    assert world.calls == 2
    world = AgentWorld(replace(OVERLOADED, retry_after=25.0))
    assert world.generate().course.overlay.error_code == "AI_PROVIDER_ERROR"
    assert world.calls == 1


@pytest.mark.parametrize(("depth", "runs"), [(None, True), (1, True), (0, False), (-1, False), (99, True)])
def test_a_depth_that_is_used_up_asks_nobody(depth: int | None, *, runs: bool) -> None:
    world = AgentWorld()
    course = world.generate(asked(depth=depth)).course
    assert course.status == "completed"
    assert (course.overlay.stop_reason == "depth_guard", world.calls) == (not runs, int(runs))


def test_the_configuration_bounds_the_depth() -> None:
    world = AgentWorld()
    world.configure(replace(CONFIG, max_call_depth=0))
    assert world.generate(asked(depth=5)).course.overlay.stop_reason == "depth_guard"


def test_the_same_request_again_gives_the_outcome_and_asks_nobody() -> None:
    world = AgentWorld()
    first = world.generate()
    world.configure(replace(CONFIG, model="another"))
    assert world.generate().course == first.course
    assert world.calls == 1
    with pytest.raises(Conflict, match="generation already exists"):
        world.generate(asked("Something else"))
    with pytest.raises(Conflict, match="generation already exists"):
        world.generate(asked(depth=3))


def test_a_run_under_way_keeps_its_configuration() -> None:
    world = AgentWorld(calling("c"), said("Done."))
    world.generate()
    world.configure(replace(CONFIG, model="another", system_prompt="Be long.", provider="other"))
    world.submit("c")
    body = world.providers.asked[1][2]
    assert (body["model"], body["messages"][0]["content"]) == ("gpt-4o-mini", "Be short.")


def test_an_agent_that_cannot_be_run_leaves_no_record() -> None:
    world = AgentWorld()
    running = world.running()
    with pytest.raises(NotFound, match="agent not found"):
        running.generate(world.tenant, "nobody", asked(), NOBODY)
    with pytest.raises(Conflict, match="no run-config") as refused:
        running.generate(world.tenant, "bare", asked(), NOBODY)
    assert refused.value.code == "AGENT_NOT_RUNNABLE"
    world.configured.clear()
    with pytest.raises(Conflict, match="not configured"):
        running.generate(world.tenant, "agent", asked(), NOBODY)
    assert not world.is_there


def test_a_provider_that_is_gone_fails_the_run() -> None:
    world = AgentWorld(calling("c"))
    world.generate()
    world.configured.clear()
    assert world.submit("c").course.overlay.error_code == "AI_PROVIDER_ERROR"
    assert world.calls == 1


def test_tools_are_asked_for_and_answered_with_all_that_was_said() -> None:
    world = AgentWorld(calling("c", "d"), calling("e"), said("Done."))
    waiting = world.generate().course
    assert (waiting.status, [call.id for call in pending(waiting)]) == ("requires_action", ["c", "d"])
    assert [call.id for call in pending(world.submit("d", "c").course)] == ["e"]
    assert world.submit("e").course.status == "completed"
    roles = [message["role"] for message in world.providers.asked[2][2]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "assistant", "tool"]


@pytest.mark.parametrize(
    ("ids", "named"), [((), ["c", "d"]), (("c",), ["d"]), (("c", "d", "x"), ["x"]), (("c", "d", "d"), ["d"])]
)
def test_answers_that_do_not_fit_are_named_and_change_nothing(ids: tuple[str, ...], named: list[str]) -> None:
    world = AgentWorld(calling("c", "d"))
    before = world.generate().course
    with pytest.raises(Malformed) as refused:
        world.submit(*ids)
    assert refused.value.meta["tool_call_ids"] == named
    assert world.course == before


def test_only_a_run_of_the_agent_that_waits_takes_answers() -> None:
    world = AgentWorld(calling("c"), said("Done."))
    world.generate()
    running = world.running()
    for agent, own_id in (("agent", "nobody"), ("bare", RUN)):
        with pytest.raises(NotFound) as refused:
            running.submit(world.tenant, agent, own_id, results("c"))
        assert refused.value.code == "GENERATION_NOT_FOUND"
    world.submit("c")
    assert world.submit("c").course.status == "completed"
    with pytest.raises(NotFound):
        world.submit("d")
    assert world.calls == 2


def test_calls_that_nobody_could_answer_are_no_answer() -> None:
    for broken in (calling(""), calling("c", "c")):
        overlay = AgentWorld(broken).generate().course.overlay
        assert overlay.call_error == "Provider request failed: the answer cannot be read"


def test_a_run_asks_only_so_often() -> None:
    world = AgentWorld(calling("c"))
    course = world.generate().course
    attempts = course.attempts * MOST_ATTEMPTS
    world.ground.ports.courses.save(world.tenant, RUN, replace(course, version=course.version + 1, attempts=attempts))
    assert world.submit("c").course.overlay.error_code == "RUN_TOO_LONG"
    assert world.calls == 1


def test_what_is_redacted_is_not_sent() -> None:
    secret = "https://user:hunter2@example.com/"
    world = AgentWorld(reply({"content": secret}))
    standing = world.generate(asked(f"Look at {secret}"))
    assert "hunter2" not in str(world.providers.asked)
    assert "hunter2" not in str(standing.course)


def test_a_purged_run_is_not_carried_on() -> None:
    world = AgentWorld(calling("c"))
    purge(world, world.generate(asked(later=True)))
    assert all(world.carry_on(body) for body in world.due())
    assert world.course.overlay.error_code == "CONTENT_GONE"
    world = AgentWorld(calling("c"))
    purge(world, world.generate())
    with pytest.raises(NotFound):
        world.submit("c")
    assert world.calls == 1


ERROR = {
    "message": "You exceeded your quota",
    "type": "insufficient_quota",
    "param": None,
    "code": "insufficient_quota",
}
OVERLOADED_ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@pytest.mark.parametrize("api", ["openai-chat", "openai-responses", "anthropic-messages"])
@pytest.mark.parametrize("status", [200, 400, 401, 429])
@pytest.mark.parametrize("body", [{"error": ERROR}, OVERLOADED_ERROR])
def test_errors_as_providers_write_them_fail_the_run(api: Api, status: int, body: dict[str, object]) -> None:
    world = AgentWorld(ProviderReply(status, json.dumps(body)))
    world.configured["main"] = replace(PROVIDER, api=api)
    course = world.generate().course
    assert (course.status, course.overlay.error_code) == ("failed", "AI_PROVIDER_ERROR")
    assert ("quota" in str(course.overlay.call_error)) == ("type" not in body)
    assert {each.status_code for each in course.attempts} == {status}
    assert all(each.ended_at for each in course.attempts)
    assert world.calls == (3 if status == 429 else 1)


@pytest.mark.parametrize("status", [200, 429])
def test_a_fault_while_an_answer_is_read_fails_the_run(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise TypeError("nobody thought of this")

    monkeypatch.setattr(carrying, "read_answer", broken)
    world = AgentWorld(ProviderReply(status, "{}"))
    course = world.generate().course
    assert course.overlay.call_error == "Provider request failed: the answer cannot be read"
    assert [each.ended_at is None for each in course.attempts] == [False] * world.calls
    assert world.calls == (3 if status == 429 else 1)


def test_a_fault_while_a_provider_is_asked_fails_the_run_and_asks_once() -> None:
    world = AgentWorld(ZeroDivisionError())
    course = world.generate().course
    assert (course.status, course.overlay.error_code, world.calls) == ("failed", "AI_PROVIDER_ERROR", 1)
    assert course.attempts[0].ended_at


def test_a_fault_while_an_outcome_is_written_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    world = AgentWorld(said("Hello."))
    kept = Runs.kept

    def broken(runs: Runs, head: Head, move: Generation) -> Generation:
        if move.status == "completed":
            raise RecursionError
        return kept(runs, head, move)

    monkeypatch.setattr(Runs, "kept", broken)
    course = world.generate().course
    assert course.overlay.call_error == "Provider request failed: the answer cannot be read"
    assert course.overlay.usage is not None
    assert course.attempts[0].ended_at


def test_an_answer_of_no_use_was_paid_for_all_the_same() -> None:
    nothing = {"id": "r", "model": "m-1", "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}
    for answer, used in ((calling("c", "c"), 5), (ProviderReply(200, json.dumps(nothing)), 7)):
        overlay = AgentWorld(answer).generate().course.overlay
        assert (overlay.call_error, overlay.response_id) == ("Provider request failed: the answer cannot be read", "r")
        assert overlay.usage is not None
        assert overlay.usage.input_tokens == used


@pytest.mark.parametrize("arguments", ['{"a":', "[1]", '"x"', "7"])
def test_arguments_that_are_no_object_are_no_answer(arguments: str) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    overlay = AgentWorld(reply({"content": None, "tool_calls": [call]}, "tool_calls")).generate().course.overlay
    assert overlay.call_error == "Provider request failed: the answer cannot be read"


@pytest.mark.parametrize("body", ["", said("Hello.").body])
def test_a_redirection_is_no_answer(body: str) -> None:
    overlay = AgentWorld(ProviderReply(302, body)).generate().course.overlay
    assert (overlay.call_error, overlay.error_meta) == ("Provider returned 302", {"provider_status_code": 302})


def test_ids_that_a_provider_uses_again_are_told_apart() -> None:
    world = AgentWorld(calling("c", "c-2"), calling("c"), calling("c"), said("Done."))
    world.generate()
    assert [call.id for call in pending(world.submit("c", "c-2").course)] == ["c-3"]
    again = world.submit("c", "c-2")
    assert (again.course.status, world.calls) == ("requires_action", 2)
    assert [call.id for call in pending(world.submit("c-3").course)] == ["c-4"]
    assert world.submit("c", "c-2").course.status == "requires_action"
    assert world.submit("c-4").course.status == "completed"
    messages = world.providers.asked[-1][2]["messages"]
    called = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    answered = [message["tool_call_id"] for message in messages if message["role"] == "tool"]
    assert called == answered == ["c", "c-2", "c-3", "c-4"]


def test_a_long_id_that_is_numbered_can_still_be_answered() -> None:
    world = AgentWorld(calling("c" * 256), calling("c" * 256), said("Done."))
    world.generate()
    [call] = pending(world.submit("c" * 256).course)
    assert call.id == "c" * 240 + "-2"
    assert world.submit(call.id).course.status == "completed"


def test_what_a_client_says_meanwhile_stands_and_what_the_attempt_has_used_is_known() -> None:
    world = AgentWorld(said("Hello."))
    runs = world.runs()
    mine = Message(role="assistant", parts=(Part(text="Mine."),))
    world.providers.meanwhile = lambda: runs.move(world.tenant, blank(RUN, status="completed", output=(mine,)))
    course = world.generate().course
    assert (course.status, course.overlay.output, course.overlay.completion) == ("completed", (mine,), None)
    assert course.overlay.usage == Usage(input_tokens=5, output_tokens=2, total_tokens=7, input_semantics="inclusive")
    [attempt] = course.attempts
    assert (attempt.status_code, attempt.error) == (200, None)
    assert attempt.ended_at
    own = Usage(input_tokens=1)
    world = AgentWorld(REFUSED)
    runs = world.runs()
    world.providers.meanwhile = lambda: runs.move(world.tenant, blank(RUN, status="failed", call_error="No", usage=own))
    course = world.generate().course
    assert (course.overlay.call_error, course.overlay.error_code, course.overlay.usage) == ("No", None, own)
    assert (course.attempts[0].status_code, "credits" in str(course.attempts[0].error)) == (402, True)


@pytest.mark.parametrize("seconds", [5, 50, 60])
def test_an_outcome_is_written_once_storage_is_back(seconds: int) -> None:
    world = AgentWorld(said("Hello."))
    answered: list[datetime] = []
    world.providers.meanwhile = lambda: answered.append(world.clock.now())

    def hook(method: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        if answered and world.clock.now() < answered[0] + timedelta(seconds=seconds):
            raise Unavailable("storage is not available")
        return method(*args, **kwargs)

    with suppress(Unavailable):
        world.generate(hook=hook)
    assert (world.course.status, world.calls) == ("completed" if seconds < 55 else "in_progress", 1)


def test_the_time_counts_from_the_arrival_of_the_request() -> None:
    world = AgentWorld(said("Hello."))
    since = world.clock.now() - timedelta(seconds=10)
    world.generate(replace(asked(), manner=Manner(since=since)))
    assert world.providers.asked[0][3] == AT_ONCE.seconds - 10
    world = AgentWorld(said("Hello."))
    course = world.generate(replace(asked(), manner=Manner(since=since - timedelta(seconds=20)))).course
    assert (course.overlay.error_code, world.calls) == ("RUN_TIMEOUT", 0)


def test_the_same_request_gives_the_outcome_whatever_has_become_of_the_configuration() -> None:
    world = AgentWorld(said("Hello."))
    first = world.generate()
    world.configure(replace(CONFIG, tools=(Tool(name="search", type="web_search"),)))
    assert world.generate().course == first.course
    world.configured.clear()
    assert world.generate().course == first.course
    with pytest.raises(Conflict, match="already exists"):
        world.generate(asked("Else"))


def test_usage_is_kept_over_all_requests() -> None:
    world = AgentWorld(calling("c"), calling("d"), said("Done."))
    world.generate()
    world.submit("c")
    usage = world.submit("d").course.overlay.usage
    assert usage == Usage(input_tokens=15, output_tokens=6, total_tokens=21, input_semantics="inclusive")
    assert timedelta(seconds=AT_ONCE.seconds) < timedelta(seconds=29)
