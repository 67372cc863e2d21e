"""Voker's own client and its wrappers around the providers' packages, against the running service."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.clients.environments import told_by
from tests.clients.providers import providers
from tests.e2e.generations import call, read

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

ENVIRONMENTS = {"voker": "2.54.0", "voker-openai3": "3.54.0"}
"""Where the client is installed, and with which version of OpenAI's package."""
SCRIPT = Path(__file__).parent / "voker_calls.py"
SECONDS = 60
CALLS = {
    "chat-plain": "openai-chat-completions",
    "chat-stream": "openai-chat-completions",
    "chat-async": "openai-chat-completions",
    "responses-plain": "openai-responses",
    "responses-stream": "openai-responses",
    "messages-plain": "anthropic-messages",
    "messages-stream": "anthropic-messages",
    "messages-async": "anthropic-messages",
    "beta-messages": "anthropic-beta-messages",
    "gemini-plain": "gemini-models",
    "gemini-stream": "gemini-models",
    "interactions-plain": "gemini-interactions",
}
PROVIDERS = {"openai": "gpt-4o-mini", "anthropic": "claude-sonnet-4-5", "google": "gemini-2.5-flash"}
# What the providers were captured to answer, where it is not "Hi there!" in 5 tokens. Of a Gemini stream Voker's client
# adds up the counts, each of which is the whole so far; and Gemini's thoughts may count as output or not.
COMPLETIONS = {"chat-stream": "Hello"}
OUTPUT_TOKENS = {"messages-stream": 15}
UNCOUNTED = {"gemini-plain", "gemini-stream"}


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    """The name of each environment in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def prefix(environment: str) -> str:
    """What the names in one environment's calls begin with."""
    return f"{environment}-test-"


@pytest.fixture(scope="module")
def told(running_service: str, environment: str, prefix: str) -> dict[str, Any]:
    """What the client's script told when it was through."""
    with providers() as base:
        return dict(told_by(environment, SCRIPT, running_service, base, prefix))


def generation_of(base: str, session: str) -> dict[str, Any]:
    """The one generation of a session, once it is processed."""
    query = urlencode({"session_id": session})
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        _, page = call(f"{base}/api/v1/generations?{query}")
        if page["items"]:
            [item] = page["items"]
            return dict(read(base, item["id"])[1])
        time.sleep(0.1)
    raise AssertionError(f"{session} was not processed within {SECONDS} s")


def test_the_client_has_nothing_to_complain_of(told: dict[str, Any]) -> None:
    assert told["wrong"] == []


@pytest.mark.parametrize(("name", "tag"), CALLS.items())
def test_each_call_of_a_wrapper_is_stored_as_a_generation(
    running_service: str, told: dict[str, Any], environment: str, prefix: str, name: str, tag: str
) -> None:
    assert told
    record = generation_of(running_service, f"{prefix}{name}")
    plain = name.endswith("plain")
    assert (record["source"], record["session_id"]) == ("voker", f"{prefix}{name}")
    assert record["agent_name"] == f"{prefix}agent"
    assert record["agent_version"] == ("default" if plain else "v 1")
    assert record["person_id"] == (None if plain else f"{prefix}ada@example.org")
    exchange = record["exchange"]
    assert exchange["shape"] == tag
    assert exchange["request_body"]["model"] == PROVIDERS[record["model"]["provider"]]
    assert isinstance(exchange["response_body"], dict)
    status, fingerprint = call(f"{running_service}/api/v1/fingerprints/{record['fingerprint_id']}")
    assert (status, fingerprint["voker_sdk_version"], fingerprint["language"]) == (200, "0.0.15", "python")
    assert fingerprint["openai_sdk_version"] == ENVIRONMENTS[environment]


@pytest.mark.parametrize("name", CALLS)
def test_extraction_reads_the_exchange_of_each_call(
    running_service: str, told: dict[str, Any], prefix: str, name: str
) -> None:
    assert told
    record = generation_of(running_service, f"{prefix}{name}")
    assert record["processing"] == {"state": "processed", "extraction": "succeeded"}
    assert record["model"]["name"] == PROVIDERS[record["model"]["provider"]]
    assert (record["prompt"], record["completion"]) == ("Hello", COMPLETIONS.get(name, "Hi there!"))
    if name not in UNCOUNTED:
        counts = (record["usage"]["input_tokens"], record["usage"]["output_tokens"])
        assert counts == (10, OUTPUT_TOKENS.get(name, 5))


def test_an_event_without_a_wrapper_is_stored_too(running_service: str, told: dict[str, Any], prefix: str) -> None:
    assert told
    record = generation_of(running_service, f"{prefix}bare")
    assert (record["agent_name"], record["agent_version"], record["metadata"]["api"]) == ("default", "default", "x")


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        ("event", None),
        ("event without fingerprint", "FingerprintNotFoundError"),
        ("event without session", "SessionIdEmptyError"),
        ("no person read", "PersonNotFoundError"),
        ("no person updated", "PersonNotFoundError"),
        ("no agent", "AgentNotFoundError"),
        ("version of no agent created", "AgentNotFoundError"),
        ("version of no agent", "AgentNotFoundError"),
        ("no version", "AgentVersionNotFoundError"),
    ],
)
def test_the_client_knows_each_fault_by_its_name(told: dict[str, Any], method: str, outcome: str | None) -> None:
    assert told["methods"][method] == outcome


def test_the_client_reads_what_it_made(told: dict[str, Any]) -> None:
    methods = told["methods"]
    assert methods["person created"] == methods["person read"]
    assert methods["person updated"] == {**methods["person read"], "properties": "{'n': 2}"}
    assert methods["person of an event"]["properties"] == "None"
    assert methods["person queued"]["properties"] == "{'plan': 'pro'}"
    assert methods["agent created"] == methods["agent created again"] == methods["agent read"]
    assert methods["agent created"]["description"] == "d"
    assert methods["version created"] == methods["version read"]
    assert methods["version read"]["agent_version_number"] == "1"
    numbers = [methods[name]["agent_version_number"] for name in ("default version", "version of an event")]
    assert sorted(numbers) == ["1", "2"]
