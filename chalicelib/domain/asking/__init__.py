"""What a provider is asked: out of a generation and its conversation, the request in the provider's own form.

The opposite of `chalicelib/domain/extraction`, which reads such requests. Nothing is streamed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.asking import anthropic, chat, responses
from chalicelib.domain.asking.question import Question, question_of
from chalicelib.domain.generation import Generation, Message
from chalicelib.domain.provider import Api


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted to a provider. `path` follows on its base URL; `body` is JSON."""

    path: str
    body: dict[str, Any]

    @property
    def content(self) -> bytes:
        """The body as it goes over the wire."""
        text = json.dumps(self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode(errors="replace")


_APIS: Mapping[Api, tuple[str, Callable[[Question], dict[str, Any]]]] = {
    "openai-chat": ("/chat/completions", chat.body_of),
    "openai-responses": ("/responses", responses.body_of),
    "anthropic-messages": ("/v1/messages", anthropic.body_of),
}


def request_of(api: Api, model: str, generation: Generation, messages: Sequence[Message]) -> Request:
    """The request that asks a model to go on with a conversation.

    `messages` is all of it, as far as it has come; of `generation` its system prompt, tools and parameters are taken.
    What is not sent, and what takes another form, is on docs/providers.md.

    Raises:
        Malformed: something of it cannot be sent over this API; the message says what.
    """
    path, body_of = _APIS[api]
    return Request(path, body_of(question_of(model, generation, messages)))
