"""Evaluators of every kind over HTTP, with every process running: one fails what a fixed version passes."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from chalicelib.services.evaluation.evaluating import FIRST_DELAY_SECONDS
from tests.e2e.generations import call
from tests.e2e.lineage import Graph, eventually
from tests.e2e.stack import Stack
from tests.unit.services.receiver import Receiver, receiving, status

pytestmark = [pytest.mark.e2e, pytest.mark.roto]

ANSWER = [{"role": "assistant", "parts": [{"text": '{"answer": 41}'}]}]
NEVER, ALWAYS = {"const": "never"}, {"required": ["answer"]}
CONFIGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "regex": ({"pattern": "42"}, {"pattern": "4[0-9]"}),
    "json_schema": ({"schema": NEVER}, {"schema": ALWAYS}),
    "threshold": (
        {"field": "completion.length", "op": "gt", "value": 1000},
        {"field": "completion.length", "op": "gt", "value": 10},
    ),
    "http": ({"timeout_seconds": 2}, {"timeout_seconds": 3}),
}
SECONDS = 20
"""`within seconds`, on a machine that does other things as well."""
KNOWN_TO_ALL = 35
"""Seconds from a change until a backfill begins."""


@dataclass
class Hook:
    """What the hook says; `busy` is how often it says first that it has no time."""

    passed: bool = False
    busy: int = 1
    secret: str = ""

    def answer(self, connection: Any) -> None:
        """One answer."""
        self.busy -= 1
        reply = json.dumps({"value": 0.5, "passed": self.passed, "explanation": "by the hook"}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(reply)}\r\n\r\n".encode()
        connection.sendall(status(503) if self.busy >= 0 else head + reply)


@dataclass
class Judged:
    """A service with one evaluator of each kind, each for the generations with its tag."""

    base: str
    hook: Hook
    receiver: Receiver

    def put(self, kind: str, config: dict[str, Any]) -> dict[str, Any]:
        """Set the evaluator of a kind."""
        url = {"url": self.receiver.url} if kind == "http" else {}
        body = {"kind": kind, "config": {**url, **config}, "filter": {"tags": {"judge": kind}}}
        code, made = call(f"{self.base}/api/v1/evaluators/{kind}", json.dumps(body).encode(), "PUT")
        assert code == 200, made
        return dict(made)

    def get(self, path: str) -> Any:
        """Something of the evaluators that is there."""
        code, found = call(f"{self.base}/api/v1/evaluators/{path}")
        assert code == 200, found
        return found

    def is_done(self, kind: str) -> bool:
        """Whether the backfill of that kind has come to its end."""
        return bool(self.get(f"{kind}/backfill")["state"] == "done")


def flagged(graph: Graph, roots: set[str]) -> bool:
    """Whether `c` is flagged by these."""
    return graph.flags("c") == roots


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """All evaluators are there before anything is sent: a later one may be known only after 30 s."""
    hook = Hook()
    with receiving(hook.answer) as receiver:
        stack = Stack(tmp_path_factory.mktemp("evaluators") / "data", EVALUATOR_ALLOWED_HOSTS="127.0.0.1")
        try:
            service = Judged(stack.url, hook, receiver)
            made = {kind: service.put(kind, failing) for kind, (failing, _) in CONFIGS.items()}
            hook.secret = made["http"]["secret"]
            yield service
        finally:
            stack.stop()


def test_the_story_from_failing_to_clean(judged: Judged) -> None:
    """Of every kind at once: each waits for a hook's second try, and for a version to be known to all."""
    judged.hook.passed = False
    graphs = {kind: Graph(judged.base) for kind in CONFIGS}
    begun = time.monotonic()
    for kind, graph in graphs.items():
        graph.add("a", output=ANSWER, tags={"judge": kind})
        graph.add("c", "a")
    for kind in ("regex", "json_schema", "threshold", "http"):
        eventually(partial(flagged, graphs[kind], {"a"}), SECONDS + (kind == "http") * FIRST_DELAY_SECONDS)
    assert time.monotonic() - begun < SECONDS + FIRST_DELAY_SECONDS
    for kind, graph in graphs.items():
        assert graph.record("a")["verdict"] == "fail"
        assert graph.record("c")["flags"][0]["evaluators"] == [kind]

    judged.hook.passed = True
    for kind in CONFIGS:
        assert judged.put(kind, CONFIGS[kind][1])["version"] == 2
        asked = json.dumps({"filter": {"tags": {"judge": kind}}}).encode()
        assert call(f"{judged.base}/api/v1/evaluators/{kind}/backfill", asked, "POST")[0] == 202
    for kind, graph in graphs.items():
        eventually(partial(flagged, graph, set()), SECONDS + KNOWN_TO_ALL)
        assert graph.record("a")["verdict"] == "pass"
        eventually(partial(judged.is_done, kind))
        stats = judged.get(f"{kind}/stats")
        assert [stats[name] for name in ("judged", "passed", "failed", "errors")] == [2, 1, 1, 0]
        scores = graph.get("a", "/scores")[1]["items"]
        assert [(one["evaluator_version"], one["passed"]) for one in scores] == [("2", True), ("1", False)]
        assert judged.get(f"{kind}/failures")["items"] == []


def test_a_hook_was_asked_again_and_every_question_was_signed(judged: Judged) -> None:
    """After the story: once it had no time, and then it judged two versions."""
    requests = judged.receiver.requests
    if not requests:
        pytest.skip("the story of the hook has not been told")
    assert len(requests) == 3
    for headers, body in requests:
        signed = headers["x-catchment-timestamp"].encode() + b"." + body
        expected = hmac.new(judged.hook.secret.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["x-catchment-signature"] == f"v1={expected}"


def test_a_trial_of_an_inline_generation(judged: Judged) -> None:
    item = {"id": "inline", "model": {"provider": "p", "name": "m"}, "conversation_id": "c", "output": ANSWER}
    body = json.dumps({"generation": {**item, "tags": {"judge": "json_schema"}}}).encode()
    code, tried = call(f"{judged.base}/api/v1/evaluators/json_schema/test", body, "POST")
    assert (code, tried["matches"], tried["sampled"], tried["error"]) == (200, True, True, None)
    assert call(f"{judged.base}/api/v1/generations/inline")[0] == 404
