"""The packaged template, deployed and used from end to end: gateway, function, queue, worker, table."""

import json
import platform
import time

import pytest

from infra.local.provision import AwsClient, client
from infra.package import package
from tests.e2e.generations import encoded, generation
from tests.integration.deployment import Deployment, deploy

pytestmark = pytest.mark.ministack

# The functions run on this machine, so the layer's native code has to be for it.
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, ministack_endpoint: str) -> Deployment:
    template = package(tmp_path_factory.mktemp("package"), ARCHITECTURE)
    open_to_all = {
        "SIGIL_AUTH_ENABLED": "false",
        "SIGIL_AUTH_REQUIRE_KEY": "false",
        "SIGIL_ALLOW_INSECURE_AUTH": "true",
        "AWS_ENDPOINT_URL": ministack_endpoint,
        # X-Ray's daemon is Lambda's own and not here.
        "TRACING_ENABLED": "false",
    }
    return deploy(template, ministack_endpoint, open_to_all)


def processed(deployed: Deployment, generation_id: str, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        _, record = deployed.call("GET", f"/api/v1/generations/{generation_id}")
        if record.get("processing", {}).get("state") == "processed":
            return True
        time.sleep(0.2)
    return False


def test_a_generation_goes_from_the_gateway_through_the_queue_to_its_record(deployed: Deployment) -> None:
    status, answer = deployed.call("POST", "/api/v1/generations:export", encoded(["d-1", "d-2"]))

    assert (status, [result["accepted"] for result in answer["results"]]) == (202, [True, True])
    assert processed(deployed, "d-1")
    assert processed(deployed, "d-2")


def test_what_depends_on_a_failure_is_flagged_by_the_function_of_its_own(deployed: Deployment) -> None:
    bad = generation("d-bad", call_error="Provider returned 500")
    body = json.dumps({"generations": [bad, generation("d-child", depends_on=["d-bad"])]}).encode()
    assert deployed.call("POST", "/api/v1/generations:export", body)[0] == 202

    deadline = time.monotonic() + 60
    while not deployed.call("GET", "/api/v1/generations/d-child")[1].get("flagged"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    _, reached = deployed.call("GET", "/api/v1/generations/d-bad/dependents")
    assert [item["id"] for item in reached["items"]] == ["d-child"]


def test_it_is_ready_and_healthy(deployed: Deployment) -> None:
    assert deployed.call("GET", "/api/readyz")[0] == 200
    assert deployed.call("GET", "/api/healthz")[0] == 200


def test_a_message_that_cannot_be_processed_is_kept_while_others_of_its_batch_go_on(deployed: Deployment) -> None:
    """Answered one by one: what was processed is deleted, the rest stays in the queue for its next try."""
    sqs = client("sqs", deployed.endpoint)
    queue = deployed.outputs["ProcessQueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"not": "a message of ours"}))
    deployed.call("POST", "/api/v1/generations:export", encoded(["d-3"]))

    assert processed(deployed, "d-3")
    assert eventually_left(sqs, queue) == 1


def eventually_left(sqs: AwsClient, queue: str, seconds: float = 20) -> int:
    """How many messages the queue settles on: those in sight and those in hand."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left, since = -1, time.monotonic()
    while time.monotonic() - since < 2 and seconds > 0:
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        count = sum(int(found[name]) for name in names)
        if count != left:
            left, since = count, time.monotonic()
        time.sleep(0.2)
        seconds -= 0.2
    return left


def test_the_schedule_s_function_runs(deployed: Deployment) -> None:
    functions = client("lambda", deployed.endpoint)
    names = [each["FunctionName"] for each in functions.list_functions()["Functions"]]
    resend = next(name for name in names if "-Resend-" in name)
    event = {"detail-type": "Scheduled Event", "id": "e-1", "detail": {}, "time": "2026-01-01T00:00:00Z"}
    event |= {"account": "0", "region": "us-east-1", "source": "aws.events", "resources": [], "version": "0"}

    answer = functions.invoke(FunctionName=resend, Payload=json.dumps(event))

    assert "FunctionError" not in answer, answer["Payload"].read()


def test_the_package_is_for_the_python_that_made_it(deployed: Deployment) -> None:
    runtimes = {each["Runtime"] for each in client("lambda", deployed.endpoint).list_functions()["Functions"]}

    assert runtimes == {f"python{'.'.join(platform.python_version_tuple()[:2])}"}
