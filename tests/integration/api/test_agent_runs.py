"""Agents that run, over HTTP: configured, run at once or by a worker, in sessions."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.api import agent_runs
from chalicelib.api.lifecycle.asking import read_asked
from chalicelib.domain.provider import ProviderReply, ProviderUnreachable
from chalicelib.services.running.agents import Asked
from tests.fakes.providers import FakeProviders, said
from tests.integration.api.agents import AGENT, ASKED, CONFIG, configured, generate, running_agents
from tests.integration.api.service import Answer, Service, Tenant
from tests.unit.services.running.world import calling
from tests.unit.services.watched import Killed

pytestmark = pytest.mark.moto

REFUSED = ProviderReply(402, json.dumps({"error": {"message": "insufficient credits", "type": "billing"}}))


@pytest.fixture(scope="module")
def providers() -> FakeProviders:
    return FakeProviders()


@pytest.fixture(scope="module")
def service(providers: FakeProviders) -> Iterator[Service]:
    with running_agents(providers, SIGIL_AUTH_ENABLED="false") as started:
        yield started


@pytest.fixture
def tenant(service: Service, providers: FakeProviders) -> Tenant:
    """One with an agent; the provider greets."""
    providers.answers, providers.asked = [said("Hello.")], []
    service.forget_everything()
    made = service.tenant()
    configured(made)
    return made


def tool_outputs(tenant: Tenant, generation_id: str, *ids: str, query: str = "") -> Answer:
    body = {"tool_outputs": [{"tool_call_id": each, "output": {"said": each}} for each in ids]}
    return tenant.send("POST", f"{AGENT}/generate/{generation_id}/tool-outputs{query}", body)


def test_a_run_is_answered_and_recorded(service: Service, tenant: Tenant) -> None:
    body = {
        **ASKED,
        "tags": {"env": "prod"},
        "session_id": "s",
        "initiator_generation_id": "g0",
        "parent_trace_id": "p",
    }
    answer = generate(tenant, body)
    assert answer.status == 200, answer.body
    own_id, trace_id = answer.body["id"], answer.body["trace_id"]
    assert re.fullmatch(r"gen_[0-9a-z]{16}", own_id)
    assert re.fullmatch(r"trace_[0-9a-z]{16}", trace_id)
    output = {"model": "gpt-4o-mini", "content": "Hello.", "finish_reason": "stop"}
    assert answer.body == {"id": own_id, "trace_id": trace_id, "status": "completed", "output": output}
    service.work()
    record = tenant.record(own_id)
    assert (record["status"], record["stop_reason"], record["agent_id"], record["source"]) == (
        "completed",
        "stop",
        "guide",
        "lifecycle",
    )
    assert (record["session_id"], record["initiator_generation_id"]) == ("s", "g0")
    assert record["metadata"] == {"unrecognized": {"parent_trace_id": "p"}, "finish_reason": "stop"}
    assert record["cost_usd"] > 0
    assert [(one["number"], one["status_code"]) for one in record["attempts"]] == [(1, 200)]
    assert "plan" not in record
    assert "attempts" not in tenant.read(own_id, fields="summary").body
    assert tenant.listed_ids(agent_name="guide") == [own_id]


def test_the_routes_are_there_without_the_prefix(tenant: Tenant) -> None:
    assert tenant.send("POST", "/agents/guide/generate", ASKED).body["status"] == "completed"
    session = tenant.send("POST", "/agents/guide/sessions", {}).body["id"]
    assert tenant.send("POST", f"/agents/guide/sessions/{session}/messages", {"message": "Hi"}).status == 201
    assert tenant.send("POST", f"/agents/guide/sessions/{session}/generate", {}).status == 200


def test_a_provider_that_refuses_is_502_and_the_record_and_its_trace_say_the_same(
    service: Service, tenant: Tenant, providers: FakeProviders
) -> None:
    providers.answers = [REFUSED]
    answer = generate(tenant)
    assert answer.status == 502
    error = answer.body["error"]
    own_id, trace_id = error["meta"]["generation_id"], error["meta"]["trace_id"]
    assert (error["code"], error["message"]) == ("AI_PROVIDER_ERROR", "Provider returned 402: insufficient credits")
    assert error["meta"]["provider_status_code"] == 402
    service.work()
    record = tenant.record(own_id)
    assert (record["status"], record["stop_reason"], record["error"]["message"]) == (
        "failed",
        "error",
        error["message"],
    )
    trace = tenant.get(f"/api/v1/traces/{trace_id}").body
    assert (trace["status"], trace["error"]["code"]) == ("failed", "AI_PROVIDER_ERROR")


def test_a_provider_that_cannot_be_reached_has_no_status(tenant: Tenant, providers: FakeProviders) -> None:
    providers.answers = [ProviderUnreachable("the connection was cut", asked=True)]
    error = generate(tenant).body["error"]
    assert error["message"] == "Provider request failed: the connection was cut"
    assert set(error["meta"]) == {"generation_id", "trace_id"}


def test_a_run_that_takes_too_long_is_504_and_says_what_to_do(
    service: Service, tenant: Tenant, providers: FakeProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = providers.ask

    def slow(*args: Any) -> ProviderReply:
        service.clock.ahead += timedelta(seconds=26)
        return ask(*args)

    monkeypatch.setattr(providers, "ask", slow)
    providers.answers = [ProviderUnreachable("no answer in time", asked=True, timed_out=True)]
    answer = generate(tenant)
    assert (answer.status, answer.error_code) == (504, "RUN_TIMEOUT")
    assert "async=true" in answer.body["error"]["message"]
    assert tenant.record(answer.body["error"]["meta"]["generation_id"])["error"]["code"] == "RUN_TIMEOUT"


def test_the_depth_guard_completes_a_record(tenant: Tenant, providers: FakeProviders) -> None:
    answer = generate(tenant, {**ASKED, "max_call_depth": 0})
    assert (answer.body["status"], answer.body["output"]["model"]) == ("completed", "")
    assert tenant.record(answer.body["id"])["stop_reason"] == "depth_guard"
    assert providers.asked == []


def test_the_idempotency_key_asks_once(tenant: Tenant, providers: FakeProviders) -> None:
    first = generate(tenant, idempotency_key="mine")
    again = generate(tenant, idempotency_key="mine")
    assert (first.body["id"], again.body) == ("mine", first.body)
    assert len(providers.asked) == 1
    other = generate(tenant, {"messages": [{"role": "user", "content": "Else"}]}, idempotency_key="mine")
    assert (other.status, other.body["error"]["message"]) == (409, "generation already exists")


def test_tools_pause_a_run_and_their_outputs_resume_it(
    service: Service, tenant: Tenant, providers: FakeProviders
) -> None:
    providers.answers = [calling("c"), said("Done.")]
    paused = generate(tenant)
    own_id = paused.body["id"]
    call = {"id": "c", "tool_name": "f", "args": {"a": 1}}
    assert paused.body["required_action"] == {"type": "submit_tool_outputs", "tool_calls": [call]}
    assert paused.body["status"] == "requires_action"
    for ids, status in (((), 400), (("x",), 400)):
        assert tool_outputs(tenant, own_id, *ids).status == status
    assert tenant.record(own_id)["status"] == "requires_action"
    done = tool_outputs(tenant, own_id, "c")
    assert (done.status, done.body["output"]["content"]) == (200, "Done.")
    missing = tool_outputs(tenant, own_id, "d")
    assert (missing.status, missing.error_code) == (404, "GENERATION_NOT_FOUND")
    service.work()
    record = tenant.record(own_id)
    assert [message["role"] for message in record["output"]] == ["assistant", "tool", "assistant"]
    assert record["usage"]["total_tokens"] == 14


def test_a_worker_runs_what_is_asked_for_later(service: Service, tenant: Tenant, providers: FakeProviders) -> None:
    answer = generate(tenant, query="?async=true")
    own_id = answer.body["id"]
    assert (answer.status, answer.body["status"]) == (202, "in_progress")
    assert set(answer.body) == {"id", "trace_id", "status"}
    assert providers.asked == []
    messages = service.messages("run")
    providers.answers = [calling("c"), said("Done.")]
    assert service.deliver(messages, "run") == []
    assert tool_outputs(tenant, own_id, "c", query="?async=true").status == 202
    assert tenant.record(own_id)["status"] == "in_progress"
    service.work()
    assert tenant.record(own_id)["completion"] == "Done."
    assert service.deliver(messages, "run") == []
    assert len(providers.asked) == 2
    assert providers.asked[0][3] > 200


def test_a_message_that_finds_an_attempt_comes_back_and_then_interrupts(
    service: Service, tenant: Tenant, providers: FakeProviders
) -> None:
    own_id = generate(tenant, query="?async=true").body["id"]
    [message] = service.messages("run")
    providers.answers = [Killed()]
    with pytest.raises(Killed):
        service.deliver([message], "run")
    providers.answers = [said("Hello.")]
    assert service.deliver([message], "run") == [message]
    service.clock.ahead += timedelta(seconds=300)
    assert service.deliver([message], "run") == []
    assert len(providers.asked) == 1
    record = tenant.record(own_id)
    assert record["error"]["code"] == "RUN_INTERRUPTED"
    assert record["attempts"][0]["error"]


def test_the_schedule_interrupts_a_run_whose_process_is_gone(
    service: Service, tenant: Tenant, providers: FakeProviders
) -> None:
    providers.answers = [Killed()]
    with pytest.raises(Killed):
        generate(tenant, idempotency_key="killed")
    service.work()
    service.clock.ahead += timedelta(seconds=60)
    service.resend()
    assert tenant.record("killed")["error"]["code"] == "RUN_INTERRUPTED"


def test_who_cannot_be_run_leaves_no_record(tenant: Tenant) -> None:
    assert tenant.send("POST", "/api/v1/agents/nobody/generate", ASKED).error_code == "NOT_FOUND"
    assert tenant.send("PUT", "/api/v1/agents", {"agent_name": "bare"}).status == 200
    bare = tenant.send("POST", "/api/v1/agents/bare/generate", ASKED)
    assert (bare.status, bare.error_code) == (409, "AGENT_NOT_RUNNABLE")
    assert tenant.listed_ids() == []


def test_an_agent_may_have_any_name(tenant: Tenant) -> None:
    name = quote("a b/@%25", safe="")
    assert tenant.send("PUT", f"/api/v1/agents/{name}/run-config", CONFIG).body["agent_name"] == "a b/@%25"
    assert tenant.send("POST", f"/api/v1/agents/{name}/generate", ASKED).status == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], None),
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": [{"role": "user"}]}, "messages"),
        ({"messages": [{"content": "Hi"}]}, "messages"),
        ({"messages": [{"role": "tool", "content": "Hi"}]}, "messages"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages"),
        ({"messages": [{"role": "user", "content": {"type": "document", "document_id": "d"}}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "tool_output", "tool_id": "t"}]}]}, "messages"),
        ({**ASKED, "stream": True}, "stream"),
        ({**ASKED, "trace_id": "a\u0000"}, "trace_id"),
        ({**ASKED, "max_call_depth": "deep"}, "max_call_depth"),
        ({**ASKED, "tags": {"a": 1}}, "tags"),
        ({**ASKED, "metadata": []}, "metadata"),
        ({**ASKED, "depends_on": "g"}, "depends_on"),
        ({**ASKED, "depends_on": [f"g{number}" for number in range(1_001)]}, "depends_on"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages"),
        ({"messages": [{"role": "system", "content": "Be kind."}]}, "messages"),
        ({"messages": [{"role": "user", "content": "cut \ud83d"}], "trace_id": 7}, "trace_id"),
    ],
)
def test_a_request_that_will_not_do_is_refused_by_field_and_records_nothing(
    tenant: Tenant, providers: FakeProviders, body: Any, field: str | None
) -> None:
    answer = generate(tenant, body)
    assert (answer.status, answer.error_code, answer.body["error"]["meta"].get("field")) == (400, "MALFORMED", field)
    assert (tenant.listed_ids(), providers.asked) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tool_outputs": []},
        {"tool_outputs": "x"},
        {"tool_outputs": [{}]},
        {"tool_outputs": [{"tool_call_id": 7}]},
        {"tool_outputs": [1]},
    ],
)
def test_tool_outputs_that_will_not_do_are_refused(tenant: Tenant, body: Any) -> None:
    answer = tenant.send("POST", f"{AGENT}/generate/g/tool-outputs", body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")


def test_an_unknown_word_for_async_is_refused(tenant: Tenant) -> None:
    assert generate(tenant, query="?async=maybe").status == 400
    assert generate(tenant, query="?wait=true").status == 400


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"provider": "other"}, "provider"),
        ({"provider": None}, "provider"),
        ({"model": None}, "model"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": "NaN"}, "temperature"),
        ({"max_call_depth": -1}, "max_call_depth"),
        ({"tools": [{}]}, "tools"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"tools": [{"name": "f"}, {"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"tools": [{"name": "f g"}]}, "tools"),
        ({"tools": [{"name": "f" * 65}]}, "tools"),
        ({"tools": [{"name": "f", "input_schema": [1]}]}, "tools"),
        ({"tools": [{"name": "f", "input_schema": {"type": "string"}}]}, "tools"),
        ({"base_url": "http://169.254.169.254/"}, "base_url"),
    ],
)
def test_a_run_config_that_will_not_do_is_refused_by_field(tenant: Tenant, fields: Any, field: str) -> None:
    before = tenant.get(f"{AGENT}/run-config").body
    answer = tenant.send("PUT", f"{AGENT}/run-config", {**CONFIG, **fields})
    assert (answer.status, answer.body["error"]["meta"]["field"]) == (400, field)
    assert tenant.get(f"{AGENT}/run-config").body == before


def test_a_run_config_too_long_for_its_row_is_413(tenant: Tenant) -> None:
    assert tenant.send("PUT", f"{AGENT}/run-config", {**CONFIG, "system_prompt": "x" * 200_001}).status == 413


def test_a_run_config_is_read_back_also_with_its_agent(tenant: Tenant, providers: FakeProviders) -> None:
    schema = {"type": "object", "properties": {"b": {}, "a": {}}}
    tools = [{"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}]
    configured(tenant, tools=tools, max_tokens=9, temperature=0.5)
    config = tenant.get(f"{AGENT}/run-config").body
    assert (config["tools"][0]["name"], config["max_tokens"], config["max_call_depth"]) == ("f", 9, 10)
    assert json.loads(config["tools"][0]["input_schema_json"]) == schema
    agent = tenant.get(AGENT).body
    assert {key: agent[key] for key in config} == config
    assert agent["agent_number"] == 1
    assert tenant.get("/api/v1/agents/nobody/run-config").status == 404
    generate(tenant)
    assert providers.asked[0][2]["tools"][0]["function"]["name"] == "f"
    assert providers.asked[0][2]["temperature"] == 0.5


def test_a_session_keeps_a_conversation(service: Service, tenant: Tenant, providers: FakeProviders) -> None:
    opened = tenant.send("POST", f"{AGENT}/sessions", {})
    assert opened.status == 201
    assert {key: opened.body[key] for key in ("agent_id", "status")} == {"agent_id": "guide", "status": "open"}
    path = f"{AGENT}/sessions/{opened.body['id']}"
    assert tenant.send("POST", f"{path}/generate", {}).status == 400
    assert tenant.send("POST", f"{path}/messages", {"message": "Hi"}).status == 201
    providers.answers = [said("Hello."), calling("c"), said("Done."), REFUSED]
    answer = tenant.send("POST", f"{path}/generate", {}).body
    message = {"role": "assistant", "content": "Hello.", "model": "gpt-4o-mini"}
    assert (answer["status"], answer["message"], answer["required_action"]) == ("completed", message, None)
    tenant.send("POST", f"{path}/messages", {"message": {"role": "user", "content": ["More"]}})
    paused = tenant.send("POST", f"{path}/generate", {}).body
    assert paused["required_action"]["tool_calls"][0]["id"] == "c"
    busy = tenant.send("POST", f"{path}/generate", {})
    assert (busy.status, busy.error_code) == (409, "GENERATION_ALREADY_IN_PROGRESS")
    outputs = {"generation_id": paused["generation_id"], "tool_outputs": [{"tool_call_id": "c", "output": 1}]}
    assert tenant.send("POST", f"{path}/tool-outputs", outputs).body["message"]["content"] == "Done."
    tenant.send("POST", f"{path}/messages", {"message": "Still there?"})
    failed = tenant.send("POST", f"{path}/generate", {})
    assert (failed.status, failed.error_code) == (502, "AI_PROVIDER_ERROR")
    providers.answers = [said("Yes.")]
    later = tenant.send("POST", f"{path}/generate?async=true", {})
    assert (later.status, later.body) == (202, {"status": "accepted", "session_id": opened.body["id"]})
    service.work()
    texts = [each.get("content") for each in providers.asked[-1][2]["messages"]]
    assert texts == ["Be short.", "Hi", "Hello.", "More", None, "1", "Done.", "Still there?"]
    session = tenant.get(f"/api/v1/sessions/{opened.body['id']}").body
    assert len(session["generations"]) == 4
    assert {one["conversation_id"] for one in session["generations"]} == {opened.body["conversation_id"]}


def test_a_session_that_is_not_there_is_404(tenant: Tenant) -> None:
    for path, body in (("messages", {"message": "Hi"}), ("generate", {}), ("tool-outputs", {"tool_outputs": []})):
        answer = tenant.send("POST", f"{AGENT}/sessions/none/{path}", body)
        assert answer.status == (400 if path == "tool-outputs" else 404)
    assert tenant.send("POST", "/api/v1/agents/nobody/sessions", {}).status == 404
    for wrong in (
        {},
        {"message": None},
        {"message": 7},
        {"message": {"role": "tool", "content": "x"}},
        {"message": ""},
    ):
        assert tenant.send("POST", f"{AGENT}/sessions/none/messages", wrong).status == 400


def test_a_message_that_says_nothing_is_refused(tenant: Tenant) -> None:
    place = f"{AGENT}/sessions/{tenant.send('POST', f'{AGENT}/sessions', {}).body['id']}"
    for message in ("", {"role": "user", "content": []}, {"role": "user", "content": [""]}):
        answer = tenant.send("POST", f"{place}/messages", {"message": message})
        assert (answer.status, answer.body["error"]["meta"]) == (400, {"field": "message"})
    answer = tenant.send("POST", f"{place}/generate", {"messages": [{"role": "user", "content": ""}]})
    assert (answer.status, answer.body["error"]["meta"]) == (400, {"field": "messages"})


def test_a_late_retry_in_a_session_gives_its_own_answer(tenant: Tenant, providers: FakeProviders) -> None:
    providers.answers = [said("One."), said("Two."), said("Three.")]
    place = f"{AGENT}/sessions/{tenant.send('POST', f'{AGENT}/sessions', {}).body['id']}"
    answers = {}
    for key in ("k1", "k2"):
        assert tenant.send("POST", f"{place}/messages", {"message": key}).status == 201
        answers[key] = tenant.send("POST", f"{place}/generate", {}, idempotency_key=key).body
    assert tenant.send("POST", f"{place}/messages", {"message": "k3"}).status == 201
    assert tenant.send("POST", f"{place}/generate", {}, idempotency_key="k1").body == answers["k1"]
    other = tenant.send("POST", f"{place}/generate", ASKED, idempotency_key="k1")
    assert (other.status, other.error_code) == (409, "CONFLICT")
    assert tenant.send("POST", f"{place}/generate", {}).body["message"]["content"] == "Three."
    texts = [each["content"] for each in providers.asked[-1][2]["messages"]]
    assert texts == ["Be short.", "k1", "One.", "k2", "Two.", "k3"]


def test_a_client_that_ends_a_run_is_what_its_caller_is_told(
    service: Service, tenant: Tenant, providers: FakeProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = providers.ask
    moves: list[Any] = [
        {"status": "completed", "output": [{"role": "ASSISTANT", "parts": [{"text": "Mine."}]}]},
        {"status": "failed", "error": {"message": "I stop it"}},
    ]

    def meanwhile(*args: Any) -> ProviderReply:
        assert tenant.send("PATCH", "/api/v1/generations/mine", moves[0]).status == 200
        return ask(*args)

    monkeypatch.setattr(providers, "ask", meanwhile)
    done = generate(tenant, idempotency_key="mine")
    assert (done.status, done.body["output"]["content"]) == (200, "Mine.")
    service.work()
    record = tenant.record("mine")
    assert (record["usage"]["input_tokens"], record["attempts"][0]["status_code"]) == (5, 200)
    assert record["cost_usd"] > 0
    service.forget_everything()
    configured(tenant)
    moves.pop(0)
    error = generate(tenant, idempotency_key="mine").body["error"]
    assert (error["code"], error["message"]) == ("RUN_FAILED", "I stop it")
    assert "code" not in tenant.record("mine")["error"]


def test_an_answer_too_long_for_a_response_is_cut_and_says_so(tenant: Tenant, providers: FakeProviders) -> None:
    providers.answers = [said("ö" * 3_000_000)]
    answer = generate(tenant)
    output = answer.body["output"]
    assert (answer.status, output["content_cut"]) == (200, True)
    assert 4_800_000 < answer.size < 5 * 1024 * 1024
    place = f"{AGENT}/sessions/{tenant.send('POST', f'{AGENT}/sessions', {}).body['id']}"
    answer = tenant.send("POST", f"{place}/generate", ASKED)
    assert answer.body["message"] == {"role": "assistant", "model": "gpt-4o-mini", **cut(output)}
    providers.answers = [calling("c", arguments=json.dumps({"a": "x" * 6_000_000}))]
    [call] = generate(tenant).body["required_action"]["tool_calls"]
    assert call == {"id": "c", "tool_name": "f", "args": None, "args_cut": True}


def cut(output: dict[str, Any]) -> dict[str, Any]:
    return {name: output[name] for name in ("content", "content_cut")}


def test_the_time_of_a_run_counts_from_the_arrival_of_its_request(
    service: Service, tenant: Tenant, providers: FakeProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*args: Any) -> Asked:
        service.clock.ahead += timedelta(seconds=10)
        return read_asked(*args)

    monkeypatch.setattr(agent_runs, "read_asked", slowly)
    assert generate(tenant).status == 200
    assert 10 < providers.asked[0][3] <= 15
