"""What the local run reads from the environment, from the template and from its children."""

from pathlib import Path

import pytest

from infra import drift
from infra.local.children import is_worth_showing
from infra.local.config import ROOT, ConfigError, RunConfig, child_environment
from infra.template import RESOURCES, function_environment, load, local_resources


def test_runs_on_loopback_and_keeps_its_data_beside_the_code_unless_told_otherwise() -> None:
    config = RunConfig.from_env({})

    assert (config.host, config.port, config.engine) == ("127.0.0.1", 8000, "roto")
    assert config.data_dir == Path.cwd() / ".data"
    assert config.max_body_bytes == 64 * 1024 * 1024


@pytest.mark.parametrize(("name", "value"), [("PORT", "-1"), ("PORT", ""), ("LOCAL_ENGINE", "x"), ("PORT", "65536")])
def test_refuses_what_makes_no_sense_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        RunConfig.from_env({name: value})


def test_urls_name_the_address_as_a_browser_wants_it() -> None:
    assert RunConfig.from_env({"LISTEN_HOST": "::1"}).url(80) == "http://[::1]:80"


def test_children_get_the_person_s_settings_but_not_their_aws_account() -> None:
    given = {"AWS_PROFILE": "p", "AWS_SECRET_ACCESS_KEY": "s", "INDEXED_TAGS": "a", "NO_PROXY": "intra", "PATH": "/bin"}

    env = child_environment(given, "http://127.0.0.1:1", {"TABLE_NAME": "catchment"})

    assert "AWS_PROFILE" not in env
    assert env["AWS_SECRET_ACCESS_KEY"] == "local"
    assert env["NO_PROXY"] == "intra,127.0.0.1,localhost"
    assert env.items() >= {"INDEXED_TAGS": "a", "PATH": "/bin", "TABLE_NAME": "catchment"}.items()


def test_authentication_is_off_unless_the_person_turns_it_on() -> None:
    assert child_environment({}, "", {})["SIGIL_AUTH_ENABLED"] == "false"
    assert child_environment({"SIGIL_AUTH_ENABLED": "true"}, "", {})["SIGIL_AUTH_ENABLED"] == "true"


def test_the_template_says_what_is_made_locally_and_under_which_name() -> None:
    template = load()

    names = {
        kind: [resource.local_name for resource in local_resources(template, kind)]
        for kind in ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket")
    }

    assert names == {
        "AWS::DynamoDB::Table": ["catchment"],
        "AWS::SQS::Queue": [
            "process",
            "process-dlq",
            "flag",
            "flag-dlq",
            "webhook",
            "webhook-dlq",
            "purge",
            "purge-dlq",
            "run",
            "run-dlq",
            "evaluate",
            "evaluate-dlq",
        ],
        "AWS::S3::Bucket": ["payloads"],
    }


def test_processes_are_wired_as_the_deployed_functions_are() -> None:
    """What a parameter of the template decides is left to the person's own environment."""
    queues = {f"{name}Queue": f"http://{name}" for name in ("Process", "Flag", "Webhook", "Purge", "Run", "Evaluate")}

    assert function_environment(load(), {"Table": "catchment", "PayloadBucket": "payloads", **queues}) == {
        "TABLE_NAME": "catchment",
        "PROCESS_QUEUE_URL": "http://Process",
        "FLAG_QUEUE_URL": "http://Flag",
        "WEBHOOK_QUEUE_URL": "http://Webhook",
        "PURGE_QUEUE_URL": "http://Purge",
        "RUN_QUEUE_URL": "http://Run",
        "EVALUATE_QUEUE_URL": "http://Evaluate",
        "PAYLOAD_BUCKET": "payloads",
    }


def test_the_template_has_no_short_forms_that_another_yaml_reader_would_refuse() -> None:
    assert "!" not in RESOURCES.read_text(encoding="utf-8").replace("!=", "")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b'{"level": "INFO", "event": "x", "note": "ERROR"}\n', False),
        (b'{"_aws": {"Timestamp": 1}}\n', False),
        (b'{"level": "WARNING", "event": "x"}\n', True),
        (b'{"level": "ERROR", "event": "x"}\n', True),
        (b"Traceback (most recent call last):\n", True),
        (b"{broken\n", True),
        (b"\n", False),
    ],
)
def test_the_person_sees_warnings_and_what_is_no_log_line(line: bytes, shown: bool) -> None:
    assert is_worth_showing(line) is shown


def test_what_runs_and_what_ships_is_what_is_tested() -> None:
    assert drift.untested_versions(ROOT) == []
    assert drift.missing_from_locks(ROOT) == []


def test_a_requirement_that_was_not_locked_is_told(tmp_path: Path) -> None:
    for source, lock in drift.LOCKS.items():
        for name, content in ((source, "a_b>=1  # why\n"), (lock, "a-b==1 \\\n    --hash=sha256:0\n")):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
    assert drift.missing_from_locks(tmp_path) == []

    (tmp_path / "requirements/local.in").write_text("a_b\nnew\n", encoding="utf-8")
    (tmp_path / "requirements/local.txt").write_text("a-b==2\n", encoding="utf-8")

    assert drift.missing_from_locks(tmp_path) == [
        "requirements/local.txt lacks new, which requirements/local.in asks for: run `make lock`"
    ]
    assert drift.untested_versions(tmp_path) == ["requirements/local.txt has a-b 2, tests use 1: run `make lock`"]
