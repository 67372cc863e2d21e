"""Raw exchanges as sidecars post them."""

from typing import Any


def chat(**fields: object) -> dict[str, Any]:
    """The exchange of the Ingate document."""
    return {
        "provider": "openai",
        "path": "/v1/chat/completions",
        "method": "POST",
        "status_code": 200,
        "latency_ms": 432,
        "request_body": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]},
        "response_body": {
            "choices": [{"message": {"content": "Hi there!"}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5},
        },
        **fields,
    }


def refused(status: int, message: str, **fields: object) -> dict[str, Any]:
    """One that the provider answered with an error."""
    return chat(status_code=status, response_body={"error": {"message": message, "type": "billing"}}, **fields)
