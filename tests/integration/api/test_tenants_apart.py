"""Whatever a tenant asks for by another's ids, on every route: it learns nothing, and changes nothing there."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from chalicelib.api.routing import Operation
from tests.fakes.providers import FakeProviders
from tests.integration.api import items, voker
from tests.integration.api.agents import ASKED, CONFIG, running_agents
from tests.integration.api.exchanges import chat
from tests.integration.api.keyed import KEYS, REQUIRED, Holder, filled, holder, routes
from tests.integration.api.service import Answer, Service

pytestmark = pytest.mark.moto

SECRET = "nobody else must know"
# What belongs to the owner, by the name of the path parameter that names it. A route with a parameter of another name
# makes these tests fail until it is told here what the owner has of it.
OWNED: dict[str, Callable[["Owner"], list[str]]] = {
    "generation_id": lambda _: ["root", "child", "plain"],
    "agent_name": lambda _: ["secret-agent"],
    "agent_version_name": lambda _: ["v-secret"],
    "person_id": lambda _: ["p-1"],
    "session_id": lambda _: ["s-1"],
    "trace_id": lambda _: ["t-1"],
    "conversation_id": lambda _: ["c-1"],
    "step_id": lambda _: ["step-1"],
    "fingerprint_id": lambda _: [voker.FINGERPRINT_ID],
    "evaluator_id": lambda _: ["secret-judge"],
    "key_id": lambda owner: [owner.holder.key.id, owner.second_key],
}
# What asks for the owner's things in another place than the path.
QUERIES = {
    "agents:LookupAgent": ["?name=secret-agent"],
    "agents:ListAgentVersions": ["?name=secret-agent"],
    "generations:ListGenerations": [
        "",
        "?root=root",
        "?flagged=true",
        "?status=failed",
        "?agent_name=secret-agent",
        "?conversation_id=c-1",
        "?trace_id=t-1",
        "?session_id=s-1",
        "?person_id=p-1",
        "?tag.env=prod",
        "?fields=full",
    ],
}
STEP = {"id": "step-1", "conversation_id": "c-1", "step_name": "plan", "linked_generation_ids": ["plain"]}
RATING = {"rating_id": "r-1", "rating": "CONVERSATION_RATING_VALUE_BAD"}
SCORE = {"score_id": "s-1", "generation_id": "root", "evaluator_id": "e", "evaluator_version": "1", "score_key": "k"}
OUTPUTS = {"tool_outputs": [{"tool_call_id": "c", "output": "theirs"}]}
# Bodies that would change the owner's things, if they reached them.
BODIES: dict[str, Any] = {
    "generations:ExportGenerations": {"generations": [items.small("root"), items.small("new", depends_on=["plain"])]},
    "generations:CreateGeneration": {"id": "run", "depends_on": ["plain"]},
    "generations:UpdateGeneration": {"status": "completed", "output": "theirs"},
    "generations:IngestExchange": chat(request_id="root"),
    "generations:IngestExchanges": {"exchanges": [chat(request_id="root"), chat(depends_on=["plain"])]},
    "generations:WaiveGeneration": {"reason": "not mine"},
    "scores:ExportScores": {"scores": [{**SCORE, "value": {"bool": True}, "passed": True}]},
    "events:CreateEvent": voker.event(agent="secret-agent", agent_version="v-theirs", person="p-1", session="s-1"),
    "fingerprints:CreateFingerprint": {**voker.SURROUNDINGS, "theirs": True},
    "people:CreatePerson": {"person_id": "p-1", "properties": {"name": "theirs"}},
    "people:UpdatePerson": {"properties": {"name": "theirs"}},
    "agents:CreateAgent": {"agent_name": "secret-agent", "description": "theirs"},
    "agents:CreateAgentVersion": {"agent_version_name": "v-secret", "description": "theirs"},
    "workflow-steps:ExportWorkflowSteps": {"workflow_steps": [{**STEP, "step_name": "theirs"}]},
    "conversations:RateConversation": {**RATING, "comment": "theirs"},
    "webhook:PutWebhook": {"url": "http://localhost:9/theirs"},
    "agents:PutRunConfig": {"provider": "main", "model": "theirs"},
    "agents:CreateAgentGeneration": {**ASKED, **OUTPUTS},
    "sessions:AddMessage": {"message": "theirs"},
    "sessions:CreateSessionGeneration": OUTPUTS,
    "evaluators:PutEvaluator": {"kind": "regex", "config": {"pattern": "theirs"}},
    "evaluators:TryEvaluator": {"generation_id": "root"},
    "keys:CreateKey": {"name": "theirs", "role": "admin"},
}
# Routes without the owner's ids in their path, which answer to anybody out of what is the caller's own.
OWN = {*BODIES, "webhook:DeleteWebhook"}
# What names a thing of the owner's in its body, which is not there for anybody else.
FOREIGN = {"events:CreateEvent"}
# Routes that make what their path names, for the caller.
MADE_BY_PUT = {"agents:PutRunConfig", "evaluators:PutEvaluator"}
# Routes that say the same whether or not anybody of that id is known.
INDIFFERENT = {"people:DeletePerson"}
# Routes that make something of the caller's own under the id in the path.
MAKING = {"conversations:RateConversation"}


@dataclass
class Owner:
    """A tenant that has something of everything."""

    holder: Holder
    second_key: str


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_agents(FakeProviders(), **REQUIRED, WEBHOOK_ALLOWED_HOSTS="localhost", INDEXED_TAGS="env") as started:
        yield started


@pytest.fixture(scope="module")
def owner(service: Service) -> Owner:
    made = holder(service)
    common: dict[str, Any] = {
        "agent_name": "secret-agent",
        "system_prompt": SECRET,
        "conversation_id": "c-1",
        "trace_id": "t-1",
        "session_id": "s-1",
        "person_id": "p-1",
        "tags": {"env": "prod"},
    }
    made.accept(
        items.failed("root", **common),
        items.small("child", depends_on=["root"], **common),
        items.small("plain", depends_on=["child"], **common),
    )
    score = json.dumps({"scores": [{**SCORE, "value": {"bool": False}, "passed": False, "explanation": SECRET}]})
    assert made.request("POST", "/api/v1/scores:export", score.encode()).status == 202
    step = {**STEP, "input_state": {"told": SECRET}}
    assert made.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": [step]}).status == 202
    assert made.send("POST", "/api/v1/conversations/c-1/ratings", {**RATING, "comment": SECRET}).status == 200
    assert made.request("PUT", "/api/v1/webhook", b'{"url": "http://localhost:9/mine"}').status == 200
    assert voker.fingerprint(made)
    judge = {"kind": "regex", "config": {"pattern": SECRET, "field": "metadata.missing"}}
    assert made.send("PUT", "/api/v1/evaluators/secret-judge", judge).status == 200
    assert made.send("POST", "/api/v1/evaluators/secret-judge/backfill", {}).status == 202
    person = {"person_id": "p-1", "properties": {"name": SECRET}}
    assert made.send("PUT", "/api/v1/people", person).status == 200
    version = {"agent_version_name": "v-secret", "description": SECRET}
    second = made.request("POST", KEYS, b'{"name": "second", "role": "viewer"}').body["id"]
    work(service)
    assert made.send("PUT", "/api/v1/agents/secret-agent/agent-versions", version).status == 200
    config = {**CONFIG, "system_prompt": SECRET}
    assert made.send("PUT", "/api/v1/agents/secret-agent/run-config", config).status == 200
    return Owner(made, second)


def work(service: Service) -> None:
    """Everything but notices, which nobody takes."""
    for _ in range(20):
        queued = {queue: service.messages(queue) for queue in ("process", "flag", "purge", "run", "evaluate")}
        for queue, messages in queued.items():
            for message in messages:
                assert service.deliver([message], queue) == []
        if not any(queued.values()):
            return
    raise AssertionError("the work does not end")


def parameters(path: str) -> list[str]:
    """The names of a path's parameters."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def urls(operation: Operation, path: str, owner: Owner) -> list[str]:
    """A route asked for each of the owner's things."""
    owned = [[(name, one) for one in OWNED[name](owner)] for name in parameters(path)]
    paths = [filled(path, dict(named)) for named in product(*owned)]
    return [f"{each}{query}" for each in paths for query in QUERIES.get(operation.action, [""])]


def guarded(*methods: str) -> list[tuple[Operation, str]]:
    """The routes that ask who is calling."""
    return [(one, path) for one, path in routes() if one.role is not None and one.method in methods]


def ask(caller: Holder, operation: Operation, url: str) -> Answer:
    """One request of a route, with a body that would change something."""
    return caller.request(operation.method, url, json.dumps(BODIES.get(operation.action, {})).encode())


def seen(owner: Owner) -> dict[str, Any]:
    """All that the owner sees of its own."""
    found = {}
    for operation, path in guarded("GET"):
        for url in urls(operation, path, owner):
            answer = ask(owner.holder, operation, url)
            assert answer.status == 200, (url, answer.body)
            found[url] = answer.body
    return found


@pytest.fixture(scope="module")
def before(owner: Owner) -> dict[str, Any]:
    """What the owner saw before any stranger came."""
    return seen(owner)


def named(operations: list[tuple[Operation, str]]) -> list[Any]:
    return [pytest.param(one, path, id=f"{one.method} {path}") for one, path in operations]


def test_every_route_says_how_its_owner_s_things_are_named() -> None:
    """A new path parameter needs a line in OWNED, a new body that changes something one in BODIES."""
    unknown = {name for _, path in routes() for name in parameters(path)} - set(OWNED)
    assert unknown == set(), "say in OWNED what the owner has of it"
    changing = {one.action for one, path in guarded("POST", "PUT", "PATCH") if not parameters(path)}
    assert changing - set(BODIES) == set(), "say in BODIES what would change something"


def test_the_owner_has_something_of_everything(owner: Owner) -> None:
    """Otherwise the tests below would prove nothing."""
    found = seen(owner)
    for operation, path in guarded("GET"):
        assert any(found[url].get("items", True) for url in urls(operation, path, owner)), path
    assert SECRET in json.dumps(found)


@pytest.mark.parametrize(("operation", "path"), named(guarded("GET")))
def test_nothing_of_another_tenant_can_be_read(service: Service, owner: Owner, operation: Operation, path: str) -> None:
    stranger = holder(service)
    for url in urls(operation, path, owner):
        answer = ask(stranger, operation, url)
        if answer.status == 200:
            items_listed = [item for item in answer.body["items"] if item["id"] != stranger.key.id]
            assert (items_listed, answer.body["next_cursor"]) == ([], None), url
        else:
            assert (answer.status, answer.error_code) == (404, "NOT_FOUND"), url
        assert SECRET not in json.dumps(answer.body)


@pytest.mark.parametrize(("operation", "path"), named(guarded("POST", "PUT", "PATCH", "DELETE")))
@pytest.mark.usefixtures("before")
def test_nothing_of_another_tenant_can_be_asked_to_change(
    service: Service, owner: Owner, operation: Operation, path: str
) -> None:
    stranger = holder(service)
    for url in urls(operation, path, owner):
        answer = ask(stranger, operation, url)
        if operation.action in INDIFFERENT:
            assert answer.status == 202, answer.body
        elif operation.action in MADE_BY_PUT:
            assert answer.status == 200, answer.body
        elif operation.action in MAKING:
            assert answer.body["summary"]["total_count"] == 1, answer.body
        elif parameters(path) or operation.action in FOREIGN:
            assert (answer.status, answer.error_code.removeprefix("GENERATION_")) == (404, "NOT_FOUND"), url
        else:
            assert operation.action in OWN
            assert answer.status < 300, answer.body
        assert SECRET not in json.dumps(answer.body)


def test_the_owner_sees_what_it_saw_before_all_these_strangers(
    service: Service, owner: Owner, before: dict[str, Any]
) -> None:
    """Once for all routes: looking at everything after each of them would take minutes."""
    work(service)
    assert seen(owner) == before


def test_a_stranger_who_has_the_same_ids_sees_its_own(service: Service, owner: Owner, before: dict[str, Any]) -> None:
    stranger = holder(service)
    stranger.accept(items.small("root"), items.small("child", depends_on=["root"]))
    work(service)
    assert stranger.record("root")["status"] == "completed"
    assert stranger.record("child")["flags"] == []
    assert stranger.get("/api/v1/generations/root/scores").body["items"] == []
    assert SECRET not in json.dumps(stranger.get("/api/v1/generations/root/lineage").body)
    assert seen(owner) == before


def test_another_tenant_s_cursors_lead_nowhere(service: Service, owner: Owner) -> None:
    stranger = holder(service)
    for path in ("/api/v1/generations", KEYS):
        cursor = owner.holder.get(path, limit=1).body["next_cursor"]
        assert cursor is not None
        assert stranger.get(path, cursor=cursor).error_code == "MALFORMED"
