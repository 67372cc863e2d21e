"""Agents that run over the whole way: HTTP in, HTTP to a provider, in each of its APIs."""

import json
from typing import Any

import pytest

from tests.integration.api.agents import AGENT, ASKED, generate
from tests.integration.api.service import running
from tests.unit.services.receiver import receiving, saying, status

pytestmark = pytest.mark.moto

USAGE = {"input_tokens": 5, "output_tokens": 2}
ANSWERS: dict[str, Any] = {
    "openai-chat": {
        "id": "r",
        "object": "chat.completion",
        "model": "m-1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    },
    "openai-responses": {
        "id": "r",
        "object": "response",
        "status": "completed",
        "model": "m-1",
        "output": [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]},
        ],
        "usage": {**USAGE, "total_tokens": 7},
    },
    "anthropic-messages": {
        "id": "r",
        "type": "message",
        "role": "assistant",
        "model": "m-1",
        "content": [{"type": "text", "text": "Hello."}],
        "stop_reason": "end_turn",
        "usage": USAGE,
    },
}


def http(document: Any) -> bytes:
    """A whole answer."""
    body = json.dumps(document).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("api", ANSWERS)
def test_a_run_is_asked_and_answered_in_the_provider_s_own_form(api: str) -> None:
    with receiving(saying(http(ANSWERS[api]))) as receiver:
        base_url = f"http://127.0.0.1:{receiver.port}"
        providers = json.dumps({"main": {"api": api, "base_url": base_url}})
        with running(None, SIGIL_AUTH_ENABLED="false", PROVIDERS=providers) as service:
            tenant = service.tenant()
            assert tenant.send("PUT", f"{AGENT}/run-config", {"provider": "main", "model": "m"}).status == 200
            answer = generate(tenant)
            assert answer.status == 200, answer.body
            assert (answer.body["output"]["model"], answer.body["output"]["content"]) == ("m-1", "Hello.")
            assert tenant.record(answer.body["id"])["usage"]["output_tokens"] == 2
    [(_, body)] = receiver.requests
    assert json.loads(body)["model"] == "m"


def test_nobody_at_the_provider_s_address_is_502_without_the_address() -> None:
    with receiving(saying(status(204))) as gone:
        pass
    providers = json.dumps({"main": {"api": "openai-chat", "base_url": f"http://127.0.0.1:{gone.port}"}})
    with running(None, SIGIL_AUTH_ENABLED="false", PROVIDERS=providers) as service:
        tenant = service.tenant()
        assert tenant.send("PUT", f"{AGENT}/run-config", {"provider": "main", "model": "m"}).status == 200
        answer = generate(tenant, ASKED)
    assert answer.status == 502
    assert answer.body["error"]["message"].startswith("Provider request failed: ")
    assert "127.0.0.1" not in json.dumps(answer.body)
    assert "provider_status_code" not in answer.body["error"]["meta"]
