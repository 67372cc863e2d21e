"""What we ask a provider reads, in the product's own reader of exchanges, as what was to be asked."""

import json
from itertools import groupby
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.asking import Request, request_of
from chalicelib.domain.errors import Malformed
from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.extraction.parts import paragraphs
from chalicelib.domain.generation import Exchange, Generation, Message, Part, Tool
from chalicelib.domain.provider import Api
from tests.properties.conversations import CONVERSATIONS, SYSTEM, asking
from tests.properties.generations import FILLED, MESSAGES, optional

APIS: list[Api] = list(get_args(Api))
ANSWERS: dict[Api, Any] = {
    "openai-chat": {"choices": [{"message": {"content": "yes"}}]},
    "openai-responses": {"object": "response", "output": []},
    "anthropic-messages": {"type": "message", "content": []},
}


class Spoken(NamedTuple):
    """A part, and who says it. What a tool gave is the tool's, whichever message brings it."""

    role: str | None
    part: Part


def read_back(api: Api, request: Request) -> Generation:
    """The generation that a sidecar's capture of the request would be."""
    exchange = Exchange(path=request.path, request_body=json.loads(request.content), response_body=ANSWERS[api])
    reading = read_exchange(Generation(id="g", source="ingate", exchange=exchange))
    assert reading.outcome == "succeeded", reading.reason
    return reading.generation


def spoken(messages: tuple[Message, ...]) -> list[Spoken]:
    """All parts in order, whatever messages they came in: APIs join and split turns."""
    return [
        Spoken("tool" if part.tool_result else message.role, part) for message in messages for part in message.parts
    ]


def sendable(api: Api, messages: tuple[Message, ...]) -> list[Spoken]:
    """What is to arrive of a conversation: no thoughts, and no error marks where the API has none.

    What one speaker says in several messages in a row is one message of Anthropic's: results first, calls last.
    """
    parts = [one for one in spoken(messages) if one.part.thinking is None]
    if api != "anthropic-messages":
        return [Spoken(role, without_error_mark(part)) for role, part in parts]
    turns = groupby(parts, key=lambda one: one.role == "assistant")
    return [one for _, turn in turns for one in sorted(turn, key=place_in_turn)]


def place_in_turn(one: Spoken) -> int:
    """Where a part stands in a message of Anthropic's."""
    return 0 if one.part.tool_result else 2 if one.part.tool_call else 1


def without_error_mark(part: Part) -> Part:
    """The part as the two APIs of OpenAI can tell it."""
    if part.tool_result is None:
        return part
    return part.model_copy(update={"tool_result": part.tool_result.model_copy(update={"is_error": None})})


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=40)
@given(generation=asking(), messages=CONVERSATIONS)
def test_a_conversation_reads_back_as_it_was(api: Api, generation: Generation, messages: tuple[Message, ...]) -> None:
    """The exceptions are those of docs/providers.md."""
    found = read_back(api, request_of(api, "some-model", generation, messages))

    assert found.model is not None
    assert found.model.name == "some-model"
    assert found.system_prompt == generation.system_prompt
    system = [Spoken("system", Part(text=generation.system_prompt))] if generation.system_prompt else []
    assert spoken(found.input) == (system if api == "openai-chat" else []) + sendable(api, messages)
    assert (found.temperature, found.top_p) == (generation.temperature, generation.top_p)
    default = 4096 if api == "anthropic-messages" else None
    assert found.max_tokens == (generation.max_tokens or default)


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=40)
@given(generation=asking(), messages=CONVERSATIONS)
def test_tools_and_their_choice_read_back_as_they_were(
    api: Api, generation: Generation, messages: tuple[Message, ...]
) -> None:
    """Messages gives functions no type. A choice keeps its meaning; where there are no tools there is none."""
    found = read_back(api, request_of(api, "m", generation, messages))
    kind = "" if api == "anthropic-messages" else "function"
    assert found.tools == tuple(tool.model_copy(update={"type": kind}) for tool in generation.tools)
    assert meaning(found.tool_choice) == (meaning(generation.tool_choice) if generation.tools else None)


def meaning(choice: str | None) -> str | None:
    """What a choice says."""
    if choice is None or not choice.startswith("{"):
        return "required" if choice == "any" else choice
    said = json.loads(choice)
    return f"the tool {said.get('function', said)['name']}"


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=40)
@given(prompt=optional(FILLED), system=st.lists(SYSTEM, min_size=1, max_size=2).map(tuple), messages=CONVERSATIONS)
def test_system_messages_before_the_conversation_are_of_the_system_prompt(
    api: Api, prompt: str | None, system: tuple[Message, ...], messages: tuple[Message, ...]
) -> None:
    generation = Generation(id="g", source="lifecycle", system_prompt=prompt)
    found = read_back(api, request_of(api, "m", generation, (*system, *messages)))
    texts = ["".join(part.text or "" for part in message.parts) for message in system]
    said = paragraphs(texts)
    assert found.system_prompt == (prompt if prompt == said else paragraphs([prompt, said]))


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=40)
@given(generation=asking(), messages=CONVERSATIONS)
def test_what_was_read_can_be_asked_again(api: Api, generation: Generation, messages: tuple[Message, ...]) -> None:
    """Going on with what was captured asks the same: the system prompt is not doubled, no part is lost."""
    request = request_of(api, "m", generation, messages)
    found = read_back(api, request)
    again = request_of(api, "m", found, found.input)
    assert read_back(api, again) == found


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=40)
@given(messages=MESSAGES, tools=st.lists(st.builds(Tool, type=FILLED, input_schema_json=FILLED), max_size=1).map(tuple))
def test_any_conversation_is_asked_or_refused_in_words(
    api: Api, messages: tuple[Message, ...], tools: tuple[Tool, ...]
) -> None:
    try:
        request = request_of(api, "m", Generation(id="g", source="sigil", tools=tools), messages)
    except Malformed:
        return
    read_back(api, request)
