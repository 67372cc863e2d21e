"""Evaluators over HTTP: set, versions, tried, judged, counted, backfilled, stopped."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest

from chalicelib.api import evaluators as evaluators_api
from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.services import showing
from chalicelib.services.ports import MOST_EVALUATORS
from tests.integration.api import items
from tests.integration.api.keyed import REQUIRED, holder
from tests.integration.api.service import Answer, Service, Tenant, running

EVALUATORS = "/api/v1/evaluators"
KNOWN = timedelta(minutes=1)
STALE = timedelta(hours=2)
REGEX = {"kind": "regex", "config": {"pattern": "sorry", "expect": "no_match"}}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(None, **REQUIRED, WEBHOOK_ALLOWED_HOSTS="localhost", EVALUATOR_ALLOWED_HOSTS="localhost") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return holder(service)


def put(tenant: Tenant, name: str = "judge", **fields: Any) -> dict[str, Any]:
    answer = tenant.send("PUT", f"{EVALUATORS}/{name}", {**REGEX, **fields})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def said(generation_id: str, text: str, **fields: Any) -> dict[str, Any]:
    """A generation whose model has said this."""
    return items.small(generation_id, output=[{"role": "MESSAGE_ROLE_ASSISTANT", "parts": [{"text": text}]}], **fields)


def test_an_evaluator_is_set_shown_changed_and_disabled(tenant: Tenant) -> None:
    made = put(tenant, filter={"agent_name": "a"}, sampling_rate=0.5)
    assert (made["id"], made["version"], made["score_key"], made["enabled"]) == ("judge", 1, "judge", True)
    assert made["config"] == REGEX["config"]
    assert (made["filter"]["agent_name"], made["filter"]["tags"], made["sampling_rate"]) == ("a", {}, 0.5)
    assert put(tenant, filter={"agent_name": "a"}, sampling_rate=0.5) == made
    changed = put(tenant)
    assert changed["version"] == 2
    assert tenant.get(f"{EVALUATORS}/judge").body == changed
    assert tenant.get(f"{EVALUATORS}/judge", version=1).body == made
    assert tenant.get(f"{EVALUATORS}/judge", version=3).status == 404
    ended = tenant.request("DELETE", f"{EVALUATORS}/judge").body
    assert (ended["version"], ended["enabled"]) == (3, False)
    assert tenant.request("DELETE", f"{EVALUATORS}/judge").body == ended
    assert tenant.get(EVALUATORS).body == {"items": [ended], "next_cursor": None}
    assert put(tenant)["version"] == 4


def test_a_secret_is_shown_once_and_stays_what_it_is(tenant: Tenant) -> None:
    hook = {"kind": "http", "config": {"url": "http://localhost:9/judge"}}
    first = tenant.send("PUT", f"{EVALUATORS}/hook", hook)
    secret = first.body["secret"]
    assert first.headers["cache-control"] == "no-store"
    again = tenant.send("PUT", f"{EVALUATORS}/hook", hook)
    assert ("secret" in again.body, again.body["version"]) == (False, 1)
    changed = tenant.send("PUT", f"{EVALUATORS}/hook", {**hook, "sampling_rate": 0.5})
    assert ("secret" in changed.body, changed.body["version"]) == (False, 2)
    assert changed.body["config"]["secret_prefix"] == secret[:4]
    shown = [tenant.get(path).body for path in (EVALUATORS, f"{EVALUATORS}/hook", f"{EVALUATORS}/hook?version=1")]
    assert secret not in json.dumps(shown)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {**REGEX, "kind": "magic"},
        {**REGEX, "more": 1},
        {**REGEX, "sampling_rate": 2},
        {**REGEX, "config": {"pattern": "("}},
        {**REGEX, "config": {"pattern": "x" * 100_000}},
        {**REGEX, "filter": {"status": "odd"}},
        {"kind": "http", "config": {"url": "http://elsewhere.example/"}},
    ],
)
def test_what_could_not_judge_is_refused_and_changes_nothing(tenant: Tenant, body: object) -> None:
    answer = tenant.send("PUT", f"{EVALUATORS}/judge", body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")
    assert tenant.get(EVALUATORS).body["items"] == []


@pytest.mark.parametrize("text", ["[" * 300 + "]" * 300, '{"kind": "regex", "config": {"pattern": 1e999}}', "{"])
def test_a_body_that_cannot_be_stored_is_refused(tenant: Tenant, text: str) -> None:
    answer = tenant.request("PUT", f"{EVALUATORS}/judge", text.encode())
    assert (answer.status, answer.error_code) == (400, "MALFORMED")


def test_a_tenant_has_a_hundred_at_most(tenant: Tenant) -> None:
    for number in range(MOST_EVALUATORS):
        put(tenant, f"e{number:03}")
    answer = tenant.send("PUT", f"{EVALUATORS}/another", REGEX)
    assert (answer.status, answer.error_code) == (409, "TOO_MANY_EVALUATORS")
    assert len(tenant.listed(200, EVALUATORS)) == len(tenant.listed(7, EVALUATORS)) == MOST_EVALUATORS


def test_a_list_of_evaluators_is_paged_and_never_too_large(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["a", "b", "ä", "z"]
    for name in ("z", "ä", "b", "a"):
        put(tenant, quote(name), config={"pattern": "x" * 3_000})
    first = tenant.get(EVALUATORS, limit=3).body
    assert [one["id"] for one in first["items"]] == ["a", "b", "z"]
    rest = tenant.get(EVALUATORS, limit=3, cursor=first["next_cursor"]).body
    assert ([one["id"] for one in rest["items"]], rest["next_cursor"]) == (["ä"], None)
    monkeypatch.setattr(evaluators_api, "RESPONSE_BYTES", 8_000)
    assert [one["id"] for one in tenant.get(EVALUATORS).body["items"]] == ["a", "b"]
    assert sorted(one["id"] for one in tenant.listed(200, EVALUATORS)) == sorted(names)
    assert [tenant.get(EVALUATORS, **query).status for query in ({"limit": 0}, {"limit": 201}, {"cursor": "x"})] == [
        400,
        400,
        400,
    ]


def test_a_score_key_stays_what_it_is(tenant: Tenant) -> None:
    """A failure under the old key would stand for ever."""
    put(tenant, score_key="quality")
    for fields in ({"score_key": "other"}, {}):
        answer = tenant.send("PUT", f"{EVALUATORS}/judge", {**REGEX, **fields})
        assert (answer.status, answer.body["error"]["meta"]) == (400, {"field": "score_key"})
        assert "another evaluator_id" in answer.body["error"]["message"]
    assert tenant.get(f"{EVALUATORS}/judge").body["version"] == 1
    assert put(tenant, score_key="quality", sampling_rate=0.5)["version"] == 2


def test_the_story_from_failing_to_clean(service: Service, tenant: Tenant) -> None:
    """An evaluator fails a; c, which consumed a, is flagged; a fixed version passes a, and c is clean."""
    put(tenant)
    tenant.accept(said("a", "sorry, no"), said("c", "fine", depends_on=["a"]))
    service.work()
    assert tenant.record("a")["verdict"] == "fail"
    [flag] = tenant.record("c")["flags"]
    assert (flag["root_generation_id"], flag["evaluators"]) == ("a", ["judge"])
    put(tenant, config={"pattern": "never"} | {"expect": "no_match"})
    service.clock.ahead += KNOWN
    assert tenant.send("POST", f"{EVALUATORS}/judge/backfill", {}).status == 202
    service.work()
    assert (tenant.record("a")["verdict"], tenant.record("c")["flagged"]) == ("pass", False)
    stats = tenant.get(f"{EVALUATORS}/judge/stats").body
    assert {name: stats[name] for name in ("judged", "passed", "failed", "errors")} == {
        "judged": 4,
        "passed": 3,
        "failed": 1,
        "errors": 0,
    }
    assert [(one["version"], one["judged"], one["failed"]) for one in stats["items"]] == [(2, 2, 0), (1, 2, 1)]
    backfill = tenant.get(f"{EVALUATORS}/judge/backfill").body
    assert (backfill["state"], backfill["examined"], backfill["queued"]) == ("done", 2, 2)


def test_a_message_that_comes_again_counts_nothing_twice(service: Service, tenant: Tenant) -> None:
    put(tenant)
    tenant.accept(said("a", "sorry"))
    process = service.messages()
    for _ in range(2):
        assert service.deliver(process) == []
    messages = service.messages("evaluate")
    assert len(messages) == 2
    for message in (*messages, *messages):
        assert service.deliver([message], "evaluate") == []
    service.work()
    assert tenant.get(f"{EVALUATORS}/judge/stats").body["judged"] == 1
    assert len(tenant.listed(200, "/api/v1/generations/a/scores")) == 1


def test_a_run_is_judged_once_it_has_ended_and_never_while_it_may_yet(service: Service, tenant: Tenant) -> None:
    put(tenant)
    for name in ("ends", "silent"):
        assert tenant.send("POST", "/api/v1/generations", {"id": name}).status == 201
    service.work()
    assert tenant.get(f"{EVALUATORS}/judge/stats").body["judged"] == 0
    move = {"status": "completed", "output": "sorry"}
    assert tenant.send("PATCH", "/api/v1/generations/ends", move).status == 200
    service.work()
    assert tenant.record("ends")["verdict"] == "fail"
    service.clock.ahead += STALE
    service.resend()
    service.work()
    silent = tenant.record("silent")
    assert (silent["status"], silent["error"]["code"], silent["verdict"]) == ("failed", "RUN_ABANDONED", "unknown")
    assert tenant.listed(200, f"{EVALUATORS}/judge/failures") == []
    assert tenant.send("PATCH", "/api/v1/generations/silent", {**move, "output": "fine"}).status == 200
    service.work()
    assert tenant.record("silent")["verdict"] == "pass"


def test_what_cannot_be_judged_is_listed_until_it_is(service: Service, tenant: Tenant) -> None:
    put(tenant, config={"pattern": "x", "field": "metadata.missing"})
    tenant.accept(said("a", "sorry"), said("b", "fine"))
    service.work()
    listed = tenant.listed(1, f"{EVALUATORS}/judge/failures")
    assert sorted(one["generation_id"] for one in listed) == ["a", "b"]
    assert {one["reason"] for one in listed} == {"the generation has no metadata.missing"}
    assert tenant.get(f"{EVALUATORS}/judge/stats").body["errors"] == 2


def test_a_hook_that_does_not_answer_is_asked_again_then_listed(service: Service, tenant: Tenant) -> None:
    tenant.send("PUT", f"{EVALUATORS}/hook", {"kind": "http", "config": {"url": "http://localhost:9/"}})
    tenant.accept(said("a", "sorry"))
    silent = JudgingFailed("no answer", again=True)
    with (
        patch("chalicelib.services.evaluation.judging.Judging.__call__", side_effect=silent),
        patch("chalicelib.services.evaluation.evaluating.FIRST_DELAY_SECONDS", 0),
    ):
        service.deliver(service.messages())
        service.deliver(service.messages("evaluate"), "evaluate")
        [again] = service.messages("evaluate")
        assert service.deliver([again], "evaluate") == [again]
        last = {**again, "Attributes": {**again["Attributes"], "ApproximateReceiveCount": "4"}}
        assert service.deliver([last], "evaluate") == []
    [failure] = tenant.listed(200, f"{EVALUATORS}/hook/failures")
    assert (failure["generation_id"], failure["version"], failure["reason"]) == ("a", 1, "no answer")


def test_a_trial_says_what_would_be_and_writes_nothing(service: Service, tenant: Tenant) -> None:
    put(tenant, filter={"agent_name": "somebody else"})
    tenant.accept(said("a", "sorry"))
    service.work()
    sent = [{"generation_id": "a"}, {"generation": said("inline", "sorry")}]
    for body in sent:
        tried = tenant.send("POST", f"{EVALUATORS}/judge/test", body).body
        assert (tried["evaluator_id"], tried["version"], tried["matches"], tried["sampled"]) == (
            "judge",
            1,
            False,
            True,
        )
        assert (tried["judgement"]["passed"], tried["error"]) == (False, None)
    put(tenant, config={"pattern": "x", "field": "metadata.missing"})
    tried = tenant.send("POST", f"{EVALUATORS}/judge/test", sent[0]).body
    assert (tried["judgement"], tried["error"]) == (None, "the generation has no metadata.missing")
    service.work()
    assert tenant.read("inline").status == 404
    assert tenant.get(f"{EVALUATORS}/judge/stats").body["judged"] == 0
    assert tenant.listed(200, f"{EVALUATORS}/judge/failures") == []


def test_a_trial_sees_what_no_answer_can_hold(
    service: Service, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tenant)
    tenant.accept(said("large", "x" * 20_000 + "sorry"))
    service.work()
    monkeypatch.setattr(showing, "RESPONSE_BYTES", 10_000)
    assert tenant.record("large")["completion"] is None
    tried = tenant.send("POST", f"{EVALUATORS}/judge/test", {"generation_id": "large"}).body
    assert (tried["judgement"]["passed"], tried["error"]) == (False, None)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"generation_id": 1},
        {"generation_id": "a", "generation": {}},
        {"generation": None},
        {"generation": {"id": "x"}},
        {"other": 1},
    ],
)
def test_a_trial_of_nothing_is_refused(tenant: Tenant, body: object) -> None:
    put(tenant)
    assert tenant.send("POST", f"{EVALUATORS}/judge/test", body).status == 400


def test_a_backfill_is_stopped_and_only_one_runs(service: Service, tenant: Tenant) -> None:
    put(tenant)
    asked = {"since": "2026-01-01T00:00:00Z", "filter": {"agent_name": "a", "tags": {"k": "v"}}, "rate": 7}
    started = tenant.send("POST", f"{EVALUATORS}/judge/backfill", asked)
    assert (started.status, started.body["state"], started.body["rate"]) == (202, "running", 7)
    assert started.body["filter"]["tags"] == {"k": "v"}
    again = tenant.send("POST", f"{EVALUATORS}/judge/backfill", {})
    assert (again.status, again.error_code) == (409, "BACKFILL_RUNNING")
    stopped = tenant.request("DELETE", f"{EVALUATORS}/judge/backfill")
    assert stopped.body["state"] == "stopped"
    service.work()
    assert tenant.get(f"{EVALUATORS}/judge/backfill").body == stopped.body


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"more": 1},
        {"rate": 0},
        {"rate": True},
        {"rate": 1001},
        {"since": 1},
        {"since": "yesterday"},
        {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"filter": []},
        {"filter": {"odd": 1}},
        {"filter": {"model": 1}},
        {"filter": {"model": ""}},
        {"filter": {"tags": []}},
        {"filter": {"tags": {"k": 1}}},
    ],
)
def test_a_backfill_that_cannot_be_is_refused(tenant: Tenant, body: object) -> None:
    put(tenant)
    answer = tenant.send("POST", f"{EVALUATORS}/judge/backfill", body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")
    assert tenant.get(f"{EVALUATORS}/judge/backfill").status == 404


@pytest.mark.parametrize(
    "query",
    [
        {"since": "x"},
        {"since": "2026-02-30"},
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"since": "2020-01-01"},
        {"a": 1},
    ],
)
def test_days_that_cannot_be_are_refused(tenant: Tenant, query: dict[str, object]) -> None:
    put(tenant)
    assert tenant.get(f"{EVALUATORS}/judge/stats", **query).status == 400


def test_what_nobody_has_configured_is_not_found(tenant: Tenant) -> None:
    answers: list[Answer] = [
        tenant.get(f"{EVALUATORS}/nobody"),
        tenant.request("DELETE", f"{EVALUATORS}/nobody"),
        tenant.get(f"{EVALUATORS}/nobody/stats"),
        tenant.get(f"{EVALUATORS}/nobody/failures"),
        tenant.get(f"{EVALUATORS}/nobody/backfill"),
        tenant.request("DELETE", f"{EVALUATORS}/nobody/backfill"),
        tenant.send("POST", f"{EVALUATORS}/nobody/backfill", {}),
        tenant.send("POST", f"{EVALUATORS}/nobody/test", {"generation_id": "a"}),
        tenant.get(f"{EVALUATORS}/{'x' * 300}"),
    ]
    assert {one.status for one in answers} == {404}
