"""Run in an environment of its own: calls models through Voker's wrappers, then every method of its API client.

`python voker_calls.py SERVICE PROVIDERS PREFIX` writes one JSON object: what went wrong, and what each method gave. The
session of each call is PREFIX and the call's name.
"""

import asyncio
import json
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

from voker.ai import provider_anthropic, provider_gemini, provider_openai
from voker.api import ApiClient
from voker.client import VokerClient

SERVICE, PROVIDERS, PREFIX = sys.argv[1:4]
MODELS = {"openai": "gpt-4o-mini", "anthropic": "claude-sonnet-4-5", "google": "gemini-2.5-flash"}
HELLO = [{"role": "user", "content": "Hello"}]
PERSON = f"{PREFIX}ada@example.org"

wrong: list[str] = []


class Keep(logging.Handler):
    """Keeps what the client complains of."""

    def emit(self, record: logging.LogRecord) -> None:
        """Voker's client never raises for an event; a warning is all that is seen of it."""
        wrong.append(self.format(record))


def names(call: str) -> dict[str, str]:
    """Whose call it is."""
    session = f"{PREFIX}{call}"
    own = {"voker_agent": f"{PREFIX}agent", "voker_session": session}
    return own if call.endswith("plain") else {**own, "voker_agent_version": "v 1", "voker_person": PERSON}


def openai_calls(voker: VokerClient) -> None:
    """Chat Completions and Responses, plain and streamed."""
    client = provider_openai.OpenAI(voker, api_key="k", base_url=f"{PROVIDERS}/v1")
    chat: dict[str, Any] = {"model": MODELS["openai"], "messages": HELLO}
    client.chat.completions.create(**chat, **names("chat-plain"), extra_headers={"X-Trace": "1"})
    list(client.chat.completions.create(**chat, **names("chat-stream"), stream=True))
    ask: dict[str, Any] = {"model": MODELS["openai"], "input": "Hello"}
    client.responses.create(**ask, **names("responses-plain"))
    list(client.responses.create(**ask, **names("responses-stream"), stream=True))


async def async_calls(voker: VokerClient) -> None:
    """The same for those who do not wait."""
    openai = provider_openai.AsyncOpenAI(voker, api_key="k", base_url=f"{PROVIDERS}/v1")
    await openai.chat.completions.create(model=MODELS["openai"], messages=HELLO, **names("chat-async"))
    anthropic = provider_anthropic.AsyncAnthropic(voker, api_key="k", base_url=PROVIDERS)
    await anthropic.messages.create(
        model=MODELS["anthropic"], max_tokens=100, messages=HELLO, **names("messages-async")
    )


def anthropic_calls(voker: VokerClient) -> None:
    """Messages, plain, streamed and beta."""
    client = provider_anthropic.Anthropic(voker, api_key="k", base_url=PROVIDERS)
    ask: dict[str, Any] = {"model": MODELS["anthropic"], "max_tokens": 100, "system": "be nice", "messages": HELLO}
    client.messages.create(**ask, **names("messages-plain"))
    list(client.messages.create(**ask, **names("messages-stream"), stream=True))
    client.beta.messages.create(**ask, **names("beta-messages"))


def gemini_calls(voker: VokerClient) -> None:
    """Content, plain and streamed, and interactions."""
    client = provider_gemini.Client(voker, api_key="k", http_options={"base_url": PROVIDERS})
    ask: dict[str, Any] = {"model": MODELS["google"], "contents": "Hello"}
    client.models.generate_content(**ask, **names("gemini-plain"))
    list(client.models.generate_content_stream(**ask, **names("gemini-stream")))
    client.interactions.create(model=MODELS["google"], input="Hello", **names("interactions-plain"))


def queued_calls(voker: VokerClient) -> None:
    """All that the client sends from behind."""
    properties: dict[str, Any] = {"api": "x", "inputs": {}, "output": {}}
    voker.events.create(event_name="llm", session=f"{PREFIX}bare", properties=properties)
    voker.people.create(person_id=f"{PREFIX}eve")
    voker.people.update(person_id=f"{PREFIX}eve", properties={"plan": "pro"})
    voker.agents.create(agent_name=f"{PREFIX}queued", description="d")
    voker.agent_versions.create(agent_name=f"{PREFIX}queued", agent_version_name="v1", description="d")


def outcome(method: Callable[..., Any], **arguments: Any) -> Any:
    """What a method gave, or the name of what it raised."""
    try:
        given = method(**arguments)
    except Exception as error:  # noqa: BLE001 - its name is what is asked for
        return type(error).__name__
    return {name: str(value) for name, value in vars(given).items()} if hasattr(given, "__dict__") else given


def methods(api: ApiClient) -> dict[str, Any]:
    """Every method of the API client, on what is there and on what is not."""
    agent, nobody = f"{PREFIX}made", f"{PREFIX}nobody"
    event: dict[str, Any] = {"event_name": "llm", "properties": {}, "agent": None, "agent_version": None}
    event |= {"person": None, "fingerprint_id": "unknown", "session": "s"}
    known = api.fingerprints.create()
    return {
        "fingerprint": outcome(api.fingerprints.create),
        "event": outcome(api.events.create, **{**event, "fingerprint_id": known.fingerprint_id}),
        "event without fingerprint": outcome(api.events.create, **event),
        "event without session": outcome(
            api.events.create, **{**event, "fingerprint_id": known.fingerprint_id, "session": ""}
        ),
        "person created": outcome(api.people.create, person_id=f"{PREFIX}a b", properties={"n": 1}),
        "person read": outcome(api.people.get, person_id=f"{PREFIX}a b"),
        "person updated": outcome(api.people.update, person_id=f"{PREFIX}a b", properties={"n": 2}),
        "person of an event": outcome(api.people.get, person_id=PERSON),
        "person queued": outcome(api.people.get, person_id=f"{PREFIX}eve"),
        "no person read": outcome(api.people.get, person_id=nobody),
        "no person updated": outcome(api.people.update, person_id=nobody, properties={}),
        "agent created": outcome(api.agents.create, agent_name=agent, description="d"),
        "agent created again": outcome(api.agents.create, agent_name=agent),
        "agent read": outcome(api.agents.get, agent_name=agent),
        "agent of an event": outcome(api.agents.get, agent_name=f"{PREFIX}agent"),
        "no agent": outcome(api.agents.get, agent_name=nobody),
        "version created": outcome(api.agent_versions.create, agent_name=agent, agent_version_name="v"),
        "version read": outcome(api.agent_versions.get, agent_name=agent, agent_version_name="v"),
        "version of an event": outcome(api.agent_versions.get, agent_name=f"{PREFIX}agent", agent_version_name="v 1"),
        "default version": outcome(api.agent_versions.get, agent_name=f"{PREFIX}agent", agent_version_name="default"),
        "version of no agent created": outcome(api.agent_versions.create, agent_name=nobody, agent_version_name="v"),
        "version of no agent": outcome(api.agent_versions.get, agent_name=nobody, agent_version_name="v"),
        "no version": outcome(api.agent_versions.get, agent_name=agent, agent_version_name="w"),
    }


def main() -> None:
    """Make the calls, wait until all is sent, and tell."""
    logging.getLogger("voker").addHandler(Keep(logging.WARNING))
    threading.excepthook = lambda failure: wrong.append(repr(failure.exc_value))
    voker = VokerClient(base_url=SERVICE, api_key="vk_test")
    openai_calls(voker)
    anthropic_calls(voker)
    gemini_calls(voker)
    asyncio.run(async_calls(voker))
    queued_calls(voker)
    voker.close()
    given = methods(ApiClient(base_url=SERVICE, api_key="vk_test"))
    sys.stdout.write(json.dumps({"wrong": wrong, "methods": given}))


if __name__ == "__main__":
    main()
