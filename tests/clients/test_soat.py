"""The npm packages of SOAT against the running service: generate, sessions, tool outputs, traces."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.generations import call
from tests.e2e.lineage import eventually
from tests.e2e.misbehaving_provider import misbehaving_provider
from tests.e2e.stack import Stack

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venvs/soat"
CLI = HOME / "node_modules/@soat/cli/bin/soat"
SCRIPT = Path(__file__).parent / "soat_calls.mjs"
NODE = shutil.which("node")
AGENT, CALLER, BROKEN = "support agent", "caller", "broken"
SAID = [{"role": "user", "content": "What is it like?"}]
TOOL = {"name": "weather", "description": "The weather somewhere", "input_schema_json": '{"type": "object"}'}
OUTPUTS = [{"tool_call_id": "call-1", "output": {"celsius": 21}}]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.roto,
    pytest.mark.skipif(NODE is None or not CLI.exists(), reason="the npm clients are not here (make clients)"),
]


@dataclass
class Sdk:
    """The script that holds the SDK, and the service that it calls."""

    base: str
    process: subprocess.Popen[str]

    def __call__(self, module: str, operation: str, **options: Any) -> tuple[int, Any]:
        """Status and what the SDK gives: data, or the error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"module": module, "operation": operation, **options}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["status"], answer["data"] if answer["error"] is None else answer["error"]

    def generate(self, agent: str, **body: Any) -> tuple[int, Any]:
        """One run."""
        return self("Agents", "createAgentGeneration", path={"agent_id": agent}, body={"messages": SAID, **body})


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    with misbehaving_provider() as url:
        providers = {"main": {"api": "openai-chat", "base_url": url}}
        stack = Stack(tmp_path_factory.mktemp("soat") / "data", PROVIDERS=json.dumps(providers))
        command = [str(NODE), str(SCRIPT), str(HOME), stack.url]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            for name, model, tools in ((AGENT, "answers", []), (CALLER, "answers", [TOOL]), (BROKEN, "402", [])):
                config = json.dumps({"provider": "main", "model": model, "tools": tools}).encode()
                assert call(f"{stack.url}/api/v1/agents/{quote(name)}/run-config", config, "PUT")[0] == 200
            yield Sdk(stack.url, process)
        finally:
            process.communicate(timeout=10)
            stack.stop()


def test_a_run_is_completed(sdk: Sdk) -> None:
    status, run = sdk.generate(AGENT, trace_id="trace-of-ours")
    assert status == 200
    assert (run["status"], run["trace_id"]) == ("completed", "trace-of-ours")
    assert run["output"] == {"model": "gpt-4o-mini", "content": "1: What is it like?", "finish_reason": "stop"}


def test_a_run_waits_for_tools_and_goes_on(sdk: Sdk) -> None:
    status, run = sdk.generate(CALLER)
    assert (status, run["status"]) == (200, "requires_action")
    [wanted] = run["required_action"]["tool_calls"]
    assert wanted == {"id": "call-1", "tool_name": "weather", "args": {"city": "Lisbon"}}
    path = {"agent_id": CALLER, "generation_id": run["id"]}
    status, done = sdk("Agents", "submitAgentToolOutputs", path=path, body={"tool_outputs": OUTPUTS})
    assert (status, done["status"], done["id"]) == (200, "completed", run["id"])
    assert json.loads(done["output"]["content"].partition(": ")[2]) == {"celsius": 21}


def test_a_failed_run_is_found_by_what_the_error_says(sdk: Sdk) -> None:
    status, failure = sdk.generate(BROKEN)
    assert status == 502
    assert failure["error"]["code"] == "AI_PROVIDER_ERROR"
    assert failure["error"]["message"] == "Provider returned 402: insufficient credits"
    meta = failure["error"]["meta"]
    assert meta["provider_status_code"] == 402
    path = {"trace_id": meta["trace_id"]}
    eventually(lambda: sdk("Traces", "getTrace", path=path)[0] == 200)  # once the run is processed
    _, trace = sdk("Traces", "getTrace", path=path)
    assert trace["error"]["message"] == failure["error"]["message"]
    _, generations = sdk("Traces", "getTraceGenerations", path=path)
    assert (generations["trace_id"], generations["generation_ids"]) == (meta["trace_id"], [meta["generation_id"]])
    assert call(f"{sdk.base}/api/v1/generations/{meta['generation_id']}")[1]["status"] == "failed"


def test_an_unknown_agent_is_404(sdk: Sdk) -> None:
    status, failure = sdk.generate("nobody")
    assert (status, failure["error"]["code"]) == (404, "NOT_FOUND")


def test_the_tree_of_a_trace_is_there(sdk: Sdk) -> None:
    _, run = sdk.generate(AGENT)
    path = {"trace_id": run["trace_id"]}
    eventually(lambda: sdk("Traces", "getTraceTree", path=path)[0] == 200)  # once the run is processed
    _, tree = sdk("Traces", "getTraceTree", path=path)
    assert run["id"] in json.dumps(tree)


def test_a_session_remembers_what_was_said(sdk: Sdk) -> None:
    status, session = sdk("Sessions", "createAgentSession", path={"agent_id": AGENT}, body={})
    assert status == 201
    assert session["agent_id"] == AGENT
    path = {"agent_id": AGENT, "session_id": session["id"]}
    contents = []
    for message in ("One", "Two"):
        status, _ = sdk("Sessions", "addSessionMessage", path=path, body={"message": message})
        assert status in {200, 201, 202}
        status, answer = sdk("Sessions", "generateSessionResponse", path=path, body={})
        assert (status, answer["status"], answer["message"]["role"]) == (200, "completed", "assistant")
        contents.append(answer["message"]["content"])
    assert contents == ["1: One", "3: Two"]
    assert call(f"{sdk.base}/api/v1/generations/{answer['generation_id']}")[1]["session_id"] == session["id"]


def test_a_session_takes_tool_outputs(sdk: Sdk) -> None:
    _, session = sdk("Sessions", "createAgentSession", path={"agent_id": CALLER}, body={})
    path = {"agent_id": CALLER, "session_id": session["id"]}
    sdk("Sessions", "addSessionMessage", path=path, body={"message": "The weather?"})
    _, waiting = sdk("Sessions", "generateSessionResponse", path=path, body={})
    assert waiting["status"] == "requires_action"
    assert [one["tool_name"] for one in waiting["required_action"]["tool_calls"]] == ["weather"]
    body = {"generation_id": waiting["generation_id"], "tool_outputs": OUTPUTS}
    status, done = sdk("Sessions", "submitSessionToolOutputs", path=path, body=body)
    assert (status, done["status"]) == (200, "completed")


def test_the_command_line_runs_an_agent(sdk: Sdk) -> None:
    command = [str(NODE), str(CLI), "create-agent-generation", "--agent_id", AGENT, "--messages", json.dumps(SAID)]
    environment = {**os.environ, "SOAT_BASE_URL": sdk.base, "SOAT_TOKEN": "any"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert '"completed"' in done.stdout
