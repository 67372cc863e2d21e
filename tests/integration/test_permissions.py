"""Each function's policy grants what the function calls, and nothing else."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters import aws
from chalicelib.adapters.provider_keys import ProviderKeys
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.provider import Provider
from chalicelib.services.lineage import flagging
from tests.contract.aws_ground import environment
from tests.fakes.providers import FakeProviders, said
from tests.integration.api import items, voker
from tests.integration.api.agents import AGENT, configured, generate, running_agents
from tests.integration.api.faults import failing
from tests.integration.api.keyed import KEYS, REQUIRED, holder
from tests.integration.api.service import Message, Service, Tenant
from tests.unit.services.running.world import calling

pytestmark = pytest.mark.moto

POLICIES = Path(__file__).parents[2] / ".chalice"
DUE, WRITER_GONE = timedelta(seconds=61), timedelta(minutes=6)
KNOWN = timedelta(seconds=40)  # until every process knows of an evaluator
STALE = timedelta(hours=2)
SERVICES = ("dynamodb", "sqs", "s3", "ssm", "secretsmanager")
# Operations whose permission has another name. A batch write needs its own, a transaction those of its parts.
RENAMED = {"sqs:SendMessageBatch": "sqs:SendMessage", "s3:ListObjectsV2": "s3:ListBucket"}
PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
# Lambda's pollers act with the function's role.
POLLING = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
CONVERSATION_PATHS = ("", "/ratings", "/workflow-steps")
FUNCTIONS = ["api", "process", "flag", "webhook", "purge", "run", "evaluate", "resend"]
KEYS_OF_PROVIDERS = {"ssm:GetParameter", "secretsmanager:GetSecretValue"}
# What no test here can see being used, and why it is granted.
UNSEEN = {
    # DeleteItem: a writer that lost a race takes its own row back. GetObject: whoever opens a signed link acts as its
    # signer. ListBucket: without it S3 says "forbidden" of an object that is missing. Keys: there is no provider here;
    # that reading one takes these calls and no others is seen below.
    "api": {"dynamodb:DeleteItem", "s3:GetObject", "s3:ListBucket", *KEYS_OF_PROVIDERS},
    "process": {*POLLING, "s3:ListBucket"},
    "flag": POLLING,
    # ChangeMessageVisibility is seen: it is how a notice is put off.
    "webhook": POLLING,
    # ListBucket: as above.
    "evaluate": {*POLLING, "s3:ListBucket"},
    # PutObject: what may stay of a generation with the longest ids it may depend on does not fit into a row.
    "purge": {*POLLING, "s3:PutObject"},
    # As of api and purge; keys as of api.
    "run": {*POLLING, "s3:ListBucket", *KEYS_OF_PROVIDERS},
    "resend": set[str](),
}


def granted(function: str) -> set[str]:
    """Actions of a function's policy on the product's own resources."""
    policy = json.loads((POLICIES / f"policy-{function}.json").read_text(encoding="utf-8"))
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    return {action for action in actions if action.partition(":")[0] in SERVICES}


@contextmanager
def recorded() -> Iterator[set[str]]:
    """The permissions that the calls made meanwhile need."""
    needed: set[str] = set()

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        service = model.service_model.service_name
        if model.name == "TransactWriteItems":
            needed.update(f"dynamodb:{PARTS[kind]}" for item in params["TransactItems"] for kind in item)
        else:
            name = f"{service}:{model.name}"
            needed.add(RENAMED.get(name, name))

    for service in SERVICES:
        aws.client(service).meta.events.register("provide-client-params", note)
    try:
        yield needed
    finally:
        for service in SERVICES:
            aws.client(service).meta.events.unregister("provide-client-params", note)


@pytest.fixture(scope="module")
def used() -> dict[str, set[str]]:
    """What each function was seen to need while it did everything it does."""
    seen: dict[str, set[str]] = {}
    settings = {
        "PAYLOAD_INLINE_BYTES": "1000",
        "WEBHOOK_ALLOWED_HOSTS": "localhost",
        "EVALUATOR_ALLOWED_HOSTS": "localhost",
        "RATE_LIMIT_ITEMS_PER_SECOND": "1000",
    }
    with running_agents(FakeProviders(calling("c"), said("Done.")), **REQUIRED, **settings) as service:
        tenant = holder(service)
        with recorded() as seen["api"]:
            use_the_api(service, tenant)
        with recorded() as seen["process"]:
            process_everything(service, service.messages())
        with recorded() as seen["flag"], pytest.MonkeyPatch.context() as patched:
            patched.setattr(flagging, "SLICE_SECONDS", -1)
            deliver_all(service, "flag")
            patched.undo()
            deliver_all(service, "flag")
            assert tenant.request("POST", "/api/v1/generations/root/waiver", b'{"reason": "known"}').status == 202
            deliver_all(service, "flag")
        with recorded() as seen["evaluate"]:
            evaluate_everything(service)
        with recorded() as seen["webhook"]:
            notice = service.messages("webhook")[0]
            assert service.deliver([notice], "webhook") == [notice]
        with recorded() as api_again:
            read_everything(tenant)
            tenant.request("DELETE", "/api/v1/webhook")
        with recorded() as purging:
            purge_everything(tenant)
        with recorded() as seen["purge"], pytest.MonkeyPatch.context() as patched:
            patched.setattr("chalicelib.services.purging.PAGE", 1)
            patched.setattr("chalicelib.services.purging.SLICE", timedelta(-1))
            for _ in range(3):
                deliver_all(service, "purge")
        with recorded() as running_agent:
            run_an_agent(tenant)
        with recorded() as seen["run"]:
            deliver_all(service, "run")
        with recorded() as answering:
            answer_its_tools(tenant)
        with recorded() as going_on:
            deliver_all(service, "run")
        with failing("sqs", "SendMessageBatch"):
            tenant.post([items.small("late")])
        with recorded() as seen["resend"]:
            service.clock.ahead += DUE
            service.resend()
            service.clock.ahead += WRITER_GONE
            service.resend()
            service.clock.ahead += STALE
            service.resend()
    api = seen["api"] | api_again | purging | running_agent | answering
    return {**seen, "api": api, "run": seen["run"] | going_on}


def evaluate_everything(service: Service) -> None:
    """Judged, asked in vain, given up, and a backfill from its first page to its end."""
    for _ in range(3):
        messages = service.messages("evaluate")
        for each in messages:
            if service.deliver([each], "evaluate"):
                assert service.deliver([last_try(each)], "evaluate") == []


def process_everything(service: Service, messages: list[Message]) -> None:
    """Twice, and a last time in vain."""
    assert service.deliver(messages) == []
    assert service.deliver(messages) == []
    with failing("dynamodb", "TransactWriteItems"):
        service.deliver([last_try(each) for each in messages])


def purge_everything(tenant: Tenant) -> None:
    """Asked for by id and by person; the person's large one is left to the worker to mark."""
    assert tenant.request("DELETE", "/api/v1/generations/g-1/content").status == 202
    assert tenant.request("DELETE", "/api/v1/people/person-2").status == 202


def deliver_all(service: Service, queue: str) -> None:
    """What is in a queue now."""
    assert service.deliver(service.messages(queue), queue) == []


def large(generation_id: str, text: str) -> dict[str, Any]:
    """A generation whose payload does not fit into the table, even compressed."""
    noise = "".join(f"{text}{number * 7919 % 10007:x}" for number in range(5000))
    return items.small(generation_id, system_prompt=noise, person_id="person-2")


def use_the_api(service: Service, tenant: Tenant) -> None:
    tenant.accept(items.complete("g-1"), large("g-2", "a"))
    tenant.accept(items.complete("g-1"), large("g-2", "a"))
    tenant.export(large("g-2", "b"))
    tenant.accept(items.failed("root"), *(items.small(f"c-{one}", depends_on=["root"]) for one in range(5)))
    assert tenant.request("PUT", "/api/v1/webhook", b'{"url": "http://localhost:9/"}').status == 200
    score = {"score_id": "s", "generation_id": "g-1", "evaluator_id": "e", "evaluator_version": "1"}
    body = json.dumps({"scores": [{**score, "score_key": "k", "value": {"bool": True}, "passed": True}]})
    assert tenant.request("POST", "/api/v1/scores:export", body.encode()).body["results"][0]["error"] == ""
    assert tenant.request("DELETE", "/api/v1/generations/g-1/waiver").status == 202
    key = tenant.request("POST", KEYS, b'{"name": "n", "role": "viewer"}').body
    assert tenant.request("DELETE", f"{KEYS}/{key['id']}").status == 200
    assert service.request("GET", "/readyz").status == 200
    use_evaluators(tenant)
    use_voker(tenant)
    use_runs(tenant)
    read_everything(tenant)


def use_evaluators(tenant: Tenant) -> None:
    path = "/api/v1/evaluators"
    regex = {"kind": "regex", "config": {"pattern": "x"}}
    hook = {"kind": "http", "config": {"url": "http://localhost:9/"}}
    missing = {"kind": "regex", "config": {"pattern": "x", "field": "metadata.missing"}}
    for name, body in {"regex": regex, "hook": hook, "missing": missing, "ended": regex}.items():
        assert tenant.send("PUT", f"{path}/{name}", body).status == 200
    assert tenant.send("POST", f"{path}/regex/test", {"generation_id": "g-1"}).status == 200
    tenant.service.clock.ahead += KNOWN
    for name in ("regex", "ended"):
        assert tenant.send("POST", f"{path}/{name}/backfill", {}).status == 202
    assert tenant.request("DELETE", f"{path}/ended/backfill").status == 200
    assert tenant.request("DELETE", f"{path}/ended").status == 200
    for each in ("", "/regex", "/regex?version=1", "/regex/stats", "/regex/failures", "/regex/backfill"):
        assert tenant.get(f"{path}{each}").status == 200


def use_runs(tenant: Tenant) -> None:
    """One that nobody will hear of, and one of a person who will be forgotten; both have said too much for a row."""
    for generation_id, person in (("silent", "person-1"), ("forgotten", "person-2")):
        tenant.send("POST", "/api/v1/generations", {"id": generation_id, "person_id": person})
        for text in "ab":
            move = {"output": large("x", text)["system_prompt"]}
            assert tenant.send("PATCH", f"/api/v1/generations/{generation_id}", move).status == 200


def run_an_agent(tenant: Tenant) -> None:
    """In a session too, and once for a worker: that one has said too much for a row."""
    configured(tenant, system_prompt=large("x", "c")["system_prompt"])
    assert tenant.get(f"{AGENT}/run-config").status == 200
    session = f"{AGENT}/sessions/{tenant.send('POST', f'{AGENT}/sessions', {}).body['id']}"
    assert tenant.send("POST", f"{session}/messages", {"message": "Hi"}).status == 201
    assert generate(tenant, query="?async=true", idempotency_key="later").status == 202


def answer_its_tools(tenant: Tenant) -> None:
    body = {"tool_outputs": [{"tool_call_id": "c", "output": large("x", "d")["system_prompt"]}]}
    assert tenant.send("POST", f"{AGENT}/generate/later/tool-outputs?async=true", body).status == 202


def use_voker(tenant: Tenant) -> None:
    voker.fingerprint(tenant)
    voker.accepted(voker.post(tenant, voker.event(agent="guide", person="ada", session="s")))
    assert tenant.send("PUT", "/api/v1/people/ada", {"properties": {"a": 1}}).status == 200
    for path in ("people", "people/ada", "sessions/s", "agents/guide/agent-versions/default"):
        assert tenant.get(f"/api/v1/{path}").status == 200


def read_everything(tenant: Tenant) -> None:
    for generation_id in ("g-1", "g-2", "nothing"):
        tenant.read(generation_id)
        tenant.get(f"/api/v1/generations/{generation_id}/dependents")
        tenant.get(f"/api/v1/generations/{generation_id}/lineage")
        tenant.get(f"/api/v1/generations/{generation_id}/scores")
    tenant.listed()
    tenant.get("/api/v1/generations", flagged="true")
    tenant.get("/api/v1/webhook")
    tenant.get("/api/v1/generations", fields="full")
    tenant.get("/api/v1/agents")
    tenant.get("/api/v1/agents/tester")
    use_conversations(tenant)
    for path in ("", "/trace-9", "/trace-9/generations", "/trace-9/tree"):
        tenant.get(f"/api/v1/traces{path}")


def use_conversations(tenant: Tenant) -> None:
    """Steps with states too long for a row, one of them emptied; a rating; and all that shows them."""
    states = {"text": random.Random(1).randbytes(20_000).hex()}
    common = {"conversation_id": "c", "step_name": "plan", "linked_generation_ids": ["g-1", "g-2"]}
    steps = [{"id": f"step-{number}", **common, "input_state": states} for number in range(2)]
    for _ in range(2):
        answer = tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": steps})
        assert {result["error"] for result in answer.body["results"]} == {""}
    assert tenant.request("DELETE", "/api/v1/workflow-steps/step-1/content").status == 200
    rating = {"rating_id": "r", "rating": "CONVERSATION_RATING_VALUE_GOOD", "generation_id": "g-1"}
    assert tenant.send("POST", "/api/v1/conversations/c/ratings", rating).status == 200
    for path in ("workflow-steps/step-0", "conversations", *(f"conversations/c{end}" for end in CONVERSATION_PATHS)):
        assert tenant.get(f"/api/v1/{path}").status == 200


def last_try(message: dict[str, Any]) -> dict[str, Any]:
    """A message that goes to the dead letters if it fails once more."""
    return {**message, "Attributes": {**message["Attributes"], "ApproximateReceiveCount": "5"}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_all_that_it_does(used: dict[str, set[str]], function: str) -> None:
    assert used[function] - granted(function) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_nothing_that_it_does_not(used: dict[str, set[str]], function: str) -> None:
    assert granted(function) - used[function] - UNSEEN[function] == set()


def test_the_keys_of_providers_are_read_with_what_is_granted() -> None:
    keys = ProviderKeys()
    with environment(None), mock_aws(), recorded() as needed:
        for place in ("ssm:/catchment/a", "secretsmanager:catchment/a"):
            with pytest.raises(Unavailable):
                keys.of(Provider("p", "openai-chat", "https://api.example", "openai", place))
    assert needed == KEYS_OF_PROVIDERS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_what_is_catchments_own_may_be_read_as_a_key(function: str) -> None:
    policy = json.loads((POLICIES / f"policy-{function}.json").read_text(encoding="utf-8"))
    resources = [
        statement["Resource"]["Fn::Sub"].rpartition(":${AWS::AccountId}:")[2]
        for statement in policy["Statement"]
        if KEYS_OF_PROVIDERS.intersection(statement["Action"])
    ]
    assert resources in ([], ["parameter/catchment/*", "secret:catchment/*"])
