"""Both SDKs that speak gRPC by default, told no more than endpoint and tenant, against the running service."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest

from tests.clients.environments import told_by
from tests.clients.whole_call import WHOLE, WHOLE_USAGE
from tests.e2e.generations import call, wait_until_processed
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

SCRIPT = Path(__file__).parent / "grpc_calls.py"
SDKS = {"sigil": "sigil_sdk", "agento11y": "agento11y"}
"""Environment → package. The variables and the keys of an SDK's metadata begin with the environment's name, too."""
SECONDS = 20


@dataclass(frozen=True)
class Told:
    """What one SDK's script told when it was through."""

    sdk: str
    agent: str
    answer: dict[str, Any]


@pytest.fixture(scope="module", params=SDKS)
def told(request: pytest.FixtureRequest, running_stack: Stack) -> Told:
    sdk = str(request.param)
    agent = f"{sdk}-{uuid4().hex[:8]}"
    # What it keeps of a content is the application's choice, and here it is to keep all.
    told = {"ENDPOINT": f"http://{running_stack.grpc}", "AUTH_TENANT_ID": "team-a", "CONTENT_CAPTURE_MODE": "full"}
    variables = {f"{sdk.upper()}_{name}": value for name, value in told.items()}
    return Told(sdk, agent, told_by(sdk, SCRIPT, SDKS[sdk], agent, **variables))


def test_the_sdk_has_nothing_to_complain_of(told: Told) -> None:
    assert told.answer["wrong"] == []


def test_a_call_reads_back_whole(running_service: str, told: Told) -> None:
    record = wait_until_processed(running_service, told.answer["whole"], SECONDS)
    own = {f"{told.sdk}{name.removeprefix('sigil')}": value for name, value in WHOLE["metadata"].items() if "." in name}
    metadata = {"depth": WHOLE["metadata"]["depth"], **own}
    assert record == record | WHOLE | {"agent_name": told.agent, "conversation_id": f"conv {told.agent}"} | {
        "metadata": metadata
    }
    assert record["usage"] == record["usage"] | WHOLE_USAGE
    [artifact] = record["raw_artifacts"]
    assert (artifact["kind"], artifact["name"], artifact["payload"]) == ("request", "body", "eyJzdHJlYW0iOmZhbHNlfQ==")


def test_messages_and_tools_read_back_whole(running_service: str, told: Told) -> None:
    record = wait_until_processed(running_service, told.answer["whole"], SECONDS)
    question, result = record["input"]
    assert question == {"role": "user", "parts": [{"text": "Weather in Zürich?"}]}
    assert (result["role"], result["name"]) == ("tool", "weather")
    assert result["parts"][0]["tool_result"] == {
        "tool_call_id": "call_1",
        "name": "weather",
        "content_json": '{"t": 21.0}',
        "is_error": True,
    }
    [answer] = record["output"]
    assert answer["parts"] == [
        {"thinking": "Short.", "metadata": {"provider_type": "thinking"}},
        {"text": "Sunny."},
        {"tool_call": {"id": "call_2", "name": "weather", "input_json": '{"city": "Zürich"}'}},
    ]
    weather, search = record["tools"]
    assert weather == {
        "name": "weather",
        "description": "d <&>",
        "type": "function",
        "input_schema_json": '{ "city": {"type": "string"} }',
        "deferred": True,
    }
    assert search["input_schema_base64"] == "/yBub3QgdGV4dA=="


def test_everything_it_was_told_arrives(running_service: str, told: Told) -> None:
    sent = {told.answer["whole"], *told.answer["many"]}
    for generation_id in sent:
        wait_until_processed(running_service, quote(generation_id), SECONDS)
    _, page = call(f"{running_service}/api/v1/generations?{urlencode({'agent_name': told.agent, 'limit': 200})}")
    assert {item["id"] for item in page["items"]} == sent
    assert page["next_cursor"] is None


def test_a_step_reads_back_whole(running_service: str, told: Told) -> None:
    status, record = call(f"{running_service}/api/v1/workflow-steps/{told.answer['step']}")
    assert status == 200
    assert record == record | {
        "conversation_id": f"conv {told.agent}",
        "step_name": "plan",
        "framework": "langgraph",
        "started_at": "2026-03-01T10:00:00.000000Z",
        "completed_at": "2026-03-01T10:00:03.000000Z",
        "input_state": {"question": "Zürich?", "n": 1},
        "output_state": {"plan": ["a", 2.5]},
        "error": {"message": "none"},
        "tags": {"env": "prod"},
        "linked_generation_ids": [told.answer["whole"]],
        "parent_step_ids": ["step-0"],
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
    }
