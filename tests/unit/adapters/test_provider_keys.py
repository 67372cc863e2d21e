"""Keys come from where the operator says, are kept for five minutes, and are told to nobody."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters import aws
from chalicelib.adapters.provider_keys import ProviderKeys
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.provider import Provider
from tests.contract.aws_ground import environment

KEY = "sk-live-1"


def provider(place: str | None) -> Provider:
    return Provider("mine", "openai-chat", "https://api.example/v1", "openai", place)


class Calls:
    """Clients of AWS; `made` counts those that were asked for."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.clients: dict[str, aws.Client] = {}

    def __call__(self, service: str) -> aws.Client:
        self.made.append(service)
        if service not in self.clients:
            self.clients[service] = aws.client.__wrapped__(service)
        return self.clients[service]


@pytest.fixture
def account() -> Iterator[Calls]:
    """An account with a key in each place."""
    with environment(None), mock_aws():
        calls = Calls()
        calls("ssm").put_parameter(Name="/catchment/mine", Value=f"{KEY}\n", Type="SecureString")
        calls("secretsmanager").create_secret(Name="catchment/mine", SecretString=KEY)
        calls("secretsmanager").create_secret(Name="catchment/binary", SecretBinary=b"\x00")
        calls.made.clear()
        yield calls


def test_a_provider_may_ask_for_no_key() -> None:
    assert ProviderKeys(client=Calls()).of(provider(None)) is None


def test_a_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", f" {KEY}\n")
    assert ProviderKeys().of(provider("env:MINE")) == KEY


@pytest.mark.parametrize("place", ["ssm:/catchment/mine", "secretsmanager:catchment/mine"])
def test_a_key_from_aws(account: Calls, place: str) -> None:
    assert ProviderKeys(client=account).of(provider(place)) == KEY


def test_a_key_by_the_secrets_arn(account: Calls) -> None:
    arn = account("secretsmanager").describe_secret(SecretId="catchment/mine")["ARN"]
    assert ProviderKeys(client=account).of(provider(f"secretsmanager:{arn}")) == KEY


def test_a_key_is_read_again_after_five_minutes(account: Calls) -> None:
    time = [0.0]
    keys = ProviderKeys(client=account, now=lambda: time[0])
    place = provider("ssm:/catchment/mine")
    assert [keys.of(place), keys.of(place)] == [KEY, KEY]
    account.clients["ssm"].put_parameter(Name="/catchment/mine", Value="sk-live-2", Type="SecureString", Overwrite=True)
    time[0] = 299.9
    assert keys.of(place) == KEY
    time[0] = 300
    assert keys.of(place) == "sk-live-2"
    assert account.made == ["ssm", "ssm"]


def test_a_key_that_was_missing_is_found_once_it_is_there() -> None:
    variables: dict[str, str] = {}
    keys = ProviderKeys(variable=variables.get)
    with pytest.raises(Unavailable):
        keys.of(provider("env:MINE"))
    variables["MINE"] = KEY
    assert keys.of(provider("env:MINE")) == KEY


@pytest.mark.parametrize(
    ("place", "kind", "code"),
    [
        ("ssm:/catchment/other", "ParameterNotFound", "ParameterNotFound"),
        ("secretsmanager:catchment/other", "ResourceNotFoundException", "ResourceNotFoundException"),
        ("secretsmanager:catchment/binary", "KeyError", None),
        ("env:CATCHMENT_NO_SUCH_KEY", "ValueError", None),
    ],
)
def test_a_missing_key_names_its_provider_and_nothing_else(
    account: Calls, caplog: pytest.LogCaptureFixture, place: str, kind: str, code: str | None
) -> None:
    with caplog.at_level(logging.INFO, "catchment"), pytest.raises(Unavailable) as raised:
        ProviderKeys(client=account).of(provider(place))
    assert raised.value.message == "the key of provider mine cannot be read"
    [line] = caplog.records
    fields: dict[str, Any] = line.fields  # type: ignore[attr-defined]  # how the logs carry theirs
    assert (line.message, fields["provider"], fields["aws_error_code"]) == ("provider_key_unreadable", "mine", code)
    assert kind in fields["error_type"]


@pytest.mark.parametrize("found", ["", " \n", "sk-\nlive", "sk-lïve", "sk-\x00"])
def test_what_cannot_stand_in_a_header_is_no_key_and_not_repeated(caplog: pytest.LogCaptureFixture, found: str) -> None:
    with caplog.at_level(logging.INFO, "catchment"), pytest.raises(Unavailable) as raised:
        ProviderKeys(variable=lambda _: found).of(provider("env:MINE"))
    told = (
        json.dumps([vars(line)["fields"] for line in caplog.records]) + str(raised.value) + str(raised.value.__cause__)
    )
    assert "sk-" not in told
