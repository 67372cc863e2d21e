"""The container, as far as it can be tried without an engine that builds and runs containers."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import template
from infra.grpc.config import ServingConfig
from infra.local.provision import provision
from tests.e2e.generations import export, read
from tests.integration.rpc.client import Client, small

ROOT = Path(__file__).parents[2]
GRPC = ROOT / "infra/grpc"
DOCKERFILE = (GRPC / "Dockerfile").read_text(encoding="utf-8")
PYTHON = re.compile(r"python:3\.\d+\.\d+-slim-\w+")
STARTED = re.compile(r'"event": "(grpc|http)\.started", "port": (\d+)')
NOT_OURS = ("logs:", "xray:")
"""Services by which a function tells of itself; a task has other ways."""
QUEUE = re.compile("(\\w+)Queue(?:Url)?")


def instructions() -> list[list[str]]:
    """The Dockerfile's instructions, each in words."""
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
    return [line.split() for line in lines if line]


def last_stage() -> list[list[str]]:
    """Those of the image that is shipped."""
    given = instructions()
    start = max(index for index, words in enumerate(given) if words[0] == "FROM")
    return given[start:]


def copied() -> list[tuple[str, str]]:
    """What the image has of this repository, and where."""
    return [(words[1], words[2]) for words in last_stage() if words[0] == "COPY" and not words[1].startswith("--")]


def test_each_stage_starts_from_one_version_of_python() -> None:
    bases = {words[1] for words in instructions() if words[0] == "FROM"}
    assert len(bases) == 1
    assert PYTHON.fullmatch(bases.pop())


def test_packages_are_those_that_were_locked_and_checked() -> None:
    [install] = [" ".join(words) for words in instructions() if "install" in words]
    assert "--require-hashes -r container.txt" in install
    assert ["COPY", "requirements/container.txt", "./"] in instructions()


def test_it_does_not_run_as_root() -> None:
    stage = last_stage()
    [user] = [words[1] for words in stage if words[0] == "USER"]
    assert all(int(part) >= 10_000 for part in user.split(":"))
    assert stage.index(["USER", user]) > max(index for index, words in enumerate(stage) if words[0] in {"RUN", "COPY"})


def test_nothing_but_the_application_can_get_in() -> None:
    ignored = (GRPC / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert ignored[0] == "*"
    assert allowed == {*(source for source, _ in copied()), "requirements/container.txt"}
    assert not {name for name in allowed if name.startswith(("tests", "docs", "benchmarks", "."))}


def test_callers_need_keys_unless_somebody_says_otherwise() -> None:
    [variables] = [words for words in last_stage() if words[0] == "ENV"]
    assert {"LISTEN_HOST=0.0.0.0", "SIGIL_AUTH_REQUIRE_KEY=true"} <= set(variables)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image."""
    place = tmp_path_factory.mktemp("image")
    for source, target in copied():
        whole = place / target / (Path(source).name if target.endswith("/") and (ROOT / source).is_file() else "")
        if (ROOT / source).is_file():
            whole.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / source, place / source)
        else:
            shutil.copytree(ROOT / source, whole, ignore=shutil.ignore_patterns("__pycache__"))
    return place


@contextmanager
def started(image: Path, **env: str) -> Iterator["subprocess.Popen[str]"]:
    """The container's process, with nothing but its own files and these variables."""
    given = {"PATH": os.environ["PATH"], "LISTEN_HOST": "127.0.0.1", "GRPC_PORT": "0", "PORT": "0", **env}
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.grpc"], cwd=image, env=given, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.roto
def test_its_files_suffice_to_serve_both_fronts_against_any_endpoint(image: Path, roto_endpoint: str) -> None:
    resources = template.load()
    wiring = template.function_environment(resources, provision(roto_endpoint, resources))
    account = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    tenancy = {"SIGIL_AUTH_ENABLED": "false", "AWS_ENDPOINT_URL": roto_endpoint}
    with started(image, SERVE="grpc,http", **wiring, **account, **tenancy) as process:
        ports: dict[str, int] = {}
        while len(ports) < 2:
            line = process.stderr.readline() if process.stderr else ""
            assert line, "it ended before it served"
            if found := STARTED.search(line):
                ports[found[1]] = int(found[2])
        client = Client(ports["grpc"])
        assert client.export(small("container-grpc")).errors == [""]
        base = f"http://127.0.0.1:{ports['http']}"
        assert export(base, ["container-http"]) == ["container-http"]
        assert read(base, "container-grpc")[0] == 200
        client.channel.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"LISTEN_HOST": "0.0.0.0"}, "beyond loopback SIGIL_AUTH_REQUIRE_KEY=true is required"),  # noqa: S104 - refused
        ({"SERVE": "ftp"}, "SERVE is 'ftp'; it can be grpc, http or both"),
        ({"GRPC_CONCURRENCY": "0"}, "GRPC_CONCURRENCY is '0'; it must be a whole number from 1 to 1000"),
        ({"DRAIN_SECONDS": "x"}, "DRAIN_SECONDS is 'x'; it must be a whole number from 1 to 3600"),
    ],
)
def test_it_says_why_it_does_not_start(image: Path, env: dict[str, str], said: str) -> None:
    with started(image, **env) as process:
        _, errors = process.communicate(timeout=60)
    entry = json.loads(errors.splitlines()[-1])
    assert (process.returncode, entry["event"], entry["level"]) == (1, "serving.not_started", "ERROR")
    assert said in entry["error"]


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """The resources of the template."""
    return dict(yaml.safe_load((GRPC / "fargate.yaml").read_text(encoding="utf-8"))["Resources"])


def test_cfn_lint_finds_nothing() -> None:
    lint = Path(sys.executable).parent / "cfn-lint"
    found = subprocess.run(
        [str(lint), str(GRPC / "fargate.yaml")], capture_output=True, text=True, timeout=120, check=False
    )
    assert (found.returncode, found.stdout) == (0, "")


def statements(policy: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """What may be done with all that the product stands on, and with which queues, by the statement's name."""
    return {
        each["Sid"]: (each["Action"], QUEUE.findall(json.dumps(each["Resource"])))
        for each in policy["Statement"]
        if not each["Action"][0].startswith(NOT_OURS)
    }


def test_the_task_may_do_what_the_function_may(stack: dict[str, Any]) -> None:
    function = json.loads((ROOT / ".chalice/policy-api.json").read_text(encoding="utf-8"))
    [policy] = stack["TaskRole"]["Properties"]["Policies"]
    assert statements(policy["PolicyDocument"]) == statements(function)
    assert len(statements(function)["SendMessages"][1]) == len(set(statements(function)["SendMessages"][1])) >= 5
    assert "*" not in [each["Resource"] for each in policy["PolicyDocument"]["Statement"]]


def test_the_task_is_given_what_the_function_is_given(stack: dict[str, Any]) -> None:
    [container] = stack["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    given = {each["Name"]: each["Value"] for each in container["Environment"]}
    wired = template.load()["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    assert set(wired) <= set(given)
    queues = {name: {"Ref": f"{value['Ref']}Url"} for name, value in wired.items() if name.endswith("_QUEUE_URL")}
    assert queues == {name: given[name] for name in queues}
    assert given["SIGIL_AUTH_REQUIRE_KEY"] == "true"
    assert int(given["DRAIN_SECONDS"]) < container["StopTimeout"]
    config = ServingConfig.from_env({name: given[name] for name in ("DRAIN_SECONDS", "GRPC_CONCURRENCY")})
    ports = [each["ContainerPort"] for each in container["PortMappings"]]
    assert ports == [config.grpc_port, config.http_port]


def test_the_task_is_not_root_and_cannot_write(stack: dict[str, Any]) -> None:
    [container] = stack["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    [user] = [words[1] for words in last_stage() if words[0] == "USER"]
    assert (container["User"], container["ReadonlyRootFilesystem"]) == (user, True)


def test_the_balancer_speaks_grpc_to_the_task_and_asks_for_its_health(stack: dict[str, Any]) -> None:
    targets = stack["GrpcTargets"]["Properties"]
    assert (targets["ProtocolVersion"], targets["Matcher"]) == ("GRPC", {"GrpcCode": "0"})
    assert targets["HealthCheckPath"] == "/grpc.health.v1.Health/Check"
    assert stack["Listener"]["Properties"]["Protocol"] == "HTTPS"
