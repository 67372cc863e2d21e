"""What we ask is what the providers' own packages would let their users ask."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from hypothesis import given, settings
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

from chalicelib.domain.asking import request_of
from chalicelib.domain.generation import Generation, Message
from chalicelib.domain.provider import Api
from tests.properties.conversations import CONVERSATIONS, asking

APIS: list[Api] = list(get_args(Api))
TYPES: dict[Api, TypeAdapter[Any]] = {
    "openai-chat": TypeAdapter(CompletionCreateParamsNonStreaming),
    "openai-responses": TypeAdapter(ResponseCreateParamsNonStreaming),
    "anthropic-messages": TypeAdapter(MessageCreateParamsNonStreaming),
}
# The package of Anthropic names these no longer, because newer models take none; the API does for those that do.
UNNAMED: dict[Api, set[str]] = {"anthropic-messages": {"temperature", "top_p"}}


def plain(value: Any) -> Any:
    """A validated value with all of it looked at: what is iterable is validated only when it is gone through."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=40)
@given(generation=asking(), messages=CONVERSATIONS)
def test_a_body_is_of_the_type_that_the_official_package_declares(
    api: Api, generation: Generation, messages: tuple[Message, ...]
) -> None:
    """Nothing is wrong in it and nothing unknown: what the type does not know would be gone."""
    body = request_of(api, "m", generation, messages).body
    named = {name: value for name, value in body.items() if name not in UNNAMED.get(api, set())}
    assert plain(TYPES[api].validate_python(body)) == named
