"""What an operator may write into `PROVIDERS`, and what is said of anything else."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.provider import Provider
from chalicelib.domain.provider_settings import APIS, read_providers, target_at
from chalicelib.domain.webhook import Target

GOOD: dict[str, Any] = {"api": "openai-chat", "base_url": "https://api.example/v1"}


def read_one(**fields: Any) -> Provider:
    """The provider of a setting that names one."""
    return read_providers(json.dumps({"p": {**GOOD, **fields}}))["p"]


def test_all_that_can_be_said_of_a_provider() -> None:
    text = json.dumps(
        {
            "openai": {
                "api": "openai-responses",
                "base_url": "https://api.openai.com/v1/",
                "api_key": "env:OPENAI_KEY",
            },
            "claude": {"api": "anthropic-messages", "base_url": "https://api.anthropic.com", "api_key": "ssm:/a/b-c"},
            "local": {"api": "openai-chat", "base_url": "http://127.0.0.1:11434/v1", "label": "ollama"},
        }
    )
    assert read_providers(text) == {
        "openai": Provider("openai", "openai-responses", "https://api.openai.com/v1", "openai", "env:OPENAI_KEY"),
        "claude": Provider("claude", "anthropic-messages", "https://api.anthropic.com", "anthropic", "ssm:/a/b-c"),
        "local": Provider("local", "openai-chat", "http://127.0.0.1:11434/v1", "ollama"),
    }


@pytest.mark.parametrize(
    "key",
    [
        "env:_KEY",
        "ssm:/catchment/openai",
        "secretsmanager:catchment/openai",
        "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:catchment/openai-a1B2c3",
    ],
)
def test_each_place_of_a_key(key: str) -> None:
    assert read_one(api_key=key).api_key == key


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9", "LOCALHOST"])
def test_plain_http_is_for_this_machine(host: str) -> None:
    assert read_one(base_url=f"http://{host}:8080").base_url == f"http://{host}:8080"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://api.example/v1",
            "http://10.0.0.1/",
            "ftp://api.example",
            "api.example/v1",
            "https://",
            "https:///v1",
            "",
        ),
        *(
            "https://me:secret@api.example",
            "https://api.example?a=b",
            "https://api.example/v1?",
            "https://api.example#x",
        ),
        *("https://api.example/a b", "https://api.example/\n", "https://api.example/é", "https://api.example\\@evil"),
        *("https://api.example:99999", "https://[::1", "https://" + "a" * 2048, None, 5),
    ],
)
def test_a_base_url_that_may_not_be_one_is_refused(url: object) -> None:
    with pytest.raises(ValueError, match=r"^p\.base_url "):
        read_one(base_url=url)


def test_the_base_url_of_anthropic_leaves_the_version_to_the_path() -> None:
    with pytest.raises(ValueError, match="/v1, with which"):
        read_one(api="anthropic-messages", base_url="https://api.anthropic.com/v1/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"api": "gemini"}, r"p\.api must be one of openai-chat, "),
        ({"api": ["openai-chat"]}, r"p\.api "),
        ({"label": ""}, r"p\.label "),
        ({"label": None}, r"p\.label "),
        ({"label": ["openai"]}, r"p\.label "),
        ({"label": "a\nb"}, r"p\.label "),
        ({"model": "m"}, "p must be an object of api, api_key, base_url, label and nothing else"),
    ],
)
def test_each_field_is_checked_by_name(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        read_one(**fields)


@pytest.mark.parametrize(
    "key", ["sk-live-123", "env:", "env:A B", "env:1A", "ssm:a", "secretsmanager:", "file:/k", "", 5]
)
def test_a_key_itself_is_refused_and_not_repeated(key: object) -> None:
    with pytest.raises(ValueError, match=r"^p\.api_key must be env:NAME") as raised:
        read_one(api_key=key)
    assert "123" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        *("x", "[]", '"p"', "5", "null", "{", '{"p": 5}', '{"p": {}}', '{"": {}}', '{"a b": {}}', "[" * 100_000),
        '{"p": {}, "p": {}}',
        json.dumps({"p" * 65: GOOD}),
    ],
)
def test_what_is_no_object_of_providers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must "):
        read_providers(text)


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_other_text_is_refused_and_breaks_nothing(text: str) -> None:
    with suppress(ValueError):
        assert read_providers(text) == {}


@given(
    st.sampled_from(APIS),
    st.fixed_dictionaries({}, optional={name: st.text() for name in ("base_url", "label", "api_key")}),
)
def test_any_texts_are_taken_or_refused_and_break_nothing(api: str, fields: dict[str, str]) -> None:
    with suppress(ValueError):
        assert read_one(api=api, **fields).api == api


def test_the_paths_of_an_api_are_appended_to_the_base_url() -> None:
    assert target_at("https://Api.Example/v1/", "/responses") == Target("https", "api.example", 443, "/v1/responses")
    assert target_at("http://[::1]:81", "/v1/messages") == Target("http", "::1", 81, "/v1/messages")
