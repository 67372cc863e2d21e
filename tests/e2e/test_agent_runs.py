"""Agents that run, with every process running, against a provider that answers, stalls, cuts and refuses."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.generations import call
from tests.e2e.lineage import eventually
from tests.e2e.misbehaving_provider import BEHAVIOURS, misbehaving_provider
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

ASKED = {"messages": [{"role": "user", "content": "What is it like?"}]}
FAILURES: dict[str, tuple[str, int | None]] = {
    "cuts the connection": ("Provider request failed: ", None),
    "half a body": ("Provider request failed: ", None),
    "half a document": ("Provider request failed: ", 200),
    "402": ("Provider returned 402: insufficient credits", 402),
    "429": ("Provider returned 429: slow down", 429),
    "500": ("Provider returned 500: overloaded", 500),
    "a page": ("Provider request failed: ", 200),
    "a page with 502": ("Provider returned 502: ", 502),
    "nothing": ("Provider request failed: ", 200),
    "nobody": ("Provider request failed: ", None),
}
"""How the message of a failure begins, and the provider's status, by behaviour."""


def unused_port() -> int:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with one agent for each behaviour, named after it."""
    with misbehaving_provider() as url:
        nobody = f"http://127.0.0.1:{unused_port()}/v1"
        providers = {
            name: {"api": "openai-chat", "base_url": where} for name, where in (("main", url), ("gone", nobody))
        }
        stack = Stack(tmp_path_factory.mktemp("agent-runs") / "data", PROVIDERS=json.dumps(providers))
        try:
            for name in [*BEHAVIOURS, "nobody"]:
                config = {"provider": "gone" if name == "nobody" else "main", "model": name}
                assert ask(f"{stack.url}{agent(name)}/run-config", config, "PUT")[0] == 200
            yield stack.url
        finally:
            stack.stop()


def ask(url: str, body: dict[str, Any], method: str = "POST") -> tuple[int, Any]:
    """One request with JSON."""
    return call(url, json.dumps(body).encode(), method, content_type="application/json")


def agent(name: str) -> str:
    """The path of an agent."""
    return f"/api/v1/agents/{quote(name, safe='')}"


def only_failed(base: str, name: str) -> dict[str, Any]:
    """The one failed run of an agent, once it is listed."""
    found: list[dict[str, Any]] = []

    def listed() -> bool:
        _, page = call(f"{base}/api/v1/generations?status=failed&agent_name={quote(name)}")
        found[:] = page["items"]
        return bool(found)

    eventually(listed)
    return found[0]


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_is_told_and_found(base: str, name: str) -> None:
    message, provider_status = FAILURES[name]
    status, body = ask(f"{base}{agent(name)}/generate", ASKED)
    error = body["error"]
    assert (status, error["code"]) == (502, "AI_PROVIDER_ERROR")
    assert error["message"].startswith(message)
    assert error["meta"].get("provider_status_code") == provider_status
    found = only_failed(base, name)
    assert found["id"] == error["meta"]["generation_id"]
    assert found["stop_reason"] == "error"
    assert found["error"]["code"] == "AI_PROVIDER_ERROR"
    assert found["error"]["message"] == error["message"]
    assert found["error"].get("meta", {}).get("provider_status_code") == provider_status
    _, trace = call(f"{base}/api/v1/traces/{error['meta']['trace_id']}")
    assert (trace["status"], trace["error"]["message"]) == ("failed", error["message"])


def test_a_provider_that_stalls_is_504_and_names_the_way_out(base: str) -> None:
    status, body = ask(f"{base}{agent('stalls')}/generate", ASKED)
    assert (status, body["error"]["code"]) == (504, "RUN_TIMEOUT")
    assert "async=true" in body["error"]["message"]
    found = only_failed(base, "stalls")
    assert found["error"]["code"] == "RUN_TIMEOUT"


def test_a_run_for_later_is_made_by_a_worker(base: str) -> None:
    status, body = ask(f"{base}{agent('answers')}/generate?async=true", ASKED)
    assert (status, body["status"]) == (202, "in_progress")

    eventually(lambda: call(f"{base}/api/v1/generations/{body['id']}")[1]["status"] != "in_progress")
    _, run = call(f"{base}/api/v1/generations/{body['id']}")
    assert run["completion"] == "1: What is it like?"
    assert run["usage"]["total_tokens"] == 7
    assert [attempt["status_code"] for attempt in run["attempts"]] == [200]


def test_nothing_is_in_progress_in_the_end(base: str) -> None:
    """Whatever ran before in this module, and at least this."""
    assert ask(f"{base}{agent('402')}/generate", ASKED)[0] == 502
    eventually(lambda: call(f"{base}/api/v1/generations?status=in_progress")[1]["items"] == [])
