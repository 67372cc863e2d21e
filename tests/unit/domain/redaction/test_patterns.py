"""Secrets and personal data by their looks."""

import json
import random
import string
import time
from typing import Any

import pytest

from tests.unit.domain.redaction.records import DEFAULT, redactor

R = "[REDACTED]"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEow+/=\nabc\n-----END RSA PRIVATE KEY-----"
KEYS = [
    "sk-abcdefghijklmnop1234",
    "sk-ant-api03-abc_DEF-123456",
    "sk_live_abcdefghijklmnop",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1" * 18,
    "github_pat_" + "a1" * 20,
    "glpat-" + "a1" * 10,
    "xoxb-123456789012-abcdef",
    "AIza" + "b" * 35,
    "hf_" + "c" * 34,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123",
    PEM,
]
CARDS = ["4111111111111111", "5500-0000-0000-0004", "3400 000000 00009", "378282246310005", "4222222222222"]
NOT_CARDS = [
    "4111111111111112",
    "1767323045123",
    "94111111111111111",
    "0.4111111111111111",
    "id4111111111111111",
    "4111111111111111.5",
    "4111_1111_1111_1111",
    "12 34 56 78 90 12 34 56",
    "00000000-0000-0000-0000-000000000000",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("key: ", ", then"), ("\\n", "\\n"), ('"', '"'), ("(", ")")])
def test_keys(key: str, before: str, after: str) -> None:
    assert redactor("api_keys").text(before + key + after) == before + R + after
    assert DEFAULT.text(key) is key


def test_a_private_key_that_was_cut_off_goes_as_far_as_it_may_go() -> None:
    begun = PEM.partition("-----END")[0]
    assert redactor("api_keys").text(f'{{"a": "x {begun}MII') == f'{{"a": "x {R}'
    assert redactor("api_keys").text(json.dumps({"a": begun})[:-1]) == f'{{"a": "{R}"'
    assert redactor("api_keys").text(f"{begun}{PEM} <") == f"{R}{R} <"


def test_the_word_before_a_bearer_token_stays() -> None:
    by = redactor("api_keys")
    assert by.text("curl -H 'Authorization: Bearer abcdef.0123456789'") == f"curl -H 'Authorization: Bearer {R}'"
    for text in ("the bearer of this", "task-abcdefghijklmnopqrst", "a sk-short b", "eyJust.a.word"):
        assert by.text(text) is text


@pytest.mark.parametrize("key", KEYS)
def test_keys_in_pieces_of_json_keep_the_escapes_around_them(key: str) -> None:
    piece = json.dumps({"a": f'x\n{key}\n"y"'})[:-1]
    redacted = redactor("api_keys").text(piece)
    assert json.loads(redacted + "}") == {"a": f'x\n{R}\n"y"'}


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("mail me@example.com, please", f"mail {R}, please"),
        ("<first.last+tag@sub.example.co.uk>", f"<{R}>"),
        ("grüße@müller.example", R),
        ('piece \\nme@example.com\\n"', f'piece \\n{R}\\n"'),
        ("piece \\u00e9me@example.com", f"piece \\u00e9{R}"),
        ("package@1.2.3 and @name and a@b and a @ b.com", None),
    ],
)
def test_emails(told: str, left: str | None) -> None:
    assert redactor("emails").text(told) == (left or told)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("card ", "."), ("no:", ", 12/26"), ("\\n", "\\n"), ("", "?")])
def test_cards(card: str, before: str, after: str) -> None:
    assert redactor("cards").text(before + card + after) == before + R + after


@pytest.mark.parametrize("text", NOT_CARDS)
def test_other_numbers_stay(text: str) -> None:
    assert redactor("cards").text(text) is text


def test_groups_beside_a_card_stay() -> None:
    by = redactor("cards")
    assert by.text("4111 1111 1111 1111 12/26") == f"{R} 12/26"
    assert by.text("5234 4111 1111 1111 1111 2345") == f"5234 {R} 2345"


def test_numbers_are_cards_too() -> None:
    assert redactor("cards").value({"n": [4111111111111111]}) == {"n": [R]}


@pytest.mark.parametrize(
    "number", [True, 4111111111111112, -4111111111111111, 4111111111111111.0, 1e300, 10**400, 0.5, float("inf")]
)
def test_other_numbers_of_json_stay(number: Any) -> None:
    value = {"n": number}
    assert redactor("cards").value(value) is value


@pytest.mark.parametrize("length", range(13, 20))
def test_one_check_digit_in_ten_is_right(length: int) -> None:
    start = "4" + "".join(random.Random(length).choices(string.digits, k=length - 2))
    assert sum(redactor("cards").text(f"{start}{digit}") == R for digit in range(10)) == 1


MIB = 1024 * 1024
PIECES = [
    *(
        "a",
        "@",
        ".",
        "-",
        "_",
        "%",
        "1",
        "1 ",
        "1-",
        "4111 ",
        "4111 1111 1111 1112 ",
        "eyJ",
        "eyJ-",
        "-eyJaaaaaaaa",
        "eyJaaaaaaaa.",
    ),
    *(
        "sk-",
        "sk-a ",
        "AIza-",
        "xoxb-",
        "bearer ",
        "bearer\t\t\t\t\t\t\t\t",
        "a@",
        "a@b.",
        "a@1.",
        "@a.b",
        "://",
        "://a",
        "://a:b",
    ),
    *(
        "?key",
        "&a",
        "?key=&",
        "%26",
        "\\u0026",
        "\\",
        "\\\\/",
        ":\\",
        '"a"',
        "'a' ",
        '"header"\\',
        "header ",
        "headers'a\\",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----a",
        "-----BEGIN A ",
        "-----",
        "\\n",
        "\n",
        " \n",
        "data:",
        "data: {\n",
    ),
    *("[", "[]", '{"a":', '"', "a:", "authorization: a\n", "a" * 64 + "=", "://" + "a" * 500),
]


@pytest.mark.parametrize("piece", ["\n", "data:[]\n", "data: {\n", 'data: {"a":"b"}\n', "data:", "\r"])
def test_no_stream_takes_long(piece: str) -> None:
    started = time.process_time()
    redactor("api_keys,emails,cards").text("data:" + piece * (MIB // len(piece)))
    assert time.process_time() - started < 30


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_long(piece: str) -> None:
    """Time that grew with the square of a mebibyte would be minutes at least, not seconds."""
    text = piece * (MIB // len(piece))
    by = redactor("api_keys,emails,cards")
    started = time.process_time()
    by.text("headers ?key=a@b://c " + text)
    by.value({"headers": text})
    assert time.process_time() - started < 30
