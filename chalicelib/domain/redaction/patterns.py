"""Secrets and personal data that are known by their looks: the patterns an operator may switch on, by name.

All take time linear in the text. A pattern either starts with a literal and then cannot fail after a repeat without
end, or starts only where a run of its own characters starts, so that no run is read from each of its positions.

In text that quotes JSON which cannot be parsed (a piece of a stream) an escape such as `\\n` may stand right before a
secret: its letter is no part of the secret, and must stay.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.redaction.credentials import REDACTED

_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf]))"
_KEYS = re.compile(
    _START + r"(?:sk-[\w-]{16,}|[sr]k_(?:live|test)_\w{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"
    r"|gh[pousr]_\w{30,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[a-z]-[A-Za-z0-9-]{10,}"
    r"|AIza[\w-]{30,}|ya29\.[\w-]{20,}|hf_[A-Za-z0-9]{30,})",
    re.ASCII,
)
_JWT = re.compile(r"(?:(?<![\w-])|(?<=\\[nrtbf]))eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*", re.ASCII)
_BEARER = re.compile(r"(bearer[ \t]{1,8})[\w.~+/=-]{16,}", re.IGNORECASE | re.ASCII)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\w+/=\s:,.()]|\\+[nr]|-(?!----))*+"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
    re.ASCII,
)
_EMAIL = re.compile(r"(?<![\w.%+-])([\w.%+-]++)@[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+")
_ESCAPE = re.compile(r"u[0-9a-fA-F]{4}|.")
# What must stand before it is asked after the first digit: so the search skips to digits.
_CARD = re.compile(
    r"[2-6](?:(?<!\w.)|(?<=\\[nrtbf].))(?<!\d\..)"
    r"(?:\d{12,18}|\d{3}([ -])\d{4}\1\d{4}\1\d{1,4}(?P<last>\1\d{1,3})?|(?<=3)\d{3}([ -])\d{6}\3\d{4,5})(?!\w|\.\d)",
    re.ASCII,
)
_CARD_START = re.compile(rb"[2-6][0-9]{3}")
_NOT_DIGIT = re.compile(r"[^0-9]")
_MOST_DIGITS = 10**19


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule by its looks. `may_match` tells fast of a text, in UTF-8 and lower case, whether it may hold something."""

    redacted: Callable[[str], str]
    may_match: Callable[[bytes], bool]


def without_keys(text: str) -> str:
    """A text with API keys, bearer tokens, JSON web tokens and private keys replaced."""
    text = _PRIVATE_KEY.sub(REDACTED, text)
    text = _KEYS.sub(REDACTED, _JWT.sub(REDACTED, text))
    return _BEARER.sub(rf"\1{REDACTED}", text)


def without_emails(text: str) -> str:
    """A text with e-mail addresses replaced; `package@1.2.3` is none."""
    return _EMAIL.sub(_without_email, text) if "@" in text else text


def without_cards(text: str) -> str:
    """A text with card numbers replaced: in one piece or in the groups printed on cards, with a right check digit."""
    pieces, done, found = [], 0, _CARD.search(text)
    while found:
        end = _card_end(found)
        if end:
            pieces += [text[done : found.start()], REDACTED]
            done = end
        found = _CARD.search(text, end or found.start() + 1)
    return "".join([*pieces, text[done:]]) if pieces else text


def is_card(number: int) -> bool:
    """Whether a whole number of JSON is a card number."""
    found = _CARD.fullmatch(str(number)) if 0 < number < _MOST_DIGITS else None
    return found is not None and _card_end(found) is not None


def _without_email(found: re.Match[str]) -> str:
    if not found.string.endswith("\\", 0, found.start()):
        return REDACTED
    escape = _ESCAPE.match(found[1])
    return (escape[0] if escape else "") + REDACTED


def _card_end(found: re.Match[str]) -> int | None:
    """Where the card number ends; the last group of a longer match may be something else (a check code, a date)."""
    if _passes_luhn(found[0]):
        return found.end()
    shorter = found.start("last")
    return shorter if shorter > 0 and _passes_luhn(found.string[found.start() : shorter]) else None


def _passes_luhn(text: str) -> bool:
    digits = [int(digit) for digit in reversed(_NOT_DIGIT.sub("", text))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(digits) >= 13 and (sum(digits[::2]) + sum(doubled)) % 10 == 0  # noqa: PLR2004  # the shortest cards


# fmt: off
_KEY_MARKS = (
    b"sk-", b"k_live_", b"k_test_", b"akia", b"asia", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_",
    b"glpat-", b"xox", b"aiza", b"ya29.", b"hf_", b"eyj", b"bearer", b"private key",
)
# fmt: on


def _may_hold_keys(lower: bytes) -> bool:
    return any(mark in lower for mark in _KEY_MARKS)


PATTERNS = {
    "api_keys": Pattern(without_keys, _may_hold_keys),
    "emails": Pattern(without_emails, lambda lower: b"@" in lower),
    "cards": Pattern(without_cards, lambda lower: _CARD_START.search(lower) is not None),
}
