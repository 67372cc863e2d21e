"""The real Python SDK of the Sigil protocol where keys are required: basic and bearer, as its settings have it."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from uuid import uuid4

import pytest
from sigil_sdk import Client, ClientConfig, GenerationExportConfig
from sigil_sdk import models as sdk
from sigil_sdk.config import AuthConfig

from chalicelib.domain.api_key import looks_like_a_key
from tests.clients.keyed_service import KEYED, TENANT, KeyedService, first_key
from tests.clients.sdk_calls import start
from tests.e2e.generations import call
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.roto]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyedService]:
    """The whole local run with its first key made by the command, started once for this module."""
    data_dir = tmp_path_factory.mktemp("keyed-run") / "data"
    stack = Stack(data_dir, **KEYED)
    try:
        made = first_key(data_dir, "--tenant", TENANT)
        assert made.returncode == 0, made.stderr
        yield KeyedService(stack.url, made.stdout.strip())
    finally:
        stack.stop()


def export(url: str, auth: AuthConfig, agent: str) -> str:
    """One generation sent once; gives its id. The SDK raises RuntimeError with the status that it was refused with."""
    config = GenerationExportConfig(
        protocol="http", endpoint=url, auth=auth, max_retries=0, flush_interval=timedelta(0)
    )
    quiet = logging.getLogger(f"sdk-{uuid4().hex}")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    client = Client(ClientConfig(generation_export=config, logger=quiet))
    try:
        with client.start_generation(start(agent, conversation_id="c")) as recorder:
            recorder.set_result(output=[sdk.assistant_text_message("Hello")])
        client.flush()
    finally:
        client.shutdown()
    assert recorder.last_generation is not None
    return str(recorder.last_generation.id)


def test_the_command_prints_a_key_and_nothing_else(keyed: KeyedService) -> None:
    assert looks_like_a_key(keyed.key)
    status, page = keyed.get("/api/v1/keys")
    assert status == 200
    assert [(key["name"], key["role"], key["hint"]) for key in page["items"]][-1] == ("first", "admin", keyed.key[-4:])


@pytest.mark.parametrize("mode", ["bearer", "basic", "basic for a user"])
def test_the_sdk_is_served_with_a_member_s_key(keyed: KeyedService, agent: str, mode: str) -> None:
    key = keyed.make("member")["key"]
    auth = {
        "bearer": AuthConfig(mode="bearer", bearer_token=key),
        "basic": AuthConfig(mode="basic", tenant_id=TENANT, basic_password=key),
        "basic for a user": AuthConfig(mode="basic", tenant_id=TENANT, basic_user="ada", basic_password=key),
    }[mode]
    generation_id = export(keyed.url, auth, agent)
    status, record = keyed.get(f"/api/v1/generations/{generation_id}")
    assert (status, record["tenant_id"], record["agent_name"]) == (200, TENANT, agent)


@pytest.mark.parametrize(
    ("wrong", "status"), [("tenant only", 401), ("viewer", 403), ("revoked", 401), ("another tenant", 401)]
)
def test_the_sdk_is_refused_without_a_right_key(keyed: KeyedService, agent: str, wrong: str, status: int) -> None:
    revoked, member = keyed.make("member"), keyed.make("member")["key"]
    call(f"{keyed.url}/api/v1/keys/{revoked['id']}", method="DELETE", x_ingate_key=keyed.key)
    auth = {
        "tenant only": AuthConfig(mode="tenant", tenant_id=TENANT),
        "viewer": AuthConfig(mode="bearer", bearer_token=keyed.make("viewer")["key"]),
        "revoked": AuthConfig(mode="bearer", bearer_token=revoked["key"]),
        "another tenant": AuthConfig(mode="basic", tenant_id="team-b", basic_password=member),
    }[wrong]
    with pytest.raises(RuntimeError) as refused:
        export(keyed.url, auth, agent)
    answer = refused.value.__cause__
    assert isinstance(answer, HTTPError)
    with answer:  # which the SDK leaves open
        assert answer.code == status
    assert keyed.get(f"/api/v1/agents/{agent}")[0] == 404


def test_no_key_is_in_any_file_of_the_run(keyed: KeyedService, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = keyed.make("viewer")["key"]
    assert call(f"{keyed.url}/api/v1/agents", authorization=f"Bearer {secret}")[0] == 200
    files = [path for path in tmp_path_factory.getbasetemp().rglob("keyed-run*/data/**/*") if path.is_file()]
    assert files
    for path in files:
        written = path.read_bytes()
        assert keyed.key.encode() not in written
        assert secret[-43:].encode() not in written


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tenant", TENANT], "make run"),
        (["--tenant", "a#b"], "must contain only"),
        (["--tenant", ""], "must not be empty"),
        (["--tenant", TENANT, "--role", "owner"], "invalid choice"),
        (["--tenant", TENANT, "--name", "x" * 257], "at most 256"),
        ([], "required"),
    ],
)
def test_the_command_says_why_it_made_no_key(tmp_path: Path, arguments: list[str], told: str) -> None:
    made = first_key(tmp_path, *arguments)
    assert made.returncode != 0
    assert made.stdout == ""
    assert told in made.stderr
    assert "Traceback" not in made.stderr


def test_the_command_says_when_its_table_cannot_be_reached(tmp_path: Path) -> None:
    made = first_key(
        tmp_path,
        "--tenant",
        TENANT,
        TABLE_NAME="catchment",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="none",
        AWS_SECRET_ACCESS_KEY="none",
        AWS_DEFAULT_REGION="us-east-1",
    )
    assert (made.returncode, made.stdout) == (1, "")
    assert "storage is not available" in made.stderr
    assert "Traceback" not in made.stderr
