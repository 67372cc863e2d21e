"""What Voker's clients send, and how its routes answer a fault."""

from typing import Any

from chalicelib.domain.fingerprint import fingerprint_id
from tests.integration.api.service import Answer, Tenant

SURROUNDINGS: dict[str, Any] = {
    "language": "python",
    "language_version": "3.11.7 (main) [GCC 12.2.0]",
    "system": "Linux-6.1-x86_64",
    "all_packages": {"voker": "0.0.15", "requests": "2.32.5"},
}
FINGERPRINT_ID = fingerprint_id(SURROUNDINGS)
INPUTS: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Hello"}],
    "temperature": 1.0,
}
OUTPUT: dict[str, Any] = {
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi!"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
}


def fingerprint(tenant: Tenant) -> str:
    """The id of a fingerprint that is kept."""
    answer = tenant.send("PUT", "/api/v1/fingerprints", SURROUNDINGS)
    assert (answer.status, answer.body) == (200, {"fingerprint_id": FINGERPRINT_ID})
    return FINGERPRINT_ID


def event(**fields: object) -> dict[str, Any]:
    """An event around a chat."""
    properties = {"api": "openai-chat-completions", "inputs": INPUTS, "output": OUTPUT}
    return {"event_name": "llm", "properties": properties, "fingerprint_id": FINGERPRINT_ID, **fields}


def post(tenant: Tenant, body: object, **headers: str) -> Answer:
    """An event, or what is none."""
    return tenant.send("POST", "/api/v1/events", body, **headers)


def accepted(answer: Answer) -> str:
    """The id of an event that was taken."""
    assert answer.status == 200, answer.body
    assert set(answer.body) == {"id", "status"}
    assert answer.body["status"] == "accepted"
    return str(answer.body["id"])


def fault(answer: Answer) -> tuple[int, str]:
    """Status and type of a fault, which Voker's client reads in one of two places."""
    assert set(answer.body) == {"error", "type", "detail"}
    assert answer.body["detail"] == {"type": answer.body["type"]}
    assert answer.headers["content-type"] == "application/json"
    return answer.status, str(answer.body["type"])
