"""Conversations over HTTP: listed, put together from what names them, and rated."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.api import conversations
from tests.integration.api import items
from tests.integration.api.faults import failing
from tests.integration.api.service import Answer, Service, Tenant, running

pytestmark = pytest.mark.moto

GOOD, BAD = "CONVERSATION_RATING_VALUE_GOOD", "CONVERSATION_RATING_VALUE_BAD"
PATH = "/api/v1/conversations"
AT_ONCE = 6


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(SIGIL_AUTH_ENABLED="true") as started:
        yield started


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


def turn(number: int, conversation_id: str = "c-1", **fields: Any) -> dict[str, Any]:
    """The generation of one turn."""
    times = {"started_at": f"2026-03-01T10:00:{number:02d}Z", "completed_at": f"2026-03-01T10:00:{number:02d}.5Z"}
    return items.small(f"{conversation_id}-g{number}", conversation_id=conversation_id, **times, **fields)


def rate(tenant: Tenant, rating_id: str, rating: str = GOOD, conversation_id: str = "c-1", **fields: Any) -> Answer:
    path = f"{PATH}/{conversation_id}/ratings"
    return tenant.send("POST", path, {"rating_id": rating_id, "rating": rating, **fields})


def test_a_conversation_is_put_together_from_all_that_names_it(service: Service, tenant: Tenant) -> None:
    tenant.accept(
        turn(1, metadata={"sigil.conversation.title": "Old", "sigil.user.id": "ada"}),
        turn(2, metadata={"agento11y.conversation.title": "New"}),
        turn(3, call_error="402", output=[]),
    )
    step = {"id": "s", "conversation_id": "c-1", "step_name": "plan"}
    assert tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": [step]}).status == 202
    rate(tenant, "r", BAD)
    service.work()
    shown = tenant.get(f"{PATH}/c-1").body
    generations, steps = shown.pop("generations"), shown.pop("steps")
    summary = shown.pop("rating_summary")
    assert shown == {
        "id": "c-1",
        "conversation_id": "c-1",
        "title": "New",
        "user_id": "ada",
        "status_counts": {"in_progress": 0, "requires_action": 0, "completed": 2, "failed": 1},
        "error_count": 1,
        "token_count": None,
        "cost_usd": None,
        "generation_count": 3,
        "first_generation_at": "2026-03-01T10:00:01.000000Z",
        "last_generation_at": "2026-03-01T10:00:03.000000Z",
        "truncated": False,
        "next_cursor": None,
        "steps_cursor": None,
    }
    assert [item["id"] for item in generations] == ["c-1-g3", "c-1-g2", "c-1-g1"]
    assert generations[0] == tenant.get("/api/v1/generations", conversation_id="c-1").body["items"][0]
    assert [item["id"] for item in steps] == ["s"]
    assert (summary["total_count"], summary["has_bad_rating"]) == (1, True)


def test_pages_of_a_conversation_lead_on_here_and_in_the_list_of_generations(service: Service, tenant: Tenant) -> None:
    tenant.accept(*(turn(number) for number in range(5)))
    steps = [{"id": f"s-{number}", "conversation_id": "c-1", "step_name": "plan"} for number in range(3)]
    tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": steps})
    service.work()
    first = tenant.get(f"{PATH}/c-1", limit=2).body
    second = tenant.get(f"{PATH}/c-1", limit=2, cursor=first["next_cursor"]).body
    rest = tenant.get("/api/v1/generations", conversation_id="c-1", cursor=second["next_cursor"]).body
    ids = [item["id"] for page in (first["generations"], second["generations"], rest["items"]) for item in page]
    assert ids == [f"c-1-g{number}" for number in reversed(range(5))]
    more = tenant.get(f"{PATH}/c-1/workflow-steps", cursor=first["steps_cursor"]).body
    assert sorted(item["id"] for item in [*first["steps"], *more["items"]]) == ["s-0", "s-1", "s-2"]
    assert tenant.get(f"{PATH}/c-2", cursor=first["next_cursor"]).error_code == "MALFORMED"


def test_steps_have_the_room_that_generations_leave(
    service: Service, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.accept(turn(1))
    steps = [{"id": f"s-{number}", "conversation_id": "c-1", "step_name": "plan"} for number in range(3)]
    tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": steps})
    service.work()
    whole = tenant.get(f"{PATH}/c-1")
    monkeypatch.setattr(conversations, "RESPONSE_BYTES", whole.size - 500)
    shown = tenant.get(f"{PATH}/c-1").body
    assert shown["generations"] == whole.body["generations"]
    assert shown["steps"] == whole.body["steps"][: len(shown["steps"])] != whole.body["steps"]
    more = tenant.get(f"{PATH}/c-1/workflow-steps", cursor=shown["steps_cursor"]).body
    assert [*shown["steps"], *more["items"]] == whole.body["steps"]


@pytest.mark.parametrize("what", ["step", "rating"])
def test_a_conversation_may_be_known_by_one_thing_alone(tenant: Tenant, what: str) -> None:
    assert tenant.get(f"{PATH}/c-1").status == tenant.get(f"{PATH}/c-1/ratings").status == 404
    if what == "step":
        step = {"id": "s", "conversation_id": "c-1", "step_name": "plan"}
        tenant.send("POST", "/api/v1/workflow-steps:export", {"workflow_steps": [step]})
    else:
        assert rate(tenant, "r").status == 200
    shown = tenant.get(f"{PATH}/c-1")
    assert (shown.status, shown.body["generation_count"], shown.body["first_generation_at"]) == (200, 0, None)


def test_conversations_are_listed_by_first_sight_as_their_newest_generation_tells(
    service: Service, tenant: Tenant
) -> None:
    for name in ("c-1", "c-2", "c-3"):
        tenant.accept(turn(1, name, metadata={"conversation_title": f"first of {name}", "user.id": "ada"}))
        service.work()
    tenant.accept(turn(2, "c-1", metadata={"conversation_title": "second", "agento11y.user.id": "eve"}))
    service.work()
    for limit in (1, 2, 200):
        found = tenant.listed(limit, PATH)
        assert [item["id"] for item in found] == ["c-3", "c-2", "c-1"]
    assert found[2] == {
        "id": "c-1",
        "conversation_id": "c-1",
        "title": "second",
        "user_id": "eve",
        "created_at": found[2]["created_at"],
        "last_generation_at": "2026-03-01T10:00:02.000000Z",
    }
    assert (found[0]["title"], found[0]["user_id"]) == ("first of c-3", "ada")


def test_a_message_that_comes_twice_lists_a_conversation_once(service: Service, tenant: Tenant) -> None:
    tenant.accept(turn(1))
    messages = service.messages()
    assert service.deliver(messages) == service.deliver(messages) == []
    assert [item["id"] for item in tenant.listed(9, PATH)] == ["c-1"]


def test_a_rating_is_answered_as_clients_expect(tenant: Tenant) -> None:
    answer = rate(tenant, "r-1", BAD, comment="no", metadata={"a": 1}, generation_id="g", rater_id="me", source="ui")
    assert answer.status == 200
    rating, summary = answer.body["rating"], answer.body["summary"]
    assert rating == {
        "rating_id": "r-1",
        "conversation_id": "c-1",
        "rating": BAD,
        "created_at": rating["created_at"],
        "comment": "no",
        "metadata": {"a": 1},
        "generation_id": "g",
        "rater_id": "me",
        "source": "ui",
    }
    assert summary == {
        "total_count": 1,
        "good_count": 0,
        "bad_count": 1,
        "latest_rating": BAD,
        "latest_rated_at": rating["created_at"],
        "latest_bad_at": rating["created_at"],
        "has_bad_rating": True,
    }
    listed = tenant.get(f"{PATH}/c-1/ratings").body
    assert listed == {"items": [rating], "next_cursor": None, "summary": summary}


def test_the_same_rating_again_changes_nothing_and_another_is_a_conflict(tenant: Tenant) -> None:
    first = rate(tenant, "r", comment="fine", metadata={"n": 2})
    assert rate(tenant, "r", comment="fine", metadata={"n": 2.0}).body == first.body
    answer = rate(tenant, "r", BAD, comment="fine")
    assert (answer.status, answer.error_code) == (409, "CONFLICT")
    assert answer.body["error"]["message"] == "idempotency conflict"
    assert tenant.get(f"{PATH}/c-1/ratings").body["summary"] == first.body["summary"]


def test_ratings_at_the_same_time_are_all_counted_once(tenant: Tenant) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(lambda number: rate(tenant, f"r-{number % 3}").status, range(AT_ONCE)))
    assert statuses == [200] * AT_ONCE
    assert tenant.get(f"{PATH}/c-1/ratings").body["summary"]["total_count"] == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "the body must be an object"),
        ({}, "rating_id is required"),
        ({"rating_id": "  ", "rating": GOOD}, "rating_id is required"),
        ({"rating_id": "r"}, "rating is required"),
        ({"rating_id": "r", "rating": "GOOD"}, f"rating.rating: must be {GOOD} or {BAD}"),
        ({"rating_id": "r", "rating": 1}, f"rating.rating: must be {GOOD} or {BAD}"),
        ({"rating_id": "r" * 129, "rating": GOOD}, "rating_id must be at most 128 characters"),
        ({"rating_id": "r", "rating": GOOD, "source": "s" * 65}, "source must be at most 64 characters"),
        ({"rating_id": "r", "rating": GOOD, "comment": "é" * 2049}, "rating.comment: must be at most 4,096 bytes"),
        ({"rating_id": "r", "rating": GOOD, "metadata": {"a": "x" * 16_400}}, "metadata must be at most 16,384 bytes"),
        ({"rating_id": "r", "rating": GOOD, "unknown": "x" * 16_400}, "metadata must be at most 16,384 bytes"),
        ({"rating_id": "r", "rating": GOOD, "metadata": []}, "rating.metadata: must be an object"),
        ({"rating_id": "r", "rating": GOOD, "generation_id": "g" * 257}, "rating.generation_id: must be at most 256"),
    ],
)
def test_what_is_wrong_with_a_rating_is_told(tenant: Tenant, body: object, told: str) -> None:
    answer = tenant.send("POST", f"{PATH}/c-1/ratings", body)
    assert (answer.status, answer.error_code) == (400, "MALFORMED")
    assert answer.body["error"]["message"].startswith(told)
    assert tenant.get(f"{PATH}/c-1").status == 404


def test_what_nobody_knows_of_a_rating_is_kept(tenant: Tenant) -> None:
    answer = tenant.send("POST", f"{PATH}/c-1/ratings", {"ratingId": "r", "rating": GOOD, "raterId": "me", "new": [1]})
    rating = answer.body["rating"]
    assert (rating["rater_id"], rating["metadata"]) == ("me", {"unrecognized": {"new": [1]}})


def test_an_id_that_no_conversation_can_have_is_refused(tenant: Tenant) -> None:
    assert rate(tenant, "r", conversation_id="c" * 257).error_code == "MALFORMED"
    assert tenant.get(f"{PATH}/{'c' * 257}").status == 404
    assert rate(tenant, "r", conversation_id="a%2Fb%25").body["rating"]["conversation_id"] == "a/b%"
    assert tenant.get(f"{PATH}/a%2Fb%25").body["rating_summary"]["total_count"] == 1


def test_pages_of_ratings(tenant: Tenant) -> None:
    for number in range(5):
        assert rate(tenant, f"r-{number}").status == 200
    found: list[str] = []
    more: dict[str, object] = {}
    while len(found) < 5:
        page = tenant.get(f"{PATH}/c-1/ratings", limit=2, **more).body
        found += [item["rating_id"] for item in page["items"]]
        more = {"cursor": page["next_cursor"]}
    assert (found, page["next_cursor"]) == ([f"r-{number}" for number in reversed(range(5))], None)


def test_a_bad_rating_is_no_failing_evaluation(service: Service, tenant: Tenant) -> None:
    tenant.accept(turn(1), items.small("child", depends_on=["c-1-g1"]))
    rate(tenant, "r", BAD, generation_id="c-1-g1")
    service.work()
    assert (tenant.record("c-1-g1")["verdict"], tenant.record("child")["flagged"]) == ("unknown", False)


@pytest.mark.parametrize("path", ["", "/c-1", "/c-1/ratings", "/c-1/workflow-steps"])
def test_storage_that_is_down_is_told(tenant: Tenant, path: str) -> None:
    with failing("dynamodb") as failed:
        answer = tenant.get(f"{PATH}{path}")
    assert failed
    assert (answer.status, answer.error_code) == (503, "UNAVAILABLE")


def test_a_rating_that_could_not_be_stored_is_stored_by_a_retry(tenant: Tenant) -> None:
    with failing("dynamodb", "TransactWriteItems"):
        assert rate(tenant, "r").status == 503
    assert rate(tenant, "r").body["summary"]["total_count"] == 1
