"""Posts go nowhere but where they may, and end in time whatever the receiver does. Over real sockets."""

import ipaddress
import time
from pathlib import Path

import pytest

from chalicelib.adapters import courier as module
from chalicelib.adapters.courier import HttpCourier
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.webhook import Target, target_of
from tests.unit.services.certificates import certificate
from tests.unit.services.receiver import Answer, Receiver, dripping, receiving, saying, stalling, status

ALLOWED = frozenset({"127.0.0.1", "hooks.example"})


def post(receiver: Receiver) -> int:
    return HttpCourier().post(target_of(receiver.url, ALLOWED), {"X-A": "b"}, b"{}")


def test_the_whole_request_arrives() -> None:
    with receiving() as receiver:
        assert post(receiver) == 204

    [(headers, body)] = receiver.requests
    assert (headers["host"], headers["x-a"], body) == (f"127.0.0.1:{receiver.port}", "b", b"{}")


@pytest.mark.parametrize("number", [200, 301, 307, 404, 500])
def test_a_status_is_told_and_never_acted_on(number: int) -> None:
    with (
        receiving() as elsewhere,
        receiving(saying(status(number, f"Location: http://127.0.0.1:{elsewhere.port}/"))) as receiver,
    ):
        assert post(receiver) == number
        assert (receiver.connections, elsewhere.connections) == (1, 0)


def large(connection: object) -> None:
    """Ten megabytes that nobody reads."""
    assert hasattr(connection, "sendall")
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 10_000_000)


def test_a_large_answer_is_not_read() -> None:
    with receiving(large) as receiver:
        began = time.monotonic()
        assert post(receiver) == 200
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(saying(b""), id="nothing"),
        pytest.param(saying(b"SSH-2.0-x\r\n"), id="another protocol"),
        pytest.param(saying(b"HTTP/1.1 2"), id="half a status"),
        pytest.param(saying(b"HTTP/1.1 999999 X\r\n\r\n"), id="no status"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), id="long header"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), id="many headers"),
        pytest.param(stalling, id="silence"),
        pytest.param(dripping, id="drops"),
    ],
)
def test_no_sensible_answer_counts_as_none_and_in_time(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr(module, "SOCKET_SECONDS", 0.5)
    monkeypatch.setattr(module, "POST_SECONDS", 1.0)
    with receiving(answer) as receiver:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            post(receiver)
        assert time.monotonic() - began < 4


def test_nobody_there_is_no_answer() -> None:
    with receiving() as receiver:
        pass
    with pytest.raises(Unavailable):
        post(receiver)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::"),
    ],
)
@pytest.mark.parametrize("others", [[], ["93.184.216.34"]])
def test_a_name_that_stands_for_an_inner_address_is_not_connected_to(address: str, others: list[str]) -> None:
    """Not even when it stands for a public one as well."""
    with receiving() as receiver:
        courier = HttpCourier(resolve=lambda _host, _port: [*others, address])
        with pytest.raises(Unavailable, match="no public address"):
            courier.post(Target("http", "hooks.example", receiver.port, "/"), {}, b"")
    assert receiver.connections == 0


def test_localhost_that_stands_for_another_machine_is_not_connected_to() -> None:
    courier = HttpCourier(resolve=lambda _host, _port: ["93.184.216.34"])
    with pytest.raises(Unavailable, match="no public address"):
        courier.post(Target("http", "localhost", 80, "/"), {}, b"")


@pytest.mark.parametrize(("name", "accepted"), [("hooks.example", True), ("other.example", False)])
def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, accepted: bool
) -> None:
    """The connection goes to the checked address; what the receiver is told and must prove is the name."""
    monkeypatch.setattr(module, "may_connect", lambda _host, address: ipaddress.ip_address(address).is_loopback)
    server, client = certificate(tmp_path, name)
    told: list[str | None] = []
    server.sni_callback = lambda _socket, sni, _context: told.append(sni)
    with receiving(tls=server) as receiver:
        courier = HttpCourier(lambda _host, _port: ["127.0.0.1"], client)
        target = Target("https", "hooks.example", receiver.port, "/")
        if accepted:
            assert courier.post(target, {}, b"{}") == 204
            assert receiver.requests[0][0]["host"] == f"hooks.example:{receiver.port}"
        else:
            with pytest.raises(Unavailable):
                courier.post(target, {}, b"{}")
            assert receiver.requests == []
    assert told == ["hooks.example"]
