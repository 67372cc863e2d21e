"""A provider that behaves as badly as it likes: each request ends in time, and it is known whether it was asked."""

import gzip
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters import providers as module
from chalicelib.adapters.provider_keys import ProviderKeys
from chalicelib.adapters.providers import HttpProviders, read_retry_after
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.provider import Api, Provider, ProviderReply, ProviderUnreachable
from tests.unit.services.certificates import certificate
from tests.unit.services.receiver import Answer, Receiver, receiving, saying, stalling, status

SECONDS = 0.5
KEY = "sk-live-1"


def http_answer(body: bytes, *headers: str, code: int = 200, length: int | None = None) -> bytes:
    """A whole answer, or one whose length is not what it says."""
    size = len(body) if length is None else length
    return "\r\n".join([f"HTTP/1.1 {code} X", f"Content-Length: {size}", *headers, "", ""]).encode() + body


def provider(receiver: Receiver, api: Api = "openai-chat", scheme: str = "http", host: str = "127.0.0.1") -> Provider:
    return Provider("mine", api, f"{scheme}://{host}:{receiver.port}/v1", "openai", "env:MINE")


def asking(**arguments: Any) -> HttpProviders:
    """Providers, with a key in the environment."""
    return HttpProviders(ProviderKeys(variable={"MINE": KEY}.get), **arguments)


@contextmanager
def in_time(seconds: float = SECONDS + 1) -> Iterator[None]:
    """What happens inside ends before that."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def ask(answer: Answer, seconds: float = SECONDS) -> ProviderReply:
    """One request to a provider that answers so."""
    with receiving(answer) as receiver, in_time(seconds + 1):
        return asking().ask(provider(receiver), "/chat/completions", b"{}", seconds)


def failure(answer: Answer) -> ProviderUnreachable:
    """What comes of a provider that gives no whole answer; it is asked once."""
    with receiving(answer) as receiver, in_time(), pytest.raises(ProviderUnreachable) as raised:
        asking().ask(provider(receiver), "/chat/completions", b"{}", SECONDS)
    assert receiver.connections == 1
    return raised.value


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ("openai-chat", {"authorization": f"Bearer {KEY}"}),
        ("openai-responses", {"authorization": f"Bearer {KEY}"}),
        ("anthropic-messages", {"x-api-key": KEY, "anthropic-version": "2023-06-01"}),
    ],
)
def test_the_whole_request_arrives_with_the_key_in_its_place(api: Api, expected: dict[str, str]) -> None:
    with receiving(saying(http_answer(b"{}"))) as receiver:
        asking().ask(provider(receiver, api), "/x", b'{"a": 1}', SECONDS)
    [(headers, body)] = receiver.requests
    assert body == b'{"a": 1}'
    assert headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-length": "8",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": "catchment/1",
        **expected,
    }


def test_a_provider_without_a_key_gets_none() -> None:
    with receiving(saying(http_answer(b"{}"))) as receiver:
        asking().ask(Provider("mine", "openai-chat", f"http://127.0.0.1:{receiver.port}", "x"), "/x", b"{}", SECONDS)
    assert "authorization" not in receiver.requests[0][0]


@pytest.mark.parametrize("code", [200, 400, 402, 404, 429, 500, 502, 529])
def test_an_answer_is_given_whatever_its_status(code: int) -> None:
    body = json.dumps({"error": {"message": "Grüße"}}, ensure_ascii=False)
    assert ask(saying(http_answer(body.encode(), code=code))) == ProviderReply(code, body)


@pytest.mark.parametrize("code", [200, 502])
def test_an_answer_that_is_no_json_is_one_too(code: int) -> None:
    assert ask(saying(http_answer(b"<html>", "Content-Type: text/html", code=code))) == ProviderReply(code, "<html>")


def test_a_wait_that_the_provider_asks_for_is_told() -> None:
    assert ask(saying(http_answer(b"", "Retry-After: 7", code=429))).retry_after == 7
    date = formatdate(time.time() + 100, usegmt=True)
    assert ask(saying(http_answer(b"", f"Retry-After: {date}", code=503))).retry_after == pytest.approx(100, abs=5)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_never_followed(code: int) -> None:
    with receiving() as elsewhere:
        reply = ask(saying(status(code, f"Location: http://127.0.0.1:{elsewhere.port}/")))
    assert (reply.status_code, elsewhere.connections) == (code, 0)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert ask(saying(http_answer(b"{}"))).status_code == 200
    assert proxy.connections == 0


def test_bytes_that_are_no_text_do_not_cost_the_rest() -> None:
    assert ask(saying(http_answer(b'{"a": "\xff\xc3"}'))).body == '{"a": "\ufffd\ufffd"}'


@pytest.mark.parametrize("body", [b'{"choices": [{"mess', b""])
def test_half_an_answer_of_the_length_it_says_is_an_answer(body: bytes) -> None:
    """Whoever reads it finds out."""
    assert ask(saying(http_answer(body))).body == body.decode()


def test_an_answer_in_chunks_is_put_together() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}1\r\n2\r\n23\r\n0\r\n\r\n"
    assert ask(saying(chunks)).body == "{}123"


def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(b'{"a": 1}')
    assert ask(saying(http_answer(packed, "Content-Encoding: gzip"))).body == '{"a": 1}'


def test_an_answer_may_come_in_after_continue() -> None:
    assert ask(saying(b"HTTP/1.1 100 Continue\r\n\r\n" + http_answer(b"{}"))).body == "{}"


def drip(first: bytes, drop: bytes) -> Answer:
    """Something, and then a few bytes at a time, until nobody listens."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(100):
            connection.sendall(drop)
            time.sleep(0.05)

    return answer


def then_silence(first: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        stalling(connection)

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(stalling, id="no answer"),
        pytest.param(then_silence(b"HTTP/1.1 200 OK\r\nX:"), id="half a head"),
        pytest.param(then_silence(HEAD + b"{"), id="half a body"),
        pytest.param(drip(b"", b"H"), id="a dripping status"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), id="dripping headers"),
        pytest.param(drip(HEAD, b"x"), id="a dripping body"),
        pytest.param(drip(CHUNKED, b"1\r\nx\r\n"), id="dripping chunks"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), id="a dripping body of any length"),
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="endless hope"),
    ],
)
def test_what_does_not_end_is_cut_when_the_time_is_used_up(answer: Answer) -> None:
    error = failure(answer)
    assert (error.message, error.asked, error.timed_out) == ("no whole answer within 0.5 seconds", True, True)


def resetting(first: bytes) -> Answer:
    """Something, and then a reset instead of an end."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    return answer


CUT, UNREADABLE = "the connection was cut", "the answer cannot be read"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(saying(b""), CUT, id="an end before the head"),
        pytest.param(resetting(b""), CUT, id="a reset before the head"),
        pytest.param(saying(http_answer(b'{"a', length=100)), CUT, id="an end within the body"),
        pytest.param(resetting(HEAD + b"{"), CUT, id="a reset within the body"),
        pytest.param(saying(CHUNKED + b"5\r\nab"), CUT, id="an end within a chunk"),
        pytest.param(saying(CHUNKED + b"zz\r\nab"), CUT, id="a chunk without a length"),
        pytest.param(saying(b"SSH-2.0-x\r\n"), UNREADABLE, id="another protocol"),
        pytest.param(saying(b"HTTP/1.1 999999 X\r\n\r\n"), UNREADABLE, id="no status"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), UNREADABLE, id="long header"
        ),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), UNREADABLE, id="many headers"),
        pytest.param(saying(http_answer(b"no gzip", "Content-Encoding: gzip")), UNREADABLE, id="no gzip"),
    ],
)
def test_no_whole_answer_is_none_and_the_provider_may_bill_it(answer: Answer, message: str) -> None:
    error = failure(answer)
    assert (error.message, error.asked, error.timed_out) == (message, True, False)


def flood(head: bytes, pieces: int, piece: bytes) -> Answer:
    """As much as somebody takes."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        with suppress(OSError):
            for _ in range(pieces):
                connection.sendall(piece)

    return answer


BOMB = gzip.compress(bytes(50_000_000))
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(flood(LARGE, 20, bytes(1_000_000)), id="20 MB"),
        pytest.param(flood(b"HTTP/1.1 200 OK\r\n\r\n", 20, bytes(1_000_000)), id="20 MB of any length"),
        pytest.param(saying(http_answer(BOMB, "Content-Encoding: gzip")), id="50 MB in 50 KB"),
    ],
)
def test_an_answer_has_an_end(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr("tests.unit.adapters.test_providers.SECONDS", 3)
    error = failure(answer)
    assert (error.message, error.asked) == ("the answer is too long", True)


def test_an_answer_of_the_longest_kind_is_read_and_no_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100_000)
    assert len(ask(saying(http_answer(b"x" * 100_000))).body) == 100_000
    assert failure(saying(http_answer(b"x" * 100_001))).message == "the answer is too long"


def test_an_answer_that_comes_before_the_request_was_read_is_heard() -> None:
    """The key is refused while the conversation is still being sent."""

    def early(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(http_answer(b"no", code=401))
            connection.shutdown(socket.SHUT_WR)  # an end first, so that the reset by closing does not undo the answer
            time.sleep(0.1)

    assert asked_by(early, b"x" * 5_000_000).status_code == 401


def asked_by(serve: Callable[[socket.socket], None], body: bytes) -> ProviderReply:
    """The reply to a request that `serve` takes off a socket."""
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve, args=(server,))
        thread.start()
        receiver = Receiver(server.getsockname()[1])
        reply = asking().ask(provider(receiver), "/x", body, 5)
        thread.join()
    return reply


def test_nobody_there_has_not_been_asked() -> None:
    with receiving() as receiver:
        pass
    with in_time(), pytest.raises(ProviderUnreachable) as raised:
        asking().ask(provider(receiver), "/x", b"{}", SECONDS)
    assert (raised.value.message, raised.value.asked) == ("the connection was refused", False)


@pytest.mark.parametrize("fault", [socket.gaierror(-2, "x.internal"), UnicodeError("label too long")])
def test_a_host_without_an_address_has_not_been_asked(fault: Exception) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise fault

    with pytest.raises(ProviderUnreachable) as raised:
        asking(resolve=resolve).ask(provider(Receiver(1)), "/x", b"{}", SECONDS)
    assert (raised.value.message, raised.value.asked) == ("the host cannot be resolved", False)


def test_a_name_that_takes_too_long_is_not_waited_for() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        time.sleep(2)
        return []

    with in_time(), pytest.raises(ProviderUnreachable) as raised:
        asking(resolve=resolve).ask(provider(Receiver(1)), "/x", b"{}", SECONDS)
    assert (raised.value.asked, raised.value.timed_out) == (False, True)


def test_of_two_addresses_the_second_is_taken_where_the_first_takes_nobody() -> None:
    with receiving(saying(http_answer(b"{}"))) as receiver:
        providers = asking(resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
        assert providers.ask(provider(receiver), "/x", b"{}", SECONDS).status_code == 200


@pytest.mark.parametrize("name", ["api.example", "other.example"])
@pytest.mark.parametrize("trusted", [True, False])
def test_the_certificate_is_to_be_of_the_host_and_trusted(tmp_path: Path, name: str, trusted: bool) -> None:
    server, client = certificate(tmp_path, name)
    with receiving(saying(http_answer(b"{}")), tls=server) as receiver, in_time():
        providers = asking(resolve=lambda _host, _port: ["127.0.0.1"], **({"tls": client} if trusted else {}))
        asked = provider(receiver, scheme="https", host="api.example")
        if name == "api.example" and trusted:
            assert providers.ask(asked, "/x", b"{}", SECONDS).status_code == 200
        else:
            with pytest.raises(ProviderUnreachable) as raised:
                providers.ask(asked, "/x", b"{}", SECONDS)
            assert (raised.value.message, raised.value.asked) == ("no secure connection can be made", False)
            assert receiver.requests == []


@contextmanager
def tls_stall(first: bytes) -> Iterator[Receiver]:
    """A server that never gets as far as being asked: it drips a record of a handshake."""
    from threading import Thread

    def serve() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.sendall(first)
                for _ in range(100):
                    connection.sendall(b"\x00")
                    time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve)
        thread.start()
        yield Receiver(server.getsockname()[1])
    thread.join()


def test_a_handshake_that_drips_is_cut_and_nothing_was_asked() -> None:
    with tls_stall(b"\x16\x03\x03\x40\x00") as receiver, in_time(), pytest.raises(ProviderUnreachable) as raised:
        asking(tls=ssl.create_default_context()).ask(provider(receiver, scheme="https"), "/x", b"{}", SECONDS)
    assert (raised.value.asked, raised.value.timed_out) == (False, True)


def test_a_key_that_cannot_be_read_asks_nobody() -> None:
    with receiving() as receiver, pytest.raises(Unavailable, match="the key of provider mine cannot be read"):
        HttpProviders(ProviderKeys(variable=lambda _: None)).ask(provider(receiver), "/x", b"{}", SECONDS)
    assert receiver.connections == 0


def test_a_key_that_takes_too_long_is_not_waited_for() -> None:
    def slow(_name: str) -> str:
        time.sleep(2)
        return KEY

    with in_time(), pytest.raises(Unavailable, match="the key of provider mine cannot be read in time"):
        HttpProviders(ProviderKeys(variable=slow)).ask(provider(Receiver(1)), "/x", b"{}", SECONDS)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        ("1.5", 1.5),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0),
        ("Thu, 01 Jan 1970 00:16:30 GMT", 0.0),
        *((odd, None) for odd in (None, "", "-1", "soon", "1e9", "٣", "9" * 5000, "Thu, 01 Jan 1970", "nan")),
    ],
)
def test_a_wait_is_read_from_a_number_or_a_date(said: str | None, seconds: float | None) -> None:
    assert read_retry_after(said, 1000) == seconds


@given(st.text() | st.text("0123456789:, GMTJanThu+-"))
def test_any_other_wait_breaks_nothing(said: str) -> None:
    wait = read_retry_after(said, 1000)
    assert wait is None or wait >= 0


def test_no_message_tells_of_addresses_or_keys() -> None:
    """Nor does any of what it came from get beyond the cause."""
    errors = [failure(saying(b"")), failure(saying(b"HTTP/1.1 sk-live-1 X\r\n\r\n"))]
    assert not any(word in str(error) for error in errors for word in ("127", KEY, "Error", "mine"))


WHOLE = b'{"a": 1}'
LAST_CHUNK = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n" + WHOLE + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize("answer", [http_answer(WHOLE), LAST_CHUNK])
def test_an_answer_whose_end_has_come_counts_although_the_time_is_over(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_to_read(monkeypatch)
    assert ask(saying(answer)).body == WHOLE.decode()


def test_an_answer_that_ends_with_its_connection_counts_only_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = b"HTTP/1.1 200 X\r\n\r\n" + WHOLE
    assert ask(saying(answer)).body == WHOLE.decode()
    slow_to_read(monkeypatch)
    assert failure(saying(answer)).timed_out


def slow_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is used up right behind the last byte."""
    read = module._content

    def slow(response: Any) -> bytes:
        content = read(response)
        time.sleep(SECONDS + 0.1)
        return content

    monkeypatch.setattr(module, "_content", slow)
