"""The package that is deployed, made for real by `make package`'s own code. Needs the package index the first time."""

import json
import platform
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.package import package

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("APIHandler", "Process", "Flag", "Webhook", "Purge", "Run", "Evaluate", "Resend")
WORKERS = ("Process", "Flag", "Webhook", "Purge", "Run", "Evaluate")
# X-Ray's actions have no resource type: IAM takes only "*" for them.
WITHOUT_RESOURCE_TYPE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.fixture(scope="module")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def resources(template_file: Path) -> dict[str, Any]:
    template: dict[str, Any] = yaml.safe_load(template_file.read_text(encoding="utf-8"))
    return dict(template["Resources"])


@pytest.fixture(scope="module")
def paths(resources: dict[str, Any]) -> list[str]:
    return list(resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"])


def sqs_source(resources: dict[str, Any], worker: str) -> dict[str, Any]:
    events = resources[worker]["Properties"]["Events"]
    assert [event["Type"] for event in events.values()] == ["SQS"]
    return dict(next(iter(events.values()))["Properties"])


def statements(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, body in resources.items():
        for policy in body.get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


@pytest.mark.parametrize("worker", WORKERS)
def test_failed_messages_are_reported_one_by_one(resources: dict[str, Any], worker: str) -> None:
    """Without this setting Lambda takes any return for success, and failed messages are deleted."""
    assert sqs_source(resources, worker)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_reads_the_queue_of_this_stack(resources: dict[str, Any], worker: str) -> None:
    source = sqs_source(resources, worker)

    assert source["Queue"] == {"Fn::Sub": f"${{{worker}Queue.Arn}}"}
    assert source["BatchSize"] <= 10
    assert source["ScalingConfig"]["MaximumConcurrency"] >= 2


@pytest.mark.parametrize("worker", WORKERS)
def test_a_batch_stays_hidden_for_six_times_the_function_s_timeout(resources: dict[str, Any], worker: str) -> None:
    hidden = resources[f"{worker}Queue"]["Properties"]["VisibilityTimeout"]

    assert hidden >= 6 * resources[worker]["Properties"]["Timeout"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_message_that_failed_five_times_is_kept_two_weeks(resources: dict[str, Any], worker: str) -> None:
    redrive = resources[f"{worker}Queue"]["Properties"]["RedrivePolicy"]

    assert redrive == {"deadLetterTargetArn": {"Fn::GetAtt": [f"{worker}Dlq", "Arn"]}, "maxReceiveCount": 5}
    assert resources[f"{worker}Dlq"]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_api_answers_before_the_gateway_gives_up(resources: dict[str, Any]) -> None:
    assert resources["APIHandler"]["Properties"]["Timeout"] <= 29


def test_each_function_has_a_role_of_its_own(resources: dict[str, Any]) -> None:
    functions = [name for name, body in resources.items() if body["Type"] == "AWS::Serverless::Function"]
    roles = [json.dumps(resources[name]["Properties"]["Role"]) for name in functions]

    assert sorted(functions) == sorted(FUNCTIONS)
    assert len(set(roles)) == len(functions)
    assert sum(body["Type"] == "AWS::IAM::Role" for body in resources.values()) == len(functions)


def test_no_permission_is_wider_than_it_can_be(resources: dict[str, Any]) -> None:
    for role, statement in statements(resources):
        assert all("*" not in action for action in statement["Action"]), role
        if statement["Resource"] == "*":
            assert set(statement["Action"]) <= WITHOUT_RESOURCE_TYPE, role


@pytest.mark.parametrize("worker", WORKERS)
def test_somebody_is_told_of_a_worker_that_fails_and_of_what_it_gave_up(resources: dict[str, Any], worker: str) -> None:
    watched = [
        (dimension["Value"], alarm["Properties"]["MetricName"])
        for alarm in resources.values()
        if alarm["Type"] == "AWS::CloudWatch::Alarm"
        for dimension in alarm["Properties"]["Dimensions"]
    ]

    assert ({"Ref": worker}, "Errors") in watched
    assert ({"Fn::GetAtt": [f"{worker}Dlq", "QueueName"]}, "ApproximateNumberOfMessagesVisible") in watched


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("sqs:ReceiveMessage", {worker: {worker} for worker in WORKERS}),
        (
            "sqs:SendMessage",
            {
                "APIHandler": {"Process", "Flag", "Purge", "Run", "Evaluate"},
                "Process": {"Flag", "Purge", "Evaluate"},
                "Flag": {"Flag", "Webhook"},
                "Purge": {"Purge"},
                "Run": {"Process"},
                "Evaluate": {"Flag", "Evaluate"},
                "Resend": {"Process", "Flag", "Webhook", "Purge", "Run", "Evaluate"},
            },
        ),
    ],
)
def test_each_function_uses_only_its_own_queues(
    resources: dict[str, Any], action: str, allowed: dict[str, set[str]]
) -> None:
    found: dict[str, set[str]] = {}
    for role, statement in statements(resources):
        if action in statement["Action"]:
            given = statement["Resource"]
            queues = {
                each["Fn::GetAtt"][0].removesuffix("Queue") for each in (given if isinstance(given, list) else [given])
            }
            found.setdefault(role_owner(resources, role), set()).update(queues)

    assert found == allowed


def role_owner(resources: dict[str, Any], role: str) -> str:
    """The function that acts with a role."""
    [owner] = [name for name in FUNCTIONS if role in json.dumps(resources[name]["Properties"]["Role"])]
    return owner


def test_every_function_knows_table_queue_and_bucket(resources: dict[str, Any]) -> None:
    for name in FUNCTIONS:
        variables = resources[name]["Properties"]["Environment"]["Variables"]
        assert variables.items() >= {"SIGIL_AUTH_ENABLED": "true", "SIGIL_AUTH_REQUIRE_KEY": "true"}.items()
        assert variables["TABLE_NAME"] == {"Ref": "Table"}
        for worker in WORKERS:
            assert variables[f"{worker.upper()}_QUEUE_URL"] == {"Ref": f"{worker}Queue"}
        assert variables["PAYLOAD_BUCKET"] == {"Ref": "PayloadBucket"}


def test_what_was_stored_outlives_the_stack(resources: dict[str, Any]) -> None:
    for name in ("Table", "PayloadBucket"):
        assert resources[name]["DeletionPolicy"] == resources[name]["UpdateReplacePolicy"] == "Retain"
    table = resources["Table"]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_public_paths_are_those_of_every_other_front(resources: dict[str, Any], paths: list[str]) -> None:
    """The stage is part of the URL: stage `api` and `/v1/…` make `/api/v1/…`."""
    assert resources["RestAPI"]["Properties"]["StageName"] == "api"
    assert "/v1/generations:export" in paths
    assert not [path for path in paths if path.startswith("/api")]


def test_each_level_of_a_path_has_one_parameter_name(paths: list[str]) -> None:
    """API Gateway refuses `/agents/{name}` beside `/agents/{id}/generate`; Chalice does not notice."""
    names: dict[str, set[str]] = {}
    for path in paths:
        segments = path.split("/")
        for level, segment in enumerate(segments):
            if segment.startswith("{"):
                names.setdefault("/".join(segments[:level]), set()).add(segment)

    assert {above: found for above, found in names.items() if len(found) > 1} == {}


def test_each_path_segment_is_one_that_api_gateway_takes(paths: list[str]) -> None:
    segment = re.compile(r"\{[A-Za-z0-9_]+\}|[A-Za-z0-9._:-]+")

    assert [path for path in paths for part in path.split("/")[1:] if part and not segment.fullmatch(part)] == []


def test_the_gateway_s_own_answers_have_the_error_shape(resources: dict[str, Any]) -> None:
    answers = resources["RestAPI"]["Properties"]["GatewayResponses"]

    for kind, answer in answers.items():
        text = answer["ResponseTemplates"]["application/json"].replace("$context.error.messageString", '"m"')
        assert set(json.loads(text)["error"]) == {"code", "message", "meta"}, kind
    assert answers["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == 404
    assert {"REQUEST_TOO_LARGE", "THROTTLED", "INTEGRATION_TIMEOUT", "DEFAULT_4XX", "DEFAULT_5XX"} <= set(answers)


def test_the_gateway_inflates_what_clients_compress(resources: dict[str, Any]) -> None:
    assert resources["RestAPI"]["Properties"]["MinimumCompressionSize"] > 0


def test_cfn_lint_finds_nothing(template_file: Path) -> None:
    lint = Path(sys.executable).parent / "cfn-lint"

    found = subprocess.run([str(lint), str(template_file)], capture_output=True, text=True, timeout=120, check=False)

    assert (found.returncode, found.stdout) == (0, "")


def test_the_code_holds_the_application_and_nothing_else(template_file: Path) -> None:
    names = zipfile.ZipFile(template_file.parent / "deployment.zip").namelist()

    assert {name.partition("/")[0] for name in names} == {"app.py", "chalice", "chalicelib"}
    assert not [name for name in names if name.startswith("chalicelib/rpc/")]
    assert {name for name in names if name.startswith("chalice/")} == {"chalice/app.py", "chalice/__init__.py"}


def test_the_layer_is_small_and_for_the_functions_architecture(template_file: Path, resources: dict[str, Any]) -> None:
    layer = template_file.parent / "layer-deployment.zip"
    natives = {name for name in zipfile.ZipFile(layer).namelist() if name.endswith(".so")}

    assert layer.stat().st_size < 8 * 1024 * 1024
    assert resources["APIHandler"]["Properties"]["Architectures"] == ["arm64"]
    assert natives
    assert not [name for name in natives if "x86_64" in name]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="imports a layer that was made for x86_64")
def test_the_application_imports_and_makes_its_clients_from_code_and_layer_alone(tmp_path: Path) -> None:
    """What was cut out of the layer is missed by nothing: clients, tracing and prices all load."""
    made = package(tmp_path / "package", "x86_64").parent
    for name in ("deployment.zip", "layer-deployment.zip"):
        zipfile.ZipFile(made / name).extractall(tmp_path / "function")
    libraries = next((tmp_path / "function/python/lib").glob("python*/site-packages"))
    program = (
        "import app, boto3, genai_prices, aws_xray_sdk.core\n"
        "services = ('dynamodb', 'sqs', 's3', 'ssm', 'secretsmanager')\n"
        "print([boto3.client(name, 'eu-west-1').meta.endpoint_url for name in services])\n"
    )

    ran = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", program],
        cwd=tmp_path / "function",
        env={"PYTHONPATH": str(libraries), "API_PREFIX": "", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert "https://dynamodb.eu-west-1.amazonaws.com" in ran.stdout
