"""Every variable of the environment, and what is refused."""

from dataclasses import fields
from typing import Any

import pytest

from chalicelib.domain.provider import Provider
from chalicelib.domain.redaction.rules import Rules
from chalicelib.settings import InvalidSettings, Settings

MIB = 1024 * 1024
VARIABLES: list[tuple[str, str, str, Any]] = [
    ("TABLE_NAME", "t", "table_name", "t"),
    ("PROCESS_QUEUE_URL", "http://q", "process_queue_url", "http://q"),
    ("PAYLOAD_BUCKET", "b", "payload_bucket", "b"),
    ("SIGIL_AUTH_ENABLED", "false", "auth_enabled", False),
    ("SIGIL_AUTH_REQUIRE_KEY", "1", "auth_require_key", True),
    ("SIGIL_ALLOW_INSECURE_AUTH", " Yes ", "allow_insecure_auth", True),
    ("SIGIL_FAKE_TENANT_ID", "me", "fake_tenant_id", "me"),
    ("SIGIL_FAKE_TENANT_ID", "", "fake_tenant_id", "fake"),
    ("LISTEN_HOST", "localhost", "listen_host", "localhost"),
    ("MAX_BODY_BYTES", "1000", "max_body_bytes", 1000),
    ("MAX_BODY_BYTES", " ", "max_body_bytes", 64 * MIB),
    ("PAYLOAD_INLINE_BYTES", "100", "payload_inline_bytes", 100),
    ("INDEXED_TAGS", " env, team ,,env", "indexed_tags", ("env", "team")),
    ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
    ("TRACING_ENABLED", "on", "tracing_enabled", True),
    ("RESEND_LIMIT", "7", "resend_limit", 7),
    ("RATE_LIMIT_ITEMS_PER_SECOND", "500", "rate_limit_items_per_second", 500),
    ("RATE_LIMIT_ITEMS_PER_SECOND", "0", "rate_limit_items_per_second", 0),
    ("STALE_RUN_SECONDS", "60", "stale_run_seconds", 60),
    ("STALE_ACTION_SECONDS", "61", "stale_action_seconds", 61),
    ("FLAG_QUEUE_URL", "http://f", "flag_queue_url", "http://f"),
    ("FLAG_ON_FAILED_RUN", "false", "flag_on_failed_run", False),
    ("RUN_QUEUE_URL", "http://r", "run_queue_url", "http://r"),
    ("RETRY_INTERRUPTED_RUNS", "true", "retry_interrupted_runs", True),
    ("WEBHOOK_QUEUE_URL", "http://w", "webhook_queue_url", "http://w"),
    ("PURGE_QUEUE_URL", "http://p", "purge_queue_url", "http://p"),
    ("EVALUATE_QUEUE_URL", "http://e", "evaluate_queue_url", "http://e"),
    ("WEBHOOK_ALLOWED_HOSTS", " A.Example, [::0:1] ,", "webhook_allowed_hosts", frozenset({"a.example", "::1"})),
    ("EVALUATOR_ALLOWED_HOSTS", "Judge.Example", "evaluator_allowed_hosts", frozenset({"judge.example"})),
    ("REDACT_HEADERS", " X-Mine, x_other ,", "redaction", Rules(headers=frozenset({"X-Mine", "x_other"}))),
    ("REDACT_PATTERNS", "cards, emails,", "redaction", Rules(patterns=frozenset({"cards", "emails"}))),
    (
        "PROVIDERS",
        '{"p": {"api": "openai-chat", "base_url": "https://api.example/v1"}}',
        "providers",
        {"p": Provider("p", "openai-chat", "https://api.example/v1", "openai")},
    ),
    ("PROVIDERS", " ", "providers", {}),
    ("REDACT_PATHS", "prompt, **.a[*]", "redaction", Rules(paths=frozenset({("prompt",), ("**", "a", "[*]")}))),
]
REFUSED = [
    ("SIGIL_AUTH_ENABLED", "maybe"),
    ("SIGIL_AUTH_REQUIRE_KEY", "2"),
    ("SIGIL_ALLOW_INSECURE_AUTH", "si"),
    ("TRACING_ENABLED", "-"),
    ("SIGIL_FAKE_TENANT_ID", "a b"),
    ("SIGIL_FAKE_TENANT_ID", ".."),
    ("MAX_BODY_BYTES", "0"),
    ("MAX_BODY_BYTES", "-1"),
    ("MAX_BODY_BYTES", "1e3"),
    ("PAYLOAD_INLINE_BYTES", "x"),
    ("PAYLOAD_INLINE_BYTES", str(400 * 1024)),
    ("RESEND_LIMIT", "none"),
    ("RESEND_LIMIT", "0"),
    ("RATE_LIMIT_ITEMS_PER_SECOND", "-1"),
    ("RATE_LIMIT_ITEMS_PER_SECOND", "fast"),
    ("STALE_RUN_SECONDS", "0"),
    ("STALE_ACTION_SECONDS", "1h"),
    ("INDEXED_TAGS", "a,b,c,d,e,f"),
    ("FLAG_ON_FAILED_RUN", "perhaps"),
    ("WEBHOOK_ALLOWED_HOSTS", "https://hooks.example"),
    ("WEBHOOK_ALLOWED_HOSTS", "hooks.example:443"),
    ("WEBHOOK_ALLOWED_HOSTS", "*.example"),
    ("EVALUATOR_ALLOWED_HOSTS", "https://judge.example"),
    ("REDACT_HEADERS", "x-mine,no name"),
    ("REDACT_PATTERNS", "emails,phones"),
    ("REDACT_PATHS", "metadata..email"),
    ("REDACT_PATHS", "metadata.**"),
    ("REDACT_PATHS", "usage.input_tokens"),
    ("REDACT_PATHS", "id"),
    ("REDACT_PATHS", "input.parts"),
    ("REDACT_PATHS", "input[*].role"),
    ("REDACT_PATHS", "input[0]"),
    ("REDACT_PATHS", "model.name"),
    ("PROVIDERS", "openai"),
]


def test_an_empty_environment_is_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()


@pytest.mark.parametrize(("name", "value", "field", "expected"), VARIABLES)
def test_each_variable_decides_its_own_field(name: str, value: str, field: str, expected: object) -> None:
    made, default = Settings.from_env({name: value}), Settings()
    assert getattr(made, field) == expected
    others = [each.name for each in fields(Settings) if each.name != field]
    assert [getattr(made, each) for each in others] == [getattr(default, each) for each in others]


def test_every_field_is_decided_by_a_variable() -> None:
    told = {field for _, _, field, _ in VARIABLES} | {"in_lambda", "function_name"}
    assert told == {each.name for each in fields(Settings)}


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=name):
        Settings.from_env({name: value})


def test_in_lambda_the_body_is_bounded_by_what_an_invocation_takes() -> None:
    made = Settings.from_env({"AWS_LAMBDA_FUNCTION_NAME": "api", "SIGIL_AUTH_REQUIRE_KEY": "true"})
    assert (made.in_lambda, made.function_name, made.max_body_bytes) == (True, "api", 5 * MIB)


@pytest.mark.parametrize(
    "place",
    [{"AWS_LAMBDA_FUNCTION_NAME": "api"}, {"LISTEN_HOST": "192.0.2.1"}, {"LISTEN_HOST": "::"}],
)
def test_where_strangers_can_reach_it_a_key_or_a_word_is_needed(place: dict[str, str]) -> None:
    for mode in ({}, {"SIGIL_AUTH_ENABLED": "false"}):
        with pytest.raises(InvalidSettings, match="SIGIL_AUTH_REQUIRE_KEY"):
            Settings.from_env({**place, **mode})
        Settings.from_env({**place, **mode, "SIGIL_ALLOW_INSECURE_AUTH": "true"})
    Settings.from_env({**place, "SIGIL_AUTH_REQUIRE_KEY": "true"})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_loopback_no_key_is_needed(host: str) -> None:
    Settings.from_env({"LISTEN_HOST": host, "SIGIL_AUTH_ENABLED": "false"})


def test_a_key_cannot_be_required_of_nobody() -> None:
    with pytest.raises(InvalidSettings, match="SIGIL_AUTH_ENABLED"):
        Settings.from_env({"SIGIL_AUTH_ENABLED": "false", "SIGIL_AUTH_REQUIRE_KEY": "true"})
