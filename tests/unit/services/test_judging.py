"""Hooks are asked where they may be, in a way they can verify, and hold nobody. Over real sockets."""

import gzip
import json
import runpy
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.courier import HttpCourier
from chalicelib.domain.errors import Malformed
from chalicelib.domain.evaluator import Judgement, JudgingFailed
from chalicelib.domain.judging.configs import read_evaluator
from chalicelib.domain.judging.hook import MOST_REPLY
from chalicelib.domain.judging.matching import score_id_of
from chalicelib.domain.resource import LINEAGE_DEFAULTS
from chalicelib.domain.webhook import signature
from chalicelib.services.evaluation.judging import Judging
from tests.fakes.webhooks import FakeCourier
from tests.unit.domain.judging.cpu import bounded_cpu
from tests.unit.domain.judging.samples import IDENTITY, evaluator, resource
from tests.unit.services.receiver import Answer, dripping, receiving, saying, stalling, status

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
ALLOWED = frozenset({"127.0.0.1", "localhost", "hooks.example"})


class StandingClock:
    """The `Clock` port at one moment."""

    def now(self) -> datetime:
        return NOW


def judging(courier: Any = None) -> Judging:
    """Judging as it is put together for the worker."""
    return Judging(courier or HttpCourier(), StandingClock(), ALLOWED)


def judged(url: str, *, courier: Any = None, **config: Any) -> Judgement:
    """What a hook at that URL says of a generation."""
    hook = read_evaluator({"kind": "http", "config": {"url": url, **config}}, IDENTITY, ALLOWED)
    return judging(courier)(hook, resource())


def reply(body: bytes, head: str = "200 OK") -> Answer:
    """A whole answer."""
    return saying(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def test_a_hook_is_asked_and_believed() -> None:
    with receiving(reply(b'{"value": 0.9, "passed": true, "explanation": "fine"}')) as hook:
        assert judged(hook.url) == Judgement(0.9, True, "fine")

    [(headers, body)] = hook.requests
    asked = json.loads(body)
    assert asked["generation"] == {key: value for key, value in resource().items() if key not in LINEAGE_DEFAULTS}
    assert headers["content-type"] == "application/json"
    assert headers["x-catchment-id"] == asked["id"]
    assert headers["x-catchment-timestamp"] == str(int(NOW.timestamp()))
    assert headers["x-catchment-signature"] == signature(IDENTITY.secret, headers["x-catchment-timestamp"], body)


def test_a_hook_verifies_as_the_page_shows(tmp_path: Path) -> None:
    page = Path("docs/evaluators.md").read_text()
    example = tmp_path / "example.py"
    example.write_text(page.partition("```python\n")[2].partition("```")[0])
    is_genuine = runpy.run_path(str(example))["is_genuine"]
    timestamp, body = str(int(time.time())), b"{}"
    assert is_genuine("secret", timestamp, signature("secret", timestamp, body), body)
    assert not is_genuine("secret", timestamp, signature("other", timestamp, body), body)
    assert not is_genuine("secret", "1767323045", signature("secret", "1767323045", body), body)


def test_what_is_asked_is_the_same_at_every_try() -> None:
    courier = FakeCourier()
    for _ in range(2):
        judged("https://hooks.example/judge?x=1", courier=courier, timeout_seconds=3)
    assert courier.posted[0] == courier.posted[1]
    assert courier.patience == [3, 3]
    target, headers, _ = courier.posted[0]
    assert (target.host, target.path) == ("hooks.example", "/judge?x=1")
    assert headers["X-Catchment-Id"] == score_id_of(evaluator("http", {"url": "https://hooks.example/"}), "gen_1")


def test_the_other_kinds_ask_nobody() -> None:
    courier = FakeCourier()
    assert judging(courier)(evaluator("regex", {"pattern": "Hello"}), resource()).passed
    assert courier.posted == []


def chunked(connection: socket.socket) -> None:
    """A body whose length nobody has said."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" + b'{"value":1' + b"\r\n1\r\n}\r\n0\r\n\r\n"
    )


def until_closed(connection: socket.socket) -> None:
    """A body that ends with the connection."""
    connection.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"value":1}')


@pytest.mark.parametrize("answer", [chunked, until_closed])
def test_a_body_may_come_in_any_form_of_http(answer: Answer) -> None:
    with receiving(answer) as hook:
        assert judged(hook.url) == Judgement(1, None)


def large(connection: socket.socket) -> None:
    """Ten megabytes of JSON."""
    body = b'{"value": "' + b"x" * 10_000_000 + b'"}'
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def zipped(connection: socket.socket) -> None:
    """A judgement in a coding that nobody asked for, and that could be of gigabytes."""
    body = gzip.compress(b'{"value": 1}')
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (large, f"more than {MOST_REPLY} bytes"),
        (zipped, "no JSON"),
        (reply(b"OK"), "no JSON"),
        (reply(b'{"value": []}'), "value"),
        (reply(b"", "204 No Content"), "no JSON"),
        (reply(b'{"value": 1}', "404 Not Found"), "answered 404"),
        (saying(status(302, "Location: http://169.254.169.254/latest/meta-data/")), "answered 302"),
    ],
)
def test_nonsense_ends_it(answer: Answer, message: str) -> None:
    with receiving(answer) as hook, bounded_cpu(), pytest.raises(JudgingFailed, match=message) as raised:
        judged(hook.url)
    assert not raised.value.again


def dripping_body(connection: socket.socket) -> None:
    """A body that grows by a byte every now and then."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"value": 1')
    for _ in range(600):
        connection.sendall(b" ")
        time.sleep(0.05)


def dripping_without_length(connection: socket.socket) -> None:
    """One whose end is that of the connection: what has come when it is cut would be taken for all of it."""
    connection.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"value": 1}')
    for _ in range(600):
        connection.sendall(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "answer",
    [
        *(stalling, dripping, dripping_body, dripping_without_length, saying(b"")),
        saying(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"value": 1}'),
        reply(b"", "500 Internal Server Error"),
        reply(b"", "503 Service Unavailable"),
        reply(b"", "429 Too Many Requests"),
    ],
)
def test_no_answer_in_time_may_come_later(answer: Answer) -> None:
    with receiving(answer) as hook:
        began = time.monotonic()
        with pytest.raises(JudgingFailed) as raised:
            judged(hook.url, timeout_seconds=1)
        assert time.monotonic() - began < 4
    assert raised.value.again


def test_a_resolver_that_does_not_answer_holds_nobody() -> None:
    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(5)
        return ["127.0.0.1"]

    began = time.monotonic()
    with pytest.raises(JudgingFailed) as raised:
        judged("https://hooks.example/", courier=HttpCourier(slow), timeout_seconds=1)
    assert raised.value.again
    assert time.monotonic() - began < 3


def test_redirects_lead_nowhere() -> None:
    with (
        receiving(reply(b'{"value": 1}')) as inner,
        receiving(saying(status(307, f"Location: http://127.0.0.1:{inner.port}/"))) as hook,
        pytest.raises(JudgingFailed),
    ):
        judged(hook.url)
    assert (hook.connections, inner.connections) == (1, 0)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://169.254.169.254/",
            "https://[::ffff:169.254.169.254]/",
            "https://2852039166/",
            "https://0xa9fea9fe/",
        ),
        *("https://0251.0376.0251.0376/", "https://127.1/", "https://[::1]/", "https://0/", "http://hooks.example/"),
        *("https://hooks.example@169.254.169.254/", "https://hooks.example:x@evil.example/", "https://hooks.example./"),
        *(
            "https://evil.example#hooks.example",
            "https://evil.example?hooks.example",
            "https://hooks.example.evil.example/",
        ),
        *("https://hooks.example\\@evil.example/", "https://evil.example\\hooks.example/", "https://hooks.example%2f/"),
        *("https://hooks.example:99999/", "https://hooks.example:x/", "https:hooks.example", "file://hooks.example/x"),
        *("https://ho\u200boks.example/", "https://hooks.example/\r\nHost: x", "https://HOOKS。example/", ""),
    ],
)
def test_a_hook_is_on_a_host_that_the_operator_allows(url: str) -> None:
    """Written in whichever way: what is compared is what is connected to."""
    with pytest.raises(Malformed) as raised:
        judged(url, courier=FakeCourier())
    assert raised.value.meta == {"field": "config.url"}


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fd00:ec2::254"),  # noqa: S104  # what names may stand for
        *("fec0::1", "feff::1", "192.0.0.9", "192.0.0.170", "192.88.99.1", "::ffff:192.88.99.1"),
        *("::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
    ],
)
def test_a_name_that_stands_for_an_inner_address_is_not_asked(address: str) -> None:
    courier = HttpCourier(lambda _host, _port: ["93.184.216.34", address])
    with pytest.raises(JudgingFailed, match="no public address") as raised:
        judged("https://hooks.example/", courier=courier)
    assert raised.value.again


def test_a_name_that_changes_its_mind_is_asked_once() -> None:
    """The connection goes to the address that was checked."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with receiving(reply(b'{"value": 1}')) as hook:
        courier = HttpCourier(lambda _host, _port: next(answers))
        assert judged(f"http://localhost:{hook.port}/", courier=courier).value == 1
    assert hook.connections == 1
    assert next(answers) == ["169.254.169.254"]


def test_a_host_that_is_allowed_no_more_is_not_asked() -> None:
    hook = evaluator("http", {"url": "https://hooks.example/"})
    courier = FakeCourier()
    with pytest.raises(JudgingFailed, match="a host that the operator allows") as raised:
        Judging(courier, StandingClock(), frozenset())(hook, resource())
    assert not raised.value.again
    assert courier.posted == []
