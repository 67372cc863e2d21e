"""The promises of lineage over HTTP, with every process running."""

import hashlib
import hmac
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.generations import call
from tests.e2e.lineage import Graph, eventually
from tests.e2e.stack import Stack
from tests.unit.services.receiver import Receiver, receiving, status

pytestmark = [pytest.mark.e2e, pytest.mark.roto]


@pytest.fixture
def graph(running_service: str) -> Graph:
    return Graph(running_service)


@pytest.fixture
def orchestrator(graph: Graph) -> Graph:
    """C consumed what A and B said, and D what C said."""
    graph.add("a")
    graph.add("b")
    graph.add("c", "a", "b")
    graph.add("d", "c")
    eventually(lambda: graph.settled("d") and graph.settled("c"))
    return graph


def test_a_failed_evaluation_flags_what_consumed_it_and_a_pass_takes_that_back(orchestrator: Graph) -> None:
    graph = orchestrator
    assert [graph.flags(each) for each in "abcd"] == [set()] * 4

    graph.score("a", passed=False)
    eventually(lambda: graph.flags("d") == {"a"})

    assert [graph.flags(each) for each in "abc"] == [set(), set(), {"a"}]
    assert [graph.record(each)["verdict"] for each in "abcd"] == ["fail", "unknown", "unknown", "unknown"]
    [flag] = graph.record("d")["flags"]
    assert (flag["reasons"], flag["evaluators"]) == (["failed_evaluation"], ["judge"])
    assert graph.name(flag["via"]) == "c"

    graph.score("c", passed=True)
    graph.score("a", passed=True)
    eventually(lambda: graph.flags("d") == set())
    assert graph.flags("c") == set()
    assert graph.record("a")["verdict"] == "pass"

    graph.score("a", passed=False)
    eventually(lambda: graph.flags("d") == {"a"})


def test_two_roots_flag_and_retract_each_for_itself(orchestrator: Graph) -> None:
    graph = orchestrator
    graph.score("a", passed=False)
    graph.score("b", passed=False)
    eventually(lambda: graph.flags("d") == {"a", "b"})

    graph.score("a", passed=True)
    eventually(lambda: graph.flags("d") == {"b"})
    assert graph.flags("c") == {"b"}


def test_one_evaluator_s_pass_does_not_settle_another_s_failure(orchestrator: Graph) -> None:
    graph = orchestrator
    graph.score("a", passed=False, evaluator="strict")
    graph.score("a", passed=True, evaluator="lenient")
    eventually(lambda: len([1 for _ in graph.get("a", "/scores")[1]["items"]]) == 2)
    eventually(lambda: graph.flags("c") == {"a"})

    assert graph.record("c")["flags"][0]["evaluators"] == ["strict"]


def test_an_older_score_that_comes_later_changes_nothing(orchestrator: Graph) -> None:
    graph = orchestrator
    graph.score("a", passed=True, created_at="2026-02-01T00:00:00Z")
    graph.score("a", passed=False, created_at="2026-01-01T00:00:00Z")
    graph.score("b", passed=False)
    eventually(lambda: graph.flags("c") == {"b"})
    eventually(lambda: len(graph.get("a", "/scores")[1]["items"]) == 2)

    assert graph.record("a")["verdict"] == "pass"


def test_what_comes_after_the_failure_is_flagged_too(orchestrator: Graph) -> None:
    graph = orchestrator
    graph.score("a", passed=False)
    eventually(lambda: graph.flags("d") == {"a"})

    graph.add("late", "d")
    eventually(lambda: graph.flags("late") == {"a"})
    graph.add("f", "e")
    graph.add("e", "late")
    eventually(lambda: graph.flags("f") == {"a"})


def test_a_score_may_come_before_its_generation_and_a_child_before_its_parent(graph: Graph) -> None:
    graph.score("p", passed=False)
    graph.add("x", "p")
    eventually(lambda: graph.flags("x") == {"p"})
    assert graph.get("p")[0] == 404

    graph.add("p")
    eventually(lambda: graph.settled("p"))
    assert graph.record("p")["verdict"] == "fail"
    assert graph.flags("x") == {"p"}


def test_a_failed_run_is_a_root_until_it_is_waived(graph: Graph) -> None:
    graph.add("run", call_error="Provider returned 500")
    graph.add("x", "run")
    eventually(lambda: graph.flags("x") == {"run"})
    assert graph.record("x")["flags"][0]["reasons"] == ["failed_generation"]

    graph.score("run", passed=False)
    eventually(lambda: graph.record("x")["flags"][0]["reasons"] == ["failed_evaluation", "failed_generation"])

    graph.waive("run")
    eventually(lambda: graph.flags("x") == set())
    assert graph.record("run")["verdict"] == "fail"

    graph.waive("run", "DELETE")
    eventually(lambda: graph.flags("x") == {"run"})


def test_lists_find_what_is_flagged_by_whom_and_why(orchestrator: Graph) -> None:
    graph = orchestrator
    graph.add("run", call_error="Provider returned 500")
    graph.add("e", "run", "d")
    graph.score("a", passed=False)
    eventually(lambda: graph.flags("e") == {"a", "run"} and graph.flags("d") == {"a"})

    assert sorted(graph.listed(flagged="true")) == ["c", "d", "e"]
    assert {"a", "b", "run"} <= set(graph.listed(flagged="false"))
    assert graph.listed(root=graph.id("a")) == ["e", "d", "c"]
    assert graph.listed(root=graph.id("run")) == ["e"]
    assert sorted(graph.listed(reason="failed_evaluation")) == ["c", "d", "e"]
    assert graph.listed(reason="failed_generation") == ["e"]
    assert graph.listed(verdict="fail") == ["a"]

    graph.score("a", passed=True)
    eventually(lambda: graph.flags("d") == set())
    assert graph.listed(flagged="true") == ["e"]
    assert graph.listed(root=graph.id("a")) == []
    assert graph.listed(verdict="pass") == ["a"]


@pytest.mark.parametrize("failed", [False, True])
def test_dependents_are_counted_and_paged_newest_first(orchestrator: Graph, failed: bool) -> None:
    graph = orchestrator
    if failed:
        graph.score("a", passed=False)
        eventually(lambda: graph.flags("d") == {"a"})

    status, first = graph.get("a", "/dependents", limit=1)
    assert (status, first["count"], first["count_exact"]) == (200, 2, True)
    [newest] = first["items"]
    assert graph.name(newest["id"]) == "d"
    assert (newest["flagged"], "input" in newest) == (failed, False)

    _, rest = graph.get("a", "/dependents", limit=1, cursor=first["next_cursor"])
    assert [graph.name(item["id"]) for item in rest["items"]] == ["c"]
    assert rest["next_cursor"] is None
    assert graph.get("d", "/dependents")[1] == {"items": [], "next_cursor": None, "count": 0, "count_exact": True}
    assert graph.get("b", "/dependents", limit=1, cursor=first["next_cursor"])[0] == 400


def test_lineage_is_drawn_in_three_formats(orchestrator: Graph) -> None:
    graph = orchestrator
    graph.add("late", "d", "ghost")
    graph.score("a", passed=False)
    eventually(lambda: graph.flags("late") == {"a"})

    status, drawing = graph.get("c", "/lineage")

    assert (status, graph.name(drawing["root"]), drawing["truncated"]) == (200, "c", False)
    nodes = {graph.name(node.pop("id")): node for node in drawing["nodes"]}
    assert {name: node["depth"] for name, node in nodes.items()} == {"c": 0, "a": 1, "b": 1, "d": 1, "late": 2}
    known = {"kind": "generation", "status": "completed", "agent_name": "tester", "missing": False}
    assert nodes["a"] == {**known, "verdict": "fail", "flagged": False, "depth": 1}
    assert nodes["d"] == {**known, "verdict": "unknown", "flagged": True, "depth": 1}
    edges = {(graph.name(edge["from"]), graph.name(edge["to"])) for edge in drawing["edges"]}
    assert edges == {("a", "c"), ("b", "c"), ("c", "d"), ("d", "late")}
    _, above = graph.get("late", "/lineage", direction="upstream", max_depth=1)
    assert {graph.name(node["id"]): node["missing"] for node in above["nodes"]} == {
        "late": False,
        "d": False,
        "ghost": True,
    }
    assert above["truncated"] is True
    for form, first, arrow in (("mermaid", "flowchart TD", "-->"), ("dot", "digraph lineage {", "->")):
        text = as_text(graph, "c", form)
        assert text.startswith(f"{first}\n")
        assert text.count(arrow) == 4
        assert graph.id("late") in text


def as_text(graph: Graph, name: str, form: str) -> str:
    url = f"{graph.base}/api/v1/generations/{graph.id(name)}/lineage?format={form}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return str(answer.read().decode())


def test_the_way_from_a_flag_up_to_its_root_is_told(orchestrator: Graph) -> None:
    graph = orchestrator
    _, way = graph.get("d", "/lineage", direction="upstream", to=graph.id("a"))

    assert [graph.name(node["id"]) for node in way["nodes"]] == ["d", "c", "a"]
    edges = [(graph.name(edge["from"]), graph.name(edge["to"])) for edge in way["edges"]]
    assert (edges, way["truncated"]) == ([("c", "d"), ("a", "c")], False)
    assert graph.get("a", "/lineage", direction="upstream", to=graph.id("d"))[0] == 404


@pytest.mark.parametrize("path", ["/lineage", "/dependents"])
def test_what_is_unknown_is_not_found_and_what_is_not_understood_is_refused(graph: Graph, path: str) -> None:
    graph.add("x")
    assert graph.get("nothing", path)[0] == 404
    assert graph.get("x", path, depth=3)[0] == 400
    assert graph.get("x", path, limit=0)[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        {"direction": "sideways"},
        {"max_depth": 101},
        {"limit": 2001},
        {"format": "svg"},
        {"to": "x", "direction": "downstream"},
        {"to": "\x00"},
    ],
)
def test_a_lineage_that_cannot_be_drawn_is_refused(graph: Graph, query: dict[str, object]) -> None:
    graph.add("x")
    assert graph.get("x", "/lineage", **query)[0] == 400


def test_webhooks_are_off_unless_the_operator_allows_hosts(running_service: str) -> None:
    body = b'{"url": "https://hooks.example.com/"}'
    status, answer = call(f"{running_service}/api/v1/webhook", body, "PUT", content_type="application/json")

    assert (status, answer["error"]["code"]) == (409, "WEBHOOKS_OFF")
    assert "WEBHOOK_ALLOWED_HOSTS" in answer["error"]["message"]


@pytest.fixture
def open_service(tmp_path: Path) -> Iterator[str]:
    """The whole local run with webhooks on loopback allowed."""
    stack = Stack(tmp_path / "data", WEBHOOK_ALLOWED_HOSTS="127.0.0.1")
    yield stack.url
    stack.stop()


def notices(receiver: Receiver, secret: str) -> list[dict[str, object]]:
    """What was received, every signature verified."""
    for headers, body in receiver.requests:
        signed = headers["x-catchment-timestamp"].encode() + b"." + body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["x-catchment-signature"] == f"v1={expected}"
        assert headers["x-catchment-id"] == json.loads(body)["id"]
    return [json.loads(body) for _, body in receiver.requests]


def test_a_webhook_is_told_once_per_root_and_again_until_it_listens(open_service: str) -> None:
    url = f"{open_service}/api/v1/webhook"
    graph = Graph(open_service)
    answers = iter([status(500), status(302, "Location: /")])
    with receiving(lambda connection: connection.sendall(next(answers, status(204)))) as receiver:
        body = json.dumps({"url": receiver.url}).encode()
        made = call(url, body, "PUT", content_type="application/json")
        assert made[0] == 200
        shown = {"url": receiver.url, "created_at": made[1]["created_at"], "secret_prefix": made[1]["secret"][:4]}
        assert call(url) == (200, shown)

        graph.add("a")
        for number in range(3):
            graph.add(f"c-{number}", "a")
        eventually(lambda: all(graph.settled(f"c-{number}") for number in range(3)))
        graph.score("a", passed=False)
        eventually(lambda: len(receiver.requests) == 3)
        graph.score("a", passed=True)
        eventually(lambda: len(receiver.requests) == 4)
        told = notices(receiver, made[1]["secret"])

    assert told[0] == told[1] == told[2]
    expected = {"type": "root.started_failing", "generation_id": graph.id("a"), "tenant_id": "fake"}
    assert told[0].items() >= expected.items()
    assert (told[0]["reasons"], told[0]["evaluators"]) == (["failed_evaluation"], ["judge"])
    assert (told[0]["dependents"], told[0]["dependents_exact"]) == (3, True)
    assert (told[3]["type"], told[3]["reasons"]) == ("root.stopped_failing", [])
    assert call(url, method="DELETE")[0] == 200
    assert call(url)[0] == 404
