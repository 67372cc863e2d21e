"""Agents that run, over HTTP."""

import json
from typing import Any

from tests.integration.api.service import Answer, Tenant

PROVIDERS = json.dumps({"main": {"api": "openai-chat", "base_url": "https://provider.test/v1", "label": "openai"}})
CONFIG: dict[str, Any] = {"provider": "main", "model": "gpt-4o-mini", "system_prompt": "Be short."}
ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
AGENT = "/api/v1/agents/guide"


def configured(tenant: Tenant, **fields: object) -> None:
    """An agent that can be run."""
    answer = tenant.send("PUT", f"{AGENT}/run-config", {**CONFIG, **fields})
    assert answer.status == 200, answer.body


def generate(tenant: Tenant, body: object = None, query: str = "", **headers: str) -> Answer:
    """Run it."""
    return tenant.send("POST", f"{AGENT}/generate{query}", ASKED if body is None else body, **headers)
