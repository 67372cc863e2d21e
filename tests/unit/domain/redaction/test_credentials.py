"""Credentials in headers and URLs, which are always redacted."""

import json
from typing import Any

import pytest

from tests.unit.domain.redaction.records import DEFAULT, redactor

R = "[REDACTED]"
NAMES = [
    "authorization",
    "Proxy-Authorization",
    "x-api-key",
    "api-key",
    "X_API_KEY",
    "x-goog-api-key",
    "x-ingate-key",
    "cookie",
    "Set-Cookie",
    "x-amz-security-token",
    "x-auth-token",
    "X-My-Secret",
    "apikey",
    "x-password",
    "ocp-apim-subscription-key",
    "x-vault-token",
    "helicone-auth",
    "x-auth",
    "X-Authentication",
    "x-portkey-virtual-key",
    "cf-access-jwt-assertion",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["headers", "extra_headers", "requestHeaders", "default-headers", "Headers"])
def test_headers_of_credentials_lose_their_values(name: str, key: str) -> None:
    def body(secret: Any) -> Any:
        return {"a": [{key: {name: secret, "accept": "*/*"}}], "n": 1}

    assert DEFAULT.value(body("s3cret")) == body(R)
    assert DEFAULT.value(body(["s3cret", "more"])) == body(R)
    assert DEFAULT.value(body(None)) == body(None)
    assert DEFAULT.value({"t": json.dumps(body("s3cret"))}) == {"t": json.dumps(body(R), separators=(",", ":"))}


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ([["Authorization", "x"], ["Accept", "y"]], [["Authorization", R], ["Accept", "y"]]),
        (["Authorization", "x", "Accept", "y"], ["Authorization", R, "Accept", "y"]),
        ([{"name": "Cookie", "value": "x"}, {"name": "A", "value": "y"}], None),
        ([{"key": "Cookie", "value": "x", "enabled": True}], [{"key": "Cookie", "value": R, "enabled": R}]),
        ({"properties": "a", "cookie": "x"}, {"properties": "a", "cookie": R}),
        ({"inner": {"cookie": "x"}}, {"inner": {"cookie": R}}),
        ("Host: a\r\nCookie: b=c; d\r\nAccept: d", f"Host: a\r\nCookie: {R}\r\nAccept: d"),
        (["Host: a", "authorization:b"], ["Host: a", f"authorization: {R}"]),
        ('{"Authorization": "Bearer s", "a": "b"}', f'{{"Authorization":"{R}","a":"b"}}'),
        (['{"Authorization": "Bearer s"}'], [f'{{"Authorization":"{R}"}}']),
        ("{'Authorization': 's', 'a': 'b'}", f"{{'Authorization': '{R}', 'a': 'b'}}"),
        ("accept: a; authorization: s", f"accept: a; authorization: {R}"),
        ("cookie: a, token: b\naccept: c", f"cookie: {R}\naccept: c"),
    ],
)
def test_headers_in_every_form(told: Any, left: Any) -> None:
    left = left or [{"name": "Cookie", "value": R}, {"name": "A", "value": "y"}]
    assert DEFAULT.value({"headers": told}) == {"headers": left}
    assert DEFAULT.value({"extra_headers": told}) == {"extra_headers": left}


@pytest.mark.parametrize("key", ["http.request.header.authorization", "response.headers.set-cookie"])
def test_a_key_may_be_the_way_to_a_header(key: str) -> None:
    assert DEFAULT.value({key: ["x"], "http.request.header.accept": "y"}) == {key: R, "http.request.header.accept": "y"}


@pytest.mark.parametrize(
    "value",
    [
        {"headers": {"x-ratelimit-remaining-tokens": "5", "x-scope-orgid": "t", "content-type": "a"}},
        {"headers": {"type": "object", "properties": {"authorization": {"type": "string"}}}},
        {"authorization": "not a header", "cookie": "oat", "usage": {"tokens": 3}},
        {"headers": None, "header": 1, "extra_headers": []},
        {"headers": {"authorization": R}},
    ],
)
def test_what_is_no_credential_stays(value: Any) -> None:
    assert DEFAULT.value(value) is value


def test_the_operator_adds_headers() -> None:
    by = redactor(headers="X-Mine")
    assert by.value({"headers": {"x_mine": "a", "x-other": "b"}}) == {"headers": {"x_mine": R, "x-other": "b"}}


def test_headers_in_code_and_in_json_that_was_cut_off() -> None:
    cut = '{"url": "u", "headers": {"Authorization": "Bearer s3cret", "accept": "x"}, "body": "unfinis'
    assert DEFAULT.text(cut) == cut.replace("Bearer s3cret", R)
    code = "get(url, headers={'X-Api-Key': 's3cret'}, timeout=3)  # `headers` may be [\"cookie\", \"accept\"]"
    assert DEFAULT.text(code) == code.replace("s3cret", R)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("https://user:s3cret@host/path", f"https://{R}@host/path"),
        ("(https://s3cret@github.com/a.git)", f"(https://{R}@github.com/a.git)"),
        ("git+https://s3cret@github.com/a.git", f"git+https://{R}@github.com/a.git"),
        ("git+ssh://git:s3cret@host:22/a", f"git+ssh://{R}@host:22/a"),
        ("ssh://git@host/a https://host/@name https://h/?q=a@b", None),
        ("postgres://u:p@ss@host/db", f"postgres://{R}@host/db"),
        ("/v1/models/g:generate?alt=sse&key=s3cret", f"/v1/models/g:generate?alt=sse&key={R}"),
        ("https://h/?API_KEY=s3cret&page_token=3#access_token=s3cret", None),
        ("https://b.s3/x?X-Amz-Credential=s3&X-Amz-Date=1&X-Amz-Signature=0f", None),
        ('<a href="https://h/?token=s3cret&amp;sig=s3">x</a>', f'<a href="https://h/?token={R}&amp;sig={R}">x</a>'),
        ("to=https%3A%2F%2Fh%3Fcode%3Ds3cret", f"to=https%3A%2F%2Fh%3Fcode%3D{R}"),
        ("max_tokens=5 key = 4; https://h/?max_tokens=5&keys=2", None),
    ],
)
def test_credentials_in_urls(told: str, left: str | None) -> None:
    if "API_KEY" in told:
        left = f"https://h/?API_KEY={R}&page_token=3#access_token={R}"
    if "X-Amz" in told:
        left = f"https://b.s3/x?X-Amz-Credential={R}&X-Amz-Date=1&X-Amz-Signature={R}"
    redacted = DEFAULT.text(told)
    assert redacted == (left or told)
    assert left or redacted is told


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("https://h/?url=https://x/cb?token=s3cret", f"https://h/?url=https://x/cb?token={R}"),
        (
            "https://h/i?url=https%3A%2F%2Fb%3FX-Amz-Credential%3Ds3cret%26X-Amz-Signature%3Ds3cret%26a%3D1&w=1",
            f"https://h/i?url=https%3A%2F%2Fb%3FX-Amz-Credential%3D{R}%26X-Amz-Signature%3D{R}%26a%3D1&w=1",
        ),
        ("https://h?a=1;token=s3cret;b=2", f"https://h?a=1;token={R};b=2"),
        ("see https://h/?q=a,https://h/?token=s3cret", f"see https://h/?q=a,https://h/?token={R}"),
        ("(https://h/?x=1)(https://h/?token=s3cret", f"(https://h/?x=1)(https://h/?token={R}"),
    ],
)
def test_other_parameters_hide_no_credentials(told: str, left: str) -> None:
    assert DEFAULT.text(told) == left


@pytest.mark.parametrize(
    "name",
    ["x-api-key", "api_token", "session_token", "jwt", "auth", "subscription_key", "access-token", "X_Amz-Credential"],
)
def test_parameters_may_be_spelled_either_way(name: str) -> None:
    assert DEFAULT.text(f"https://h/?a=1&{name}=s3cret&b=2") == f"https://h/?a=1&{name}={R}&b=2"


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"see \\"https://u:s3cret@h/\\"","b":1.5}',
        '{"a":"https:\\/\\/u:s3cret@h\\/"}',
        '{"a":"https://h/?q=1\\u0026key=s3cret"}',
        '{"a":"\\u0068ttps:\\u002f\\u002fu:s3cret@h"}',
        '[{"a":"{\\"b\\":\\"https://u:s3cret@h/?x=\\\\\\"\\"}"}]',
        '"https:\\/\\/u:s3cret@h"',
    ],
)
def test_json_in_a_text_stays_json(text: str) -> None:
    redacted = DEFAULT.text(text)
    assert "s3cret" not in json.dumps(json.loads(redacted))
    assert R in redacted


def test_json_in_which_a_member_stands_twice_hides_nothing() -> None:
    told = '{"headers":{"cookie":"s3cret"},"headers":{},"u":"https://u:s3cret@h"}'
    assert DEFAULT.text(told) == f'{{"headers":{{"cookie":"{R}"}},"headers":{{}},"u":"https://{R}@h"}}'


@pytest.mark.parametrize("end", ['\\"}', "\\n", '"', "\\\\", "'x"])
def test_pieces_of_json_keep_their_quotes_and_escapes(end: str) -> None:
    for start in ("https://h/?key=", 'headers \\"cookie\\": \\"'):
        assert DEFAULT.text(f"{start}s3cret{end}") == f"{start}{R}{end}"


def test_events_are_read_line_by_line() -> None:
    told = (
        ': comment\r\nevent: x\r\ndata: {"headers": {"cookie": "s3"}, "n": 1.50}\r\n\r\n'
        'data: {"kept": 1.50}\r\n\r\ndata: https://u:p@h\r\n\r\ndata: [DONE]\r\n'
    )
    assert DEFAULT.text(told) == (
        f': comment\r\nevent: x\r\ndata: {{"headers":{{"cookie":"{R}"}},"n":1.5}}\r\n\r\n'
        f'data: {{"kept": 1.50}}\r\n\r\ndata: https://{R}@h\r\n\r\ndata: [DONE]\r\n'
    )


def test_numbers_that_only_json_can_hold_do_not_break_a_text() -> None:
    assert DEFAULT.text('{"n":1e999,"u":"https://u:p@h"}') == f'{{"n":1e999,"u":"https://{R}@h"}}'


@pytest.mark.parametrize("levels", [101, 400, 2000, 200_000])
def test_json_that_is_nested_too_deep_is_searched_as_text(levels: int) -> None:
    for start, end in (("[", "]"), ('{"a":', "}"), ("[", " header")):
        told = start * levels + '"https://u:s3cret@h"' + end * levels
        assert DEFAULT.value({"a": {"b": told}}) == {"a": {"b": told.replace("u:s3cret", R)}}
    told = "[" * levels + " {'headers': {'cookie': 's3cret'}}"
    assert DEFAULT.text(told) == told.replace("s3cret", R)


def test_json_as_deep_as_free_json_may_be_is_read() -> None:
    text = "[" * 98 + '{"headers":{"cookie":7}}' + "]" * 98
    assert DEFAULT.text(text) == text.replace("7", f'"{R}"')
    within: Any = text
    for _ in range(99):
        within = [within]
    assert R in json.dumps(DEFAULT.value(within))
