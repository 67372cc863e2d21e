"""What the environment decides. `Settings.from_env()` is the only reader of `os.environ` in the product."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar

from chalicelib.domain.identifiers import check_tenant_id
from chalicelib.domain.provider import Provider
from chalicelib.domain.provider_settings import read_providers
from chalicelib.domain.redaction.rules import Rules, read_headers, read_paths, read_patterns
from chalicelib.domain.webhook import as_address, read_host

MIB = 1024 * 1024
LAMBDA_BODY_LIMIT = 5 * MIB
DIRECT_BODY_LIMIT = 64 * MIB
MAX_INDEXED_TAGS = 5
MAX_INLINE_BYTES = 300 * 1024  # an item of the table takes 400 KB, keys and all
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", ""})
HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*")
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


_Read = TypeVar("_Read")


class InvalidSettings(ValueError):
    """The environment asks for something contradictory or unsafe; the message says what to change."""


@dataclass(frozen=True)
class Settings:
    """One process's configuration.

    Sizes are bytes. `table_name`, `process_queue_url` and `payload_bucket` name the resources of
    `infra/resources.yaml`; an endpoint other than AWS itself is `AWS_ENDPOINT_URL`, which botocore reads.
    """

    table_name: str = "catchment"
    process_queue_url: str = ""
    payload_bucket: str = ""
    auth_enabled: bool = True
    auth_require_key: bool = False
    allow_insecure_auth: bool = False
    fake_tenant_id: str = "fake"
    listen_host: str = ""
    in_lambda: bool = False
    function_name: str = "local"
    max_body_bytes: int = DIRECT_BODY_LIMIT
    payload_inline_bytes: int = 16 * 1024
    indexed_tags: tuple[str, ...] = field(default=())
    log_level: str = "INFO"
    tracing_enabled: bool = False
    resend_limit: int = 500
    flag_queue_url: str = ""
    flag_on_failed_run: bool = True
    webhook_queue_url: str = ""
    purge_queue_url: str = ""
    evaluate_queue_url: str = ""
    webhook_allowed_hosts: frozenset[str] = frozenset()
    evaluator_allowed_hosts: frozenset[str] = frozenset()
    redaction: Rules = Rules()  # noqa: RUF009  # frozen
    rate_limit_items_per_second: int = 0
    run_queue_url: str = ""
    retry_interrupted_runs: bool = False
    stale_run_seconds: int = 3600
    stale_action_seconds: int = 7 * 24 * 3600
    providers: Mapping[str, Provider] = field(default_factory=dict)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read and check the environment. Raises InvalidSettings with the name of the variable at fault."""
        env = os.environ if environ is None else environ
        in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in env
        settings = cls(
            table_name=env.get("TABLE_NAME", cls.table_name),
            process_queue_url=env.get("PROCESS_QUEUE_URL", ""),
            payload_bucket=env.get("PAYLOAD_BUCKET", ""),
            auth_enabled=_flag(env, "SIGIL_AUTH_ENABLED", default=True),
            auth_require_key=_flag(env, "SIGIL_AUTH_REQUIRE_KEY"),
            allow_insecure_auth=_flag(env, "SIGIL_ALLOW_INSECURE_AUTH"),
            fake_tenant_id=_tenant(env),
            listen_host=env.get("LISTEN_HOST", ""),
            in_lambda=in_lambda,
            function_name=env.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
            max_body_bytes=_number(env, "MAX_BODY_BYTES", LAMBDA_BODY_LIMIT if in_lambda else DIRECT_BODY_LIMIT),
            payload_inline_bytes=_number(env, "PAYLOAD_INLINE_BYTES", cls.payload_inline_bytes),
            indexed_tags=_indexed_tags(env),
            log_level=env.get("LOG_LEVEL", "INFO").upper(),
            tracing_enabled=_flag(env, "TRACING_ENABLED"),
            flag_queue_url=env.get("FLAG_QUEUE_URL", ""),
            flag_on_failed_run=_flag(env, "FLAG_ON_FAILED_RUN", default=True),
            webhook_queue_url=env.get("WEBHOOK_QUEUE_URL", ""),
            purge_queue_url=env.get("PURGE_QUEUE_URL", ""),
            evaluate_queue_url=env.get("EVALUATE_QUEUE_URL", ""),
            webhook_allowed_hosts=_hosts(env, "WEBHOOK_ALLOWED_HOSTS"),
            evaluator_allowed_hosts=_hosts(env, "EVALUATOR_ALLOWED_HOSTS"),
            resend_limit=_number(env, "RESEND_LIMIT", cls.resend_limit),
            redaction=Rules(
                headers=_read(env, "REDACT_HEADERS", read_headers),
                patterns=_read(env, "REDACT_PATTERNS", read_patterns),
                paths=_read(env, "REDACT_PATHS", read_paths),
            ),
            rate_limit_items_per_second=_number(env, "RATE_LIMIT_ITEMS_PER_SECOND", 0, least=0),
            run_queue_url=env.get("RUN_QUEUE_URL", ""),
            retry_interrupted_runs=_flag(env, "RETRY_INTERRUPTED_RUNS"),
            stale_run_seconds=_number(env, "STALE_RUN_SECONDS", cls.stale_run_seconds),
            stale_action_seconds=_number(env, "STALE_ACTION_SECONDS", cls.stale_action_seconds),
            providers=_read(env, "PROVIDERS", read_providers),
        )
        settings.refuse_unsafe_auth()
        if settings.payload_inline_bytes > MAX_INLINE_BYTES:
            raise InvalidSettings(f"PAYLOAD_INLINE_BYTES must be at most {MAX_INLINE_BYTES}")
        return settings

    def refuse_unsafe_auth(self) -> None:
        """Refuse modes in which a stranger could name any tenant. See docs/decisions/0005-authentication-modes.md."""
        if self.auth_require_key and not self.auth_enabled:
            raise InvalidSettings("SIGIL_AUTH_REQUIRE_KEY=true needs SIGIL_AUTH_ENABLED=true")
        reachable = self.in_lambda or self.listen_host not in LOOPBACK
        if reachable and not self.auth_require_key and not self.allow_insecure_auth:
            raise InvalidSettings(
                "beyond loopback SIGIL_AUTH_REQUIRE_KEY=true is required; "
                "SIGIL_ALLOW_INSECURE_AUTH=true says that a proxy in front authenticates"
            )


def api_prefix() -> str:
    """The path prefix under which routes are registered: `/api`, or nothing where the stage itself is named `api`."""
    return os.environ.get("API_PREFIX", "/api")


def secret(name: str) -> str | None:
    """The value of a variable that holds a key, read where it is used, so that no `Settings` ever holds one."""
    return os.environ.get(name)


def _flag(env: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    value = env.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise InvalidSettings(f"{name} must be true or false")


def _number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    value = env.get(name)
    if value is None or not value.strip():
        return default
    if not value.strip().isdecimal() or int(value) < least:
        raise InvalidSettings(f"{name} must be a whole number of at least {least}")
    return int(value)


def _tenant(env: Mapping[str, str]) -> str:
    value = env.get("SIGIL_FAKE_TENANT_ID") or "fake"
    try:
        return check_tenant_id(value)
    except ValueError as error:
        raise InvalidSettings(f"SIGIL_FAKE_TENANT_ID: {error}") from error


def _indexed_tags(env: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(key.strip() for key in env.get("INDEXED_TAGS", "").split(",") if key.strip()))
    if len(keys) > MAX_INDEXED_TAGS:
        raise InvalidSettings(f"INDEXED_TAGS names more than {MAX_INDEXED_TAGS} keys")
    if any("#" in key for key in keys):
        raise InvalidSettings("INDEXED_TAGS must not name a key with #, which parts the keys of the table")
    return keys


def _read(env: Mapping[str, str], name: str, read: Callable[[str], _Read]) -> _Read:
    try:
        return read(env.get(name, ""))
    except ValueError as error:
        raise InvalidSettings(f"{name} {error}") from error


def _hosts(env: Mapping[str, str], name: str) -> frozenset[str]:
    hosts = frozenset(read_host(text) for text in env.get(name, "").split(",") if text.strip())
    wrong = sorted(host for host in hosts if as_address(host) is None and not HOST.fullmatch(host))
    if wrong:
        raise InvalidSettings(f"{name} must be host names and addresses, without scheme, port or *: {wrong[0]}")
    return hosts


def invocation_trace_header() -> str | None:
    """The trace header of the present Lambda invocation; the runtime sets it anew for each one."""
    return os.environ.get("_X_AMZN_TRACE_ID")
