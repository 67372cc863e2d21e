"""A provider that says what it was told to say."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.provider import Provider, ProviderReply


class FakeProviders:
    """The `Providers` port: answers in order, each a reply or an error to raise; the last one stands for all others."""

    def __init__(self, *answers: ProviderReply | BaseException) -> None:
        self.answers = list(answers) or [said("Hello.")]
        self.asked: list[tuple[Provider, str, Mapping[str, Any], float]] = []

    def ask(self, provider: Provider, path: str, body: bytes, seconds: float) -> ProviderReply:
        self.asked.append((provider, path, json.loads(body), seconds))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


def said(text: str) -> ProviderReply:
    """A chat completion that says `text`."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    reply = {"id": "r1", "object": "chat.completion", "model": "gpt-4o-mini", "choices": [choice], "usage": usage}
    return ProviderReply(200, json.dumps(reply))
