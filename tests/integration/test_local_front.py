"""The HTTP front of the local run over a small Chalice app, byte by byte."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.app import Chalice, Response

from infra.local.front import Front, OneSend, listening_socket
from infra.local.gateway import Gateway

LIMIT = 100_000


@dataclass(frozen=True)
class Running:
    """A front that serves, and its port."""

    front: Front
    port: int
    thread: threading.Thread

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def exchange(self, request: bytes) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers in lower case and body of one answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_answer(connection)


def small_app() -> Chalice:
    """Routes that show what the front hands over."""
    app = Chalice(app_name="small")
    together = threading.Barrier(2, timeout=10)

    def echo(**parameters: str) -> Any:
        request = app.current_request
        assert request is not None
        event = request.to_dict()
        return {"method": request.method, "parameters": parameters, "query": event["query_params"], "path": event}

    def raw() -> dict[str, Any]:
        request = app.current_request
        assert request is not None
        return {"bytes": list(request.raw_body), "headers": dict(request.headers)}

    def meet(name: str) -> dict[str, str]:
        together.wait()
        request = app.current_request
        assert request is not None
        assert request.uri_params is not None
        return {"argument": name, "request": request.uri_params["name"]}

    def wait() -> dict[str, bool]:
        time.sleep(1)
        return {"waited": True}

    def text() -> Response:
        return Response("ü" * 3, {"Content-Type": "text/plain; charset=utf-8", "X-Many": ["1", "2"]}, 200)

    app.route("/things/{id}")(echo)
    app.route("/things/{id}/parts/{part}", methods=["GET", "PUT"])(echo)
    app.route("/things:export", methods=["POST"], content_types=["application/json", "application/x"])(raw)
    app.route("/meet/{name}")(meet)
    app.route("/wait")(wait)
    app.route("/text")(text)
    return app


def silent(event: str, **fields: object) -> None:
    raise AssertionError(f"{event}: {fields}")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    started = start()
    yield started
    started.front.stop()
    started.thread.join(20)


def start() -> Running:
    listener = listening_socket("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.listen()
    front = Front(Gateway(small_app(), silent), listener, LIMIT)
    thread = threading.Thread(target=front.run, args=(10.0,))
    thread.start()
    return Running(front, port, thread)


def read_answer(connection: socket.socket) -> tuple[str, dict[str, str], bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or pytest.fail(f"closed after {received!r}")
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536) or pytest.fail("closed inside the body")
    return status, headers, body


def get(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(path: str, body: bytes, content_type: str = "application/json", *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def test_path_parameters_arrive_as_they_were_sent(running: Running) -> None:
    """Decoding is the application's business: API Gateway hands them over encoded as well."""
    status, _, body = running.exchange(get("/things/a%2Fb%20%25?x=1&x=2&empty="))

    answer = json.loads(body)
    assert status == "HTTP/1.1 200 OK"
    assert answer["parameters"] == {"id": "a%2Fb%20%25"}
    assert answer["query"] == {"x": "2", "empty": ""}


def test_an_answer_leaves_in_one_send() -> None:
    """Head and body in two sends are what makes Nagle's algorithm and delayed acknowledgements wait for each other."""
    sent: list[bytes] = []
    task = one_send_task(sent)

    task.service()

    assert len(sent) == 1
    assert sent[0].endswith(b"\r\n\r\nhello")


def test_a_connection_carries_many_requests(running: Running) -> None:
    with running.connect() as connection:
        for number in range(50):
            connection.sendall(get(f"/things/{number}"))
            _, headers, body = read_answer(connection)
            assert json.loads(body)["parameters"] == {"id": str(number)}
            assert "connection" not in headers


def test_requests_sent_ahead_are_answered_in_order(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(b"".join(get(f"/things/{number}") for number in range(5)))
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 5 or not received.endswith(b"}"):
            received += connection.recv(65536)
    order = [received.index(f'"id":"{number}"'.encode()) for number in range(5)]
    assert order == sorted(order)


def test_each_thread_has_its_own_request(running: Running) -> None:
    """Two requests are held inside the view at the same time."""
    with running.connect() as one, running.connect() as other:
        one.sendall(get("/meet/one"))
        other.sendall(get("/meet/other"))
        answers = [json.loads(read_answer(connection)[2]) for connection in (one, other)]

    assert answers == [{"argument": "one", "request": "one"}, {"argument": "other", "request": "other"}]


def test_a_chunked_body_arrives_whole(running: Running) -> None:
    head = post("/things:export", b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    status, _, body = running.exchange(head + b"3\r\nabc\r\n4;name=value\r\ndefg\r\n0\r\n\r\n")

    assert status == "HTTP/1.1 200 OK"
    assert bytes(json.loads(body)["bytes"]) == b"abcdefg"


@pytest.mark.parametrize("content", [gzip.compress(b"{}", mtime=0), bytes(range(256)), "ü✓".encode(), b""])
def test_any_bytes_arrive_unchanged(running: Running, content: bytes) -> None:
    _, _, body = running.exchange(post("/things:export", content))

    assert bytes(json.loads(body)["bytes"]) == content


def test_every_header_arrives(running: Running) -> None:
    given = ("Content-Encoding: gzip", "X-Scope-OrgID: t1", "Authorization: Bearer x", "X-Ingate-Key: k", "Accept: a/b")
    _, _, body = running.exchange(post("/things:export", b"{}", "application/x; charset=utf-8", *given))

    headers = json.loads(body)["headers"]
    assert (
        headers.items()
        >= {
            "content-encoding": "gzip",
            "x-scope-orgid": "t1",
            "authorization": "Bearer x",
            "x-ingate-key": "k",
            "accept": "a/b",
            "content-type": "application/x; charset=utf-8",
        }.items()
    )


def test_a_literal_colon_may_come_encoded(running: Running) -> None:
    assert running.exchange(post("/things%3Aexport", b"{}"))[0] == "HTTP/1.1 200 OK"


def test_a_full_url_as_target_is_served(running: Running) -> None:
    assert running.exchange(get("http://x/things/1"))[0] == "HTTP/1.1 200 OK"


def test_unknown_paths_are_404_in_the_error_shape(running: Running) -> None:
    status, headers, body = running.exchange(get("/nothing"))

    assert status == "HTTP/1.1 404 Not Found"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"error": {"code": "NOT_FOUND", "message": "no such path", "meta": {}}}


def test_wrong_methods_are_405_and_name_the_right_ones(running: Running) -> None:
    status, headers, body = running.exchange(get("/things/1/parts/2", "DELETE"))

    assert status == "HTTP/1.1 405 Method Not Allowed"
    assert headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert json.loads(body)["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_head_has_the_headers_of_get_and_no_body(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(get("/text", "HEAD") + get("/text"))
        received = b""
        while not received.endswith("üüü".encode()):
            received += connection.recv(65536)

    assert received.count(b"Content-Length: 6") == 2
    assert received.count("üüü".encode()) == 1


def test_options_is_answered_with_what_is_allowed(running: Running) -> None:
    status, headers, body = running.exchange(get("/things:export", "OPTIONS"))

    assert (status, headers["allow"], body) == ("HTTP/1.1 204 No Content", "OPTIONS, POST", b"")


def test_text_and_repeated_headers_leave_as_they_are(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(get("/text"))
        received = connection.recv(65536)

    assert b"X-Many: 1\r\nX-Many: 2\r\n" in received
    assert b"Content-Type: text/plain; charset=utf-8\r\n" in received
    assert b"Server:" not in received


@pytest.mark.parametrize("size", [LIMIT, LIMIT * 50])
def test_a_body_over_the_limit_is_read_and_then_refused(running: Running, size: int) -> None:
    """A refusal in the middle of the body would reset the connection before the client reads the answer."""
    with running.connect() as connection:
        connection.sendall(post("/things:export", b"x" * size))
        status, _, body = read_answer(connection)

    assert status.startswith("HTTP/1.1 413 ")
    assert json.loads(body)["error"]["code"] == "TOO_LARGE"


def test_a_client_that_asks_before_it_sends_too_much_is_refused_at_once(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(
            post("/things:export", b"", "application/json")[:-2].replace(b"Length: 0", b"Length: 999999")
        )
        connection.sendall(b"Expect: 100-continue\r\n\r\n")
        status, _, _ = read_answer(connection)

    assert status.startswith("HTTP/1.1 413 ")


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(post("/things:export", b"{}", "application/json", "Expect: 100-continue")[:-2])
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        status, _, body = read_answer(connection)

    assert status == "HTTP/1.1 200 OK"
    assert bytes(json.loads(body)["bytes"]) == b"{}"


def test_what_is_not_http_is_refused_in_the_error_shape(running: Running) -> None:
    status, _, body = running.exchange(b"GET / HTTP/1.1\r\nbad header\r\n\r\n")

    assert status.endswith(" 400 Bad Request")
    assert json.loads(body)["error"]["code"] == "MALFORMED"


def test_stopping_answers_what_has_begun_and_then_closes() -> None:
    own = start()
    with own.connect() as connection, own.connect() as idle:
        connection.sendall(get("/wait"))
        time.sleep(0.3)
        own.front.stop()
        status, headers, body = read_answer(connection)
        own.thread.join(20)
        assert (status, json.loads(body)) == ("HTTP/1.1 200 OK", {"waited": True})
        assert headers["connection"] == "close"
        assert not own.thread.is_alive()
        assert idle.recv(1) == b""


class _Recorder:
    """The part of a channel that a task uses."""

    def __init__(self, application: Any, sent: list[bytes]) -> None:
        self.server = self
        self.adj = self
        self.application = application
        self.addr = ("127.0.0.1", 1)
        self.url_prefix = ""
        self.effective_port = 80
        self.server_name = "x"
        self.ident = None
        self.draining = False
        self.log_socket_errors = False
        self.write_soon = sent.append

    def check_client_disconnected(self) -> bool:
        return False


def one_send_task(sent: list[bytes]) -> OneSend:
    from infra.local.front import Parser

    def application(_environ: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]

    request = Parser(_Adjustments())
    request.received(get("/"))
    return OneSend(_Recorder(application, sent), request)


class _Adjustments:
    max_request_header_size = 65536
    max_request_body_size = LIMIT
    inbuf_overflow = LIMIT
    url_scheme = "http"
