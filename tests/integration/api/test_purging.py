"""Purging over HTTP: gone at once for readers, and soon from everywhere; what is no content stays."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib.adapters.dynamodb.attributes import plain
from tests.contract.aws_ground import readable
from tests.integration.api import items
from tests.integration.api.faults import failing
from tests.integration.api.service import Answer, Service, Tenant, running

pytestmark = pytest.mark.moto

SECRET = "unspeakable"
NOISE = "".join(f"{number * 7919 % 10007:x}" for number in range(5000))
AFTER_ALL_WRITERS = timedelta(minutes=6)


@pytest.fixture
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="false", PAYLOAD_INLINE_BYTES="1000") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


def telling(generation_id: str, **fields: object) -> dict[str, Any]:
    """A generation that must not be told of."""
    return items.small(generation_id, system_prompt=SECRET, metadata={"told": SECRET}, call_error=SECRET, **fields)


def score(tenant: Tenant, generation_id: str) -> None:
    sent: dict[str, Any] = {"score_id": f"s-{generation_id}", "generation_id": generation_id, "evaluator_id": "judge"}
    sent |= {"evaluator_version": "1", "score_key": "k", "value": {"bool": False}, "passed": False}
    body = json.dumps({"scores": [{**sent, "explanation": SECRET}]})
    assert tenant.request("POST", "/api/v1/scores:export", body.encode()).status == 202


def purge(tenant: Tenant, generation_id: str) -> Answer:
    return tenant.request("DELETE", f"/api/v1/generations/{generation_id}/content")


def rest(service: Service) -> None:
    """Let the last clean-up come and go."""
    service.work()
    for _ in range(2):
        service.clock.ahead += AFTER_ALL_WRITERS
        service.resend()
        service.work()


def everything() -> str:
    """All rows and objects of all tenants, readable."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName="catchment")
    values = [value for page in pages for row in page["Items"] for value in plain(row).values()]
    s3 = boto3.client("s3")
    names = [each["Key"] for each in s3.list_objects_v2(Bucket="payloads").get("Contents", [])]
    bodies = [s3.get_object(Bucket="payloads", Key=name)["Body"].read() for name in names]
    return "\n".join(map(readable, [*values, *bodies]))


def test_the_content_of_a_generation_goes_and_the_rest_stays(service: Service, tenant: Tenant) -> None:
    tenant.accept(telling("small"), telling("large", input=[NOISE]), items.small("child", depends_on=["small"]))
    service.work()
    score(tenant, "small")
    service.work()
    before = {one: tenant.record(one) for one in ("small", "child")}
    assert SECRET in everything()

    answers = [purge(tenant, "small"), purge(tenant, "large")]
    assert [answer.status for answer in answers] == [202, 202]
    after = tenant.record("small")
    assert answers[0].body == {"generation_id": "small", "content_purged_at": after["content_purged_at"]}
    emptied: dict[str, Any] = {
        "system_prompt": None,
        "input": [],
        "output": [],
        "tools": [],
        "prompt": None,
        "completion": None,
    }
    told = {"metadata": {}, "error": {"message": "[PURGED]"}, "content_purged_at": after["content_purged_at"]}
    assert after == {**before["small"], **emptied, **told}
    assert purge(tenant, "small").body == answers[0].body

    rest(service)
    assert tenant.record("small") == after
    assert "payload_url" not in tenant.record("large")
    assert tenant.record("child") == before["child"]
    assert tenant.listed_ids() == tenant.listed_ids(agent_name="tester")
    assert sorted(tenant.listed_ids(status="failed", verdict="fail")) == ["small"]
    assert tenant.listed_ids(flagged="true") == ["child"]
    [kept] = tenant.get("/api/v1/generations/small/scores").body["items"]
    assert (kept["passed"], kept["explanation"], kept["metadata"]) == (False, None, {})
    assert tenant.get("/api/v1/agents/tester").body["generation_count"] == 3
    assert SECRET not in everything()


def test_a_late_retry_is_accepted_and_restores_nothing(service: Service, tenant: Tenant) -> None:
    generations = [telling("g"), telling("large", input=[NOISE])]
    tenant.accept(*generations)
    purge(tenant, "g")
    purge(tenant, "large")
    rest(service)
    tenant.accept(*generations)
    rest(service)
    assert tenant.record("g")["input"] == []
    assert tenant.get("/api/v1/agents/tester").body["generation_count"] == 2
    assert SECRET not in everything()
    assert NOISE[:100] not in everything()


def test_a_person_goes_with_what_still_arrives(service: Service, tenant: Tenant) -> None:
    tenant.accept(*(telling(f"g-{number}", person_id="ada/1") for number in range(3)))
    tenant.accept(items.small("other", person_id="byron"))
    person = json.dumps({"person_id": "ada/1", "properties": {"name": SECRET}}).encode()
    assert tenant.request("PUT", "/api/v1/people", person).body["properties"] == {"name": SECRET}
    service.work()
    answer = tenant.request("DELETE", "/api/v1/people/ada%2F1")
    assert (answer.status, answer.body) == (202, {"person_id": "ada/1", "status": "accepted"})
    service.work()
    tenant.accept(telling("late", person_id="ada/1"))
    rest(service)
    purged = {each["id"]: each["content_purged_at"] is not None for each in tenant.listed()}
    assert purged == {"g-0": True, "g-1": True, "g-2": True, "late": True, "other": False}
    assert len(tenant.listed_ids(person_id="ada/1")) == 4
    assert tenant.record("other")["prompt"] == "question other"
    assert tenant.get("/api/v1/people/ada%2F1").body["properties"] is None
    assert tenant.get("/api/v1/people").body["items"] == []
    assert SECRET not in everything()


def test_what_cannot_be_purged(service: Service, tenant: Tenant) -> None:
    assert purge(tenant, "unknown").status == 404
    assert purge(tenant, "x" * 300).status == 404
    assert tenant.request("DELETE", "/api/v1/generations/g/content?force=1").status == 400
    assert tenant.request("DELETE", f"/api/v1/people/{'x' * 300}").error_code == "MALFORMED"
    assert tenant.request("DELETE", "/api/v1/people/nobody").status == 202
    service.work()


def test_only_an_admin_may_purge() -> None:
    with running(SIGIL_AUTH_ENABLED="true") as service:
        tenant = service.tenant()
        tenant.accept(items.small("g"))
        for path, action in (
            ("/api/v1/generations/g/content", "generations:PurgeGenerationContent"),
            ("/api/v1/people/p", "people:DeletePerson"),
        ):
            answer = tenant.request("DELETE", path)
            assert (answer.status, answer.body["error"]["meta"]) == (403, {"action": action})
        assert tenant.record("g")["content_purged_at"] is None


def test_a_purge_that_cannot_be_promised_changes_nothing(service: Service, tenant: Tenant) -> None:
    tenant.accept(telling("g"))
    with failing("dynamodb", "BatchWriteItem"):
        assert purge(tenant, "g").status == 503
    assert tenant.record("g")["system_prompt"] == SECRET
    with failing("sqs", "SendMessageBatch"):
        assert purge(tenant, "g").status == 202
    rest(service)
    assert SECRET not in everything()


def test_a_purge_that_fails_for_good_is_told(
    service: Service, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    tenant.accept(telling("g"))
    purge(tenant, "g")
    [message] = service.messages("purge")
    last = {**message, "Attributes": {**message["Attributes"], "ApproximateReceiveCount": "5"}}
    with failing("s3", "ListObjectsV2"):
        assert service.deliver([last], "purge") == [last]
    assert caplog.messages.count("purge_given_up") == 1
    assert service.deliver([message], "purge") == []


def test_a_trace_does_not_tell_why_what_is_purged_has_failed(service: Service, tenant: Tenant) -> None:
    tenant.accept(telling("g-1", trace_id="t"))
    service.work()
    assert SECRET in json.dumps(tenant.get("/api/v1/traces/t").body)
    assert purge(tenant, "g-1").status == 202
    found = tenant.get("/api/v1/traces/t").body
    assert (found["status"], found["error"]) == ("failed", tenant.record("g-1")["error"])
    assert SECRET not in json.dumps(found)


def test_a_forgotten_person_can_be_met_again_but_nothing_is_kept_of_them(service: Service, tenant: Tenant) -> None:
    person = json.dumps({"person_id": "ada", "properties": {"name": SECRET}}).encode()
    tenant.request("PUT", "/api/v1/people", person)
    tenant.request("DELETE", "/api/v1/people/ada")
    assert tenant.get("/api/v1/people/ada").status == 404
    again = tenant.request("PUT", "/api/v1/people", person)
    changed = tenant.request("PATCH", "/api/v1/people/ada", json.dumps({"properties": {"name": SECRET}}).encode())
    assert (again.status, again.body["properties"], changed.status) == (200, None, 200)
    rest(service)
    assert SECRET not in everything()
