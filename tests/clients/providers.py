"""Stands where the providers stand: answers each kind of call as it was captured, JSON or stream, on loopback."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

CAPTURES = Path(__file__).parents[1] / "data/voker"
Call = tuple[str, bool]  # path, and whether it is to be streamed


def call_of(path: str, body: dict[str, Any]) -> Call:
    """What is asked for; Gemini says in the path whether it is to be streamed."""
    plain = re.sub(r"/models/[^:]+:", "/models/any:", path.partition("?")[0])
    return plain, bool(body.get("stream"))


def captured_answers() -> dict[Call, Any]:
    """The first good answer to each kind of call."""
    answers: dict[Call, Any] = {}
    for file in sorted(CAPTURES.rglob("*.json")):
        capture = json.loads(file.read_text(encoding="utf-8"))
        if not capture["path"].startswith("/api/") and capture["reply_status"] == 200:
            answers.setdefault(call_of(capture["path"], capture["body"]), capture["reply_body"])
    return answers


class Provider(BaseHTTPRequestHandler):
    """One request to any provider."""

    answers = captured_answers()

    def do_POST(self) -> None:
        """Answer as captured, or 404."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.answers.get(call_of(self.path, body))
        streamed = isinstance(answer, str)
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def providers() -> Iterator[str]:
    """Their base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
