"""Stands where a provider stands, and does what the model that it is asked for is named after."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Asked = dict[str, Any]
Behaviour = Callable[["Stand", Asked], None]
REFUSED = {"error": {"message": "insufficient credits", "type": "billing", "code": "insufficient_quota"}}
CALL = {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Lisbon"}'}}
STALLED_SECONDS = 40


def completion(message: Asked, finish_reason: str = "stop") -> Asked:
    """A chat completion."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", **message}}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return {"id": "r-1", "object": "chat.completion", "model": "gpt-4o-mini", "choices": [choice], "usage": usage}


class Stand(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:
        """Do as the model says."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        BEHAVIOURS[asked["model"]](self, asked)

    def send(self, status: int, body: bytes, kind: str = "application/json", length: int | None = None) -> None:
        """One answer; `length` is what it says of itself."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def says(status: int, document: Any) -> Behaviour:
    """Answers JSON."""
    return lambda stand, _: stand.send(status, json.dumps(document).encode())


def shows(status: int) -> Behaviour:
    """Answers a page."""
    return lambda stand, _: stand.send(status, b"<html><body>Bad gateway</body></html>", "text/html")


def _answers(stand: Stand, asked: Asked) -> None:
    """Says how much it was told, and calls a tool first where there is one."""
    told = asked["messages"]
    if asked.get("tools") and told[-1]["role"] != "tool":
        stand.send(200, json.dumps(completion({"content": None, "tool_calls": [CALL]}, "tool_calls")).encode())
        return
    stand.send(200, json.dumps(completion({"content": f"{len(told)}: {told[-1]['content']}"})).encode())


def _stalls(stand: Stand, _: Asked) -> None:
    time.sleep(STALLED_SECONDS)
    stand.close_connection = True


def _cuts(stand: Stand, _: Asked) -> None:
    stand.close_connection = True


def _half(stand: Stand, _: Asked) -> None:
    body = json.dumps(completion({"content": "cut"})).encode()
    stand.send(200, body[: len(body) // 2], length=len(body))
    stand.close_connection = True


def _half_and_content(stand: Stand, _: Asked) -> None:
    body = json.dumps(completion({"content": "cut"})).encode()
    stand.send(200, body[: len(body) // 2])


BEHAVIOURS: dict[str, Behaviour] = {
    "answers": _answers,
    "stalls": _stalls,
    "cuts the connection": _cuts,
    "half a body": _half,
    "half a document": _half_and_content,
    "402": says(402, REFUSED),
    "429": says(429, {"error": {"message": "slow down", "type": "rate_limit"}}),
    "500": says(500, {"error": {"message": "overloaded", "type": "server_error"}}),
    "a page": shows(200),
    "a page with 502": shows(502),
    "nothing": says(200, {}),
}


@contextmanager
def misbehaving_provider() -> Iterator[str]:
    """Its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    server.daemon_threads = True
    server.block_on_close = False
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
