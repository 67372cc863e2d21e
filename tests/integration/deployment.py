"""Deploys the packaged template on an engine that understands CloudFormation, and calls what it deployed."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from infra.local.provision import client

BUCKET = "deployments"
FUNCTIONS = ("APIHandler", "Process", "Flag", "Webhook", "Purge", "Evaluate", "Resend")
CREATE_SECONDS = 60


@dataclass(frozen=True)
class Deployment:
    """A deployed stack: the engine's endpoint and the stack's outputs."""

    endpoint: str
    outputs: Mapping[str, str]

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        """One request to the public URL, `https://{api}.execute-api.…/api/…`, with `path` from the stage on."""
        address = urlsplit(self.endpoint)
        host = f"{self.outputs['RestAPIId']}.execute-api.{address.netloc}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        try:
            connection.request(method, path, body, {"Host": host, "Content-Type": "application/json", **given})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def deploy(template_file: Path, endpoint: str, overrides: Mapping[str, str]) -> Deployment:
    """Uploads the zips, creates the stack and waits. `overrides` are added to the environment of each function."""
    template = _with_uploaded_code(template_file, endpoint)
    for name in FUNCTIONS:
        template["Resources"][name]["Properties"]["Environment"]["Variables"].update(overrides)
    cloudformation = client("cloudformation", endpoint)
    cloudformation.create_stack(
        StackName="catchment",
        TemplateURL=_uploaded(template, endpoint),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stack = _created(cloudformation)
    return Deployment(endpoint, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})


def _with_uploaded_code(template_file: Path, endpoint: str) -> dict[str, Any]:
    """The template with each local zip replaced by an object, as `aws cloudformation package` does."""
    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket=BUCKET)
    template: dict[str, Any] = yaml.safe_load(template_file.read_text(encoding="utf-8"))
    for body in template["Resources"].values():
        for field in {"CodeUri", "ContentUri"} & set(body.get("Properties", {})):
            code = template_file.parent / body["Properties"][field]
            s3.put_object(Bucket=BUCKET, Key=code.name, Body=code.read_bytes())
            body["Properties"][field] = {"Bucket": BUCKET, "Key": code.name}
    return template


def _uploaded(template: Mapping[str, Any], endpoint: str) -> str:
    """Where the template is read from: it is longer than the 51,200 bytes that a request may bring."""
    client("s3", endpoint).put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template).encode())
    return f"{endpoint}/{BUCKET}/template.json"


def _created(cloudformation: Any) -> dict[str, Any]:
    deadline = time.monotonic() + CREATE_SECONDS
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName="catchment")["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        assert stack["StackStatus"] == "CREATE_IN_PROGRESS", stack
        time.sleep(0.1)
    raise AssertionError(f"the stack was not created within {CREATE_SECONDS} s")
