"""Agents that run, over HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from chalicelib import bootstrap
from chalicelib.bootstrap import Container
from tests.fakes.providers import FakeProviders
from tests.integration.api.service import Answer, Service, Tenant, running

PROVIDERS = json.dumps({"main": {"api": "openai-chat", "base_url": "https://provider.test/v1", "label": "openai"}})
CONFIG: dict[str, Any] = {"provider": "main", "model": "gpt-4o-mini", "system_prompt": "Be short."}
ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
AGENT = "/api/v1/agents/guide"


@contextmanager
def running_agents(providers: FakeProviders, **env: str) -> Iterator[Service]:
    """The product with one configured provider, which answers as these do, and without waits between attempts."""
    with running(None, PROVIDERS=PROVIDERS, **env) as service:
        made = bootstrap.container()
        ports = replace(made.ports, providers=providers, sleep=lambda _: None)
        bootstrap.install(Container(made.settings, ports))
        yield service


def configured(tenant: Tenant, **fields: object) -> None:
    """An agent that can be run."""
    answer = tenant.send("PUT", f"{AGENT}/run-config", {**CONFIG, **fields})
    assert answer.status == 200, answer.body


def generate(tenant: Tenant, body: object = None, query: str = "", **headers: str) -> Answer:
    """Run it."""
    return tenant.send("POST", f"{AGENT}/generate{query}", ASKED if body is None else body, **headers)
