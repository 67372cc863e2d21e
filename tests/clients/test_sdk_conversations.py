"""Steps and ratings as the real SDKs of the protocol send them, under both of its names."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import told_by
from tests.e2e.generations import call, wait_until_processed

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

SCRIPT = Path(__file__).parent / "conversation_calls.py"
ENVIRONMENTS = {"sigil": "sigil_sdk", "agento11y": "agento11y"}
SECONDS = 10


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    """The name of each environment in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def name(environment: str) -> str:
    """What all ids of one environment begin with; it takes escaping in a path."""
    return f"{environment} 50%"


@pytest.fixture(scope="module")
def told(running_service: str, environment: str, name: str) -> dict[str, Any]:
    """What the script told, once all that it sent is processed."""
    result: dict[str, Any] = told_by(environment, SCRIPT, ENVIRONMENTS[environment], running_service, name)
    for number in (1, 2):
        wait_until_processed(running_service, quoted(f"{name}-g{number}"), SECONDS)
    return result


def quoted(text: str) -> str:
    return text.replace("%", "%25").replace(" ", "%20")


def test_nothing_is_complained_of_and_a_batch_sent_twice_is_welcome(told: dict[str, Any]) -> None:
    assert told["wrong"] == []


def test_a_rating_is_understood_and_its_conflict_is_known_as_one(told: dict[str, Any], name: str) -> None:
    first, again, other, second = told["ratings"]
    assert again == first
    assert (first["rating"]["conversation_id"], first["rating"]["comment"]) == (name, "no")
    assert (first["summary"]["total_count"], first["summary"]["has_bad_rating"]) == (1, True)
    assert (other, told["refused"]) == ("RatingConflictError", "ValidationError")
    assert (second["summary"]["total_count"], second["summary"]["bad_count"]) == (2, 2)


def test_a_step_reads_back_as_it_was_told(running_service: str, told: dict[str, Any], name: str) -> None:
    assert told
    status, step = call(f"{running_service}/api/v1/workflow-steps/{quoted(name)}-s2")
    assert status == 200
    assert step == {
        "id": f"{name}-s2",
        "step_id": f"{name}-s2",
        "conversation_id": name,
        "step_name": "node 2",
        "framework": "langgraph",
        "started_at": "2026-03-01T10:00:02.000000Z",
        "completed_at": "2026-03-01T10:00:02.500000Z",
        "agent_name": f"{name}-agent",
        "agent_version": None,
        "trace_id": None,
        "span_id": None,
        "status": "failed",
        "error": {"message": "boom"},
        "tags": {"kind": "chain", "fleet": "a"},
        "linked_generation_ids": [f"{name}-g2"],
        "parent_step_ids": [f"{name}-s1"],
        "created_at": step["created_at"],
        "content_purged_at": None,
        "input_state": {"messages": ["Zürich?"], "count": 2, "share": 0.5},
        "output_state": {"answer": None},
        "metadata": {"run": 2},
    }


def test_the_conversation_shows_all_of_it(running_service: str, told: dict[str, Any], name: str) -> None:
    assert told
    _, shown = call(f"{running_service}/api/v1/conversations/{quoted(name)}")
    assert (shown["title"], shown["user_id"], shown["generation_count"]) == ("Trip", "ada", 2)
    assert [item["id"] for item in shown["generations"]] == [f"{name}-g2", f"{name}-g1"]
    assert [item["id"] for item in shown["steps"]] == [f"{name}-s2", f"{name}-s1"]
    assert shown["rating_summary"]["total_count"] == 2
    _, page = call(f"{running_service}/api/v1/conversations?limit=200")
    assert name in [item["id"] for item in page["items"]]
    _, drawn = call(f"{running_service}/api/v1/generations/{quoted(name)}-g2/lineage")
    assert drawn["edges"] == [
        {"from": f"{name}-s2", "to": f"{name}-g2", "from_kind": "step"},
        {"from": f"{name}-s1", "to": f"{name}-s2", "from_kind": "step", "to_kind": "step"},
    ]
