"""The real Python SDK of the Sigil protocol against the running service: what it was told is what is read back."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from sigil_sdk import Client, ContentCaptureMode
from sigil_sdk import models as sdk

from chalicelib.domain.effective_version import effective_version
from chalicelib.domain.generation import Tool
from tests.clients.sdk_calls import CAPTURE_MODE, STARTED, TOOL_CALL, WEATHER, processed, start
from tests.clients.whole_call import WHOLE, WHOLE_USAGE, whole_call, whole_result
from tests.e2e.generations import call, read

pytestmark = [pytest.mark.e2e, pytest.mark.roto]


def test_a_conversation_with_tools_and_thinking_reads_back_whole(
    running_service: str, make: Callable[..., Client], agent: str
) -> None:
    client = make()
    with client.start_generation(whole_call(agent)) as recorder:
        recorder.set_result(whole_result())
    client.flush()

    record = processed(running_service, recorder)
    assert record == record | WHOLE | {"agent_name": agent, "conversation_id": f"conv {agent}"}
    assert record["usage"] == record["usage"] | WHOLE_USAGE
    assert record["cost_usd"] == pytest.approx(0.009168)
    [artifact] = record["raw_artifacts"]
    assert (artifact["kind"], artifact["name"], artifact["payload"]) == ("request", "body", "eyJzdHJlYW0iOmZhbHNlfQ==")
    assert_messages_and_tools_are_whole(record)


def assert_messages_and_tools_are_whole(record: dict[str, Any]) -> None:
    question, result = record["input"]
    assert question == {"role": "user", "parts": [{"text": "Weather in Zürich?"}]}
    assert (result["role"], result["name"]) == ("tool", "weather")
    [part] = result["parts"]
    assert part["tool_result"] == part["tool_result"] | {
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
        "input_schema_json": WEATHER.input_schema_json.decode(),
        "deferred": True,
    }
    assert (search["input_schema_base64"], search["deferred"]) == ("/yBub3QgdGV4dA==", False)
    assert record["effective_version"] == effective_version(
        "Answer <briefly>.",
        [Tool(**weather), Tool(name="search", type="function", input_schema_base64="/yBub3QgdGV4dA==")],
    )


def test_a_stream_reads_back_as_one(running_service: str, make: Callable[..., Client], agent: str) -> None:
    client = make()
    with client.start_streaming_generation(start(agent, conversation_id="c")) as recorder:
        recorder.set_first_token_at(STARTED + timedelta(milliseconds=250))
        recorder.set_result(output=[sdk.assistant_text_message("Hello")], completed_at=STARTED + timedelta(seconds=1))
    client.flush()
    record = processed(running_service, recorder)
    assert (record["mode"], record["operation_name"], record["latency_ms"]) == ("STREAM", "streamText", 1000)
    # This SDK keeps the time of the first token to its metrics and never sends it.
    assert record["first_token_at"] is None


def test_a_call_that_failed_is_a_failed_generation(
    running_service: str, make: Callable[..., Client], agent: str
) -> None:
    client = make()
    recorder = client.start_generation(start(agent, conversation_id="c"))
    with pytest.raises(RuntimeError), recorder:
        raise RuntimeError("429: slow down")
    client.flush()
    record = processed(running_service, recorder)
    assert (record["status"], record["stop_reason"]) == ("failed", "error")
    assert record["error"] == {"message": "429: slow down"}
    assert record["completed_at"] is not None


def test_without_a_conversation_the_sdk_is_served_all_the_same(
    running_service: str, make: Callable[..., Client], agent: str
) -> None:
    client = make()
    with client.start_generation(start(agent)) as recorder:
        recorder.set_result(output=[sdk.assistant_text_message("Hello")])
    client.flush()
    assert processed(running_service, recorder)["conversation_id"] is None


def test_an_effective_version_of_the_caller_s_own_wins(
    running_service: str, make: Callable[..., Client], agent: str
) -> None:
    client = make()
    with client.start_generation(start(agent, system_prompt="p", effective_version=" 1.2.3 ")) as recorder:
        recorder.set_result(output=[sdk.assistant_text_message("Hello")])
    client.flush()
    expected = "sha256:" + hashlib.sha256(b"1.2.3").hexdigest()
    assert processed(running_service, recorder)["effective_version"] == expected
    _, found = call(f"{running_service}/api/v1/agents:lookup?{urlencode({'name': agent, 'version': expected})}")
    assert found["system_prompt"] == "p"


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        (ContentCaptureMode.FULL, True),
        (ContentCaptureMode.NO_TOOL_CONTENT, True),
        (ContentCaptureMode.FULL_WITH_METADATA_SPANS, True),
        (ContentCaptureMode.METADATA_ONLY, False),
    ],
)
def test_what_a_capture_mode_leaves_out_reads_back_as_left_out(
    running_service: str, make: Callable[..., Client], agent: str, mode: ContentCaptureMode, *, kept: bool
) -> None:
    client = make(content_capture=mode)
    with client.start_generation(start(agent, system_prompt="p", tools=[WEATHER])) as recorder:
        recorder.set_result(
            input=[sdk.user_text_message("question")],
            output=[
                sdk.assistant_text_message("answer"),
                sdk.Message(sdk.MessageRole.ASSISTANT, [sdk.tool_call_part(TOOL_CALL)]),
            ],
            usage=sdk.TokenUsage(3, 4),
        )
    client.flush()
    record = processed(running_service, recorder)
    assert record["metadata"][CAPTURE_MODE] == mode.value
    assert (record["system_prompt"], record["prompt"], record["completion"]) == (
        ("p", "question", "answer") if kept else (None, None, None)
    )
    assert [tool["name"] for tool in record["tools"]] == ["weather"]
    assert [len(message["parts"]) for message in record["output"]] == [1, 1]
    assert record["token_count"] == 7


def test_a_batch_sent_twice_counts_once_in_the_catalog(
    running_service: str, make: Callable[..., Client], agent: str
) -> None:
    """The SDK resends whole batches under the same ids."""
    client = make(agent_version="1.0", tags={"fleet": "a"})
    recorders = []
    for _ in range(2):
        for number in range(7):
            seed = start(agent, id=f"{agent}-{number}", conversation_id="c", system_prompt="p", tags={"n": str(number)})
            with client.start_generation(seed) as recorder:
                recorder.set_result(
                    output=[sdk.assistant_text_message("Hello")], completed_at=STARTED + timedelta(seconds=number)
                )
            recorders.append(recorder)
        client.flush()
    records = [processed(running_service, recorder) for recorder in recorders]
    assert [record["tags"] for record in records[:7]] == [{"fleet": "a", "n": str(number)} for number in range(7)]
    status, found = call(f"{running_service}/api/v1/agents/{agent}")
    assert (status, found["generation_count"]) == (200, 7)
    assert (found["first_seen_at"], found["last_seen_at"]) == (
        "2026-03-01T10:00:00.000000Z",
        "2026-03-01T10:00:06.000000Z",
    )
    version = found["latest_version"]
    assert version["effective_version"] == effective_version("p", [])
    assert [(each["agent_version"], each["generation_count"]) for each in version["declared_versions"]] == [("1.0", 7)]
    _, page = call(f"{running_service}/api/v1/generations?{urlencode({'agent_name': agent})}")
    assert [item["id"] for item in page["items"]] == [f"{agent}-{number}" for number in reversed(range(7))]


def test_a_generation_is_readable_as_soon_as_the_flush_is_back(
    running_service: str, make: Callable[..., Client], agent: str
) -> None:
    client = make()
    with client.start_generation(start(agent, id=f"{agent} 1/2")) as recorder:
        recorder.set_result(output=[sdk.assistant_text_message("Hello")])
    client.flush()
    status, record = read(running_service, quote(f"{agent} 1/2", safe=""))
    assert (status, record["id"]) == (200, f"{agent} 1/2")
