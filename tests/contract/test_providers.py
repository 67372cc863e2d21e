"""The `Providers` port: an answer comes back as it is, whatever its status, and an error says whether it was asked.

Over the fake, and over HTTP to a provider on this machine.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from chalicelib.adapters.provider_keys import ProviderKeys
from chalicelib.adapters.providers import HttpProviders
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.provider import Provider, ProviderReply, ProviderUnreachable
from chalicelib.services.ports import Providers
from tests.fakes.providers import FakeProviders, said
from tests.unit.services.receiver import Receiver, receiving, saying, stalling

PATH, BODY = "/chat/completions", json.dumps({"model": "m", "messages": []}).encode()
SECONDS = 0.5

Faults = ProviderUnreachable | Unavailable
FAULTS: dict[str, Faults] = {
    "refused": ProviderUnreachable("the connection was refused", asked=False),
    "silent": ProviderUnreachable("no whole answer within 0.5 seconds", asked=True, timed_out=True),
    "cut": ProviderUnreachable("the connection was cut", asked=True),
    "keyless": Unavailable("the key of provider mine cannot be read"),
}


class Ground(Protocol):
    """Makes providers that answer in a way, or fail in one of `FAULTS`."""

    def answering(self, reply: ProviderReply) -> tuple[Providers, Provider]: ...

    def failing(self, fault: str) -> tuple[Providers, Provider]: ...

    def asked(self) -> list[tuple[str, object]]:
        """(path below the base URL, body) of each request that arrived."""
        ...


class FakeGround:
    """The fake says what it is told."""

    def __init__(self) -> None:
        self.providers = FakeProviders()

    def answering(self, reply: ProviderReply) -> tuple[Providers, Provider]:
        self.providers = FakeProviders(reply)
        return self.providers, Provider("mine", "openai-chat", "https://api.example/v1", "openai")

    def failing(self, fault: str) -> tuple[Providers, Provider]:
        self.providers = FakeProviders(FAULTS[fault])
        return self.providers, Provider("mine", "openai-chat", "https://api.example/v1", "openai")

    def asked(self) -> list[tuple[str, object]]:
        return [(path, dict(body)) for _, path, body, _ in self.providers.asked]


class HttpGround:
    """The adapter, and a provider behind a socket."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.receiver = Receiver(0)
        self.providers = HttpProviders(ProviderKeys(variable=lambda _: None))

    def answering(self, reply: ProviderReply) -> tuple[Providers, Provider]:
        body = reply.body.encode()
        wait = "" if reply.retry_after is None else f"Retry-After: {reply.retry_after:g}\r\n"
        head = f"HTTP/1.1 {reply.status_code} X\r\n{wait}Content-Length: {len(body)}\r\n\r\n"
        self.receiver = self.stack.enter_context(receiving(saying(head.encode() + body)))
        return self.providers, self._provider()

    def failing(self, fault: str) -> tuple[Providers, Provider]:
        with receiving() as gone:
            self.receiver = gone
        if fault != "refused":
            self.receiver = self.stack.enter_context(receiving(stalling if fault == "silent" else saying(b"")))
        return self.providers, self._provider("env:MISSING" if fault == "keyless" else None)

    def asked(self) -> list[tuple[str, object]]:
        bodies = [json.loads(body) for _, body in self.receiver.requests]
        return list(zip([path.removeprefix("/v1") for path in self.receiver.paths], bodies, strict=True))

    def _provider(self, key: str | None = None) -> Provider:
        return Provider("mine", "openai-chat", f"http://127.0.0.1:{self.receiver.port}/v1", "openai", key)


GROUNDS: dict[str, Callable[[ExitStack], Ground]] = {"fake": lambda _: FakeGround(), "http": HttpGround}


@pytest.fixture(params=GROUNDS)
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    with ExitStack() as stack:
        yield GROUNDS[request.param](stack)


@pytest.mark.parametrize(
    "reply",
    [said("Grüße"), ProviderReply(402, '{"error": 1}'), ProviderReply(429, "", 7.0), ProviderReply(502, "<html>")],
)
def test_an_answer_comes_back_as_it_is(ground: Ground, reply: ProviderReply) -> None:
    providers, provider = ground.answering(reply)
    assert providers.ask(provider, PATH, BODY, SECONDS) == reply
    assert ground.asked() == [(PATH, json.loads(BODY))]


def test_each_request_is_one(ground: Ground) -> None:
    providers, provider = ground.answering(said("Hi"))
    for _ in range(3):
        assert providers.ask(provider, PATH, BODY, SECONDS).status_code == 200
    assert ground.asked() == [(PATH, json.loads(BODY))] * 3


@pytest.mark.parametrize("fault", ["refused", "silent", "cut"])
def test_no_answer_says_why_and_whether_it_was_asked(ground: Ground, fault: str) -> None:
    providers, provider = ground.failing(fault)
    expected = FAULTS[fault]
    assert isinstance(expected, ProviderUnreachable)
    with pytest.raises(ProviderUnreachable) as raised:
        providers.ask(provider, PATH, BODY, SECONDS)
    error = raised.value
    assert (error.message, error.asked, error.timed_out) == (expected.message, expected.asked, expected.timed_out)


def test_a_key_that_cannot_be_read_is_no_fault_of_the_provider(ground: Ground) -> None:
    providers, provider = ground.failing("keyless")
    with pytest.raises(Unavailable, match=FAULTS["keyless"].message):
        providers.ask(provider, PATH, BODY, SECONDS)
