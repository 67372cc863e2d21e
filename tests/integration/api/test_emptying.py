"""An admin takes content away: what steps, ratings and conversations have told of it is gone, too."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.api import items
from tests.integration.api.service import Service, Tenant, running

pytestmark = pytest.mark.moto

SECRET = "unspeakable"
AFTER_ALL_WRITERS = timedelta(minutes=6)
STEP: dict[str, Any] = {
    "id": "s-1",
    "conversation_id": "c-1",
    "step_name": "plan",
    "input_state": {"told": SECRET},
    "error": SECRET,
    "tags": {"env": "prod"},
    "linked_generation_ids": ["g-1"],
}
STEP_PATH, CONVERSATIONS = "/api/v1/workflow-steps/s-1", "/api/v1/conversations"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="false") as started:
        yield started


@pytest.fixture
def admin(service: Service) -> Tenant:
    service.forget_everything()
    return service.tenant()


def export(admin: Tenant) -> None:
    answer = admin.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": [STEP]})
    assert answer.body == {"results": [{"step_id": "s-1", "accepted": True, "error": ""}]}


def told(admin: Tenant) -> str:
    """Everything that there is to see of the conversation."""
    paths = (STEP_PATH, CONVERSATIONS, *(f"{CONVERSATIONS}/c-1{end}" for end in ("", "/ratings", "/workflow-steps")))
    answers = [admin.get(path) for path in paths]
    assert {answer.status for answer in answers} == {200}
    return json.dumps([answer.body for answer in answers])


def test_a_step_is_emptied_at_once_and_a_retry_restores_nothing(admin: Tenant) -> None:
    assert admin.request("DELETE", f"{STEP_PATH}/content").status == 404
    export(admin)
    first = admin.request("DELETE", f"{STEP_PATH}/content")
    assert (first.status, set(first.body)) == (200, {"step_id", "content_purged_at"})
    export(admin)
    assert admin.request("DELETE", f"{STEP_PATH}/content").body == first.body
    shown = admin.get(STEP_PATH).body
    assert shown["content_purged_at"] == first.body["content_purged_at"]
    assert (shown["input_state"], shown["error"], shown["tags"]) == ({}, {"message": "[PURGED]"}, {"env": "prod"})
    assert SECRET not in json.dumps(admin.get(f"{CONVERSATIONS}/c-1").body)


@pytest.mark.parametrize("by", ["generation", "person"])
def test_what_a_purged_generation_has_left_in_its_conversation_goes_with_it(
    service: Service, admin: Tenant, by: str
) -> None:
    metadata = {"conversation_title": SECRET, "user.id": SECRET}
    admin.accept(items.small("g-1", person_id="ada", metadata=metadata))
    export(admin)
    rating = {"rating_id": "r", "rating": "CONVERSATION_RATING_VALUE_BAD", "generation_id": "g-1", "comment": SECRET}
    assert admin.send("POST", f"{CONVERSATIONS}/c-1/ratings", rating).status == 200
    service.work()
    assert told(admin).count(SECRET) >= 8
    path = "/api/v1/generations/g-1/content" if by == "generation" else "/api/v1/people/ada"
    assert admin.request("DELETE", path).status == 202
    service.work()
    assert SECRET not in told(admin)
    assert admin.send("POST", f"{CONVERSATIONS}/c-1/ratings", rating).body["rating"]["comment"] == ""
    export(admin)
    service.clock.ahead += AFTER_ALL_WRITERS
    service.resend()
    service.work()
    assert SECRET not in told(admin)
    assert admin.get(f"{CONVERSATIONS}/c-1/ratings").body["summary"]["bad_count"] == 1
