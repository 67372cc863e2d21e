"""Credentials in headers and in URLs: the rules that are always on.

All patterns take time linear in the text: each starts at a character that its repeats leave out, so that no two
attempts read the same characters, and no repeat stands inside another.
"""

import re
from collections.abc import Collection

from chalicelib.domain.free_form import Json

# Plain ASCII without quotes, backslashes and angle brackets: it may stand in JSON, in HTML, and in JSON in a string.
REDACTED = "[REDACTED]"

# In lower case; each `-` may be `_` as well.
# fmt: off
QUERY_PARAMETERS = frozenset({
    "key", "api-key", "apikey", "x-api-key", "access-key", "subscription-key", "awsaccesskeyid",
    "token", "access-token", "refresh-token", "id-token", "auth-token", "api-token", "session-token", "jwt",
    "auth", "code", "secret", "client-secret", "password", "passwd", "pwd",
    "sig", "signature", "x-amz-signature", "x-amz-security-token", "x-amz-credential",
    "x-goog-signature", "x-goog-credential",
})
# fmt: on

# `tokens` is left out: rate limits are told in headers such as `x-ratelimit-remaining-tokens`.
_HEADER = re.compile(
    r"authorization|cookie|token(?!s)|secret|passw(?:or)?d|credential|signature"
    r"|(?:api|access|auth|private|signing|subscription|functions|ingate|master|virtual)-?key"
    r"|jwt-assertion|(?:^|-)auth(?:entication)?$"
)
_FLAT_HEADER = re.compile(r".*headers?[./](.+)", re.DOTALL | re.IGNORECASE | re.ASCII)
_HEADER_START = re.compile(r"(?:^|[;,])[ \t]*([\w-]{1,64})[ \t]*:[ \t]*(?=\S)", re.MULTILINE | re.ASCII)
_LINE = re.compile(r"[^\r\n]*")
_QUOTED_HEADER = re.compile(r"""(["']([\w-]{1,64})\\*["']\s*(?::|=>?)\s*\\*["'])([^"'\\]+)""", re.ASCII)
_USERINFO = re.compile(r"""(https?)?(:\\*/\\*/)([^\s/?#"<>\\]+)@""", re.IGNORECASE | re.ASCII)
# Of credentials alone: the value of another parameter may hold a URL, which is searched too.
_PARAMETER = re.compile(
    rf"""((?:[?&#;]|\\u0026|%26|%3f)(?:{"|".join(sorted(QUERY_PARAMETERS)).replace("-", "[_-]")}))"""
    r"""(?:(=)[^\s&#;"'<>\\]+|(%3d)(?:(?!%26|%23)[^\s&#;"'<>\\])+)""",
    re.IGNORECASE | re.ASCII,
)
_NAMING = ("name", "key", "header")


def is_header_name(text: str) -> bool:
    """Whether a text may be the name of a header."""
    return re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", text, re.ASCII) is not None


def holds_headers(key: str) -> bool:
    """Whether the value under a key of a JSON object is headers: `headers`, `extra_headers`, `defaultHeaders`, …"""
    return key.lower().endswith(("headers", "header"))


class Headers:
    """Which headers hold credentials: those known by their names, and those that the operator adds."""

    def __init__(self, added: Collection[str] = ()) -> None:
        self._added = frozenset(_plain(name) for name in added)

    def __contains__(self, name: object) -> bool:
        """Whether a value is the name of a header that holds a credential, in any case, with `-` or `_`."""
        if not isinstance(name, str):
            return False
        plain = _plain(name)
        return plain in self._added or _HEADER.search(plain) is not None

    def flat(self, key: str) -> bool:
        """Whether a key is a header by its path, such as `http.request.header.authorization`."""
        found = _FLAT_HEADER.match(key)
        return found is not None and found[1] in self

    def named_in(self, item: dict[str, Json]) -> frozenset[str]:
        """The members of `{"name": …, "value": …}` that name a header with a credential."""
        return frozenset(key for key in _NAMING if item.get(key) in self)

    def in_lines(self, text: str) -> str:
        """Headers, one per line or several, without credentials: what follows one in a line is taken for its value."""
        pieces, done = [], 0
        for found in _HEADER_START.finditer(text):
            if found.start() >= done and found[1] in self:
                pieces.append(f"{text[done : found.end(1)]}: {REDACTED}")
                line = _LINE.match(text, found.end())
                done = line.end() if line else len(text)
        return "".join([*pieces, text[done:]])

    def in_quotes(self, text: str) -> str:
        """A text about headers without what looks like `"name": "credential"`: code, or JSON that was cut off."""
        return _QUOTED_HEADER.sub(lambda m: m[1] + REDACTED if m[2] in self else m[0], text)


def without_url_credentials(text: str) -> str:
    """A text with the credentials of its URLs replaced: user and password, and parameters of the query.

    A name alone (`ssh://git@host`) is left where it is no http URL; in one of those it is a token.
    """
    if "@" in text:
        text = _USERINFO.sub(_without_userinfo, text)
    if "=" in text or "%3" in text:
        text = _PARAMETER.sub(_without_parameter, text)
    return text


def _without_userinfo(found: re.Match[str]) -> str:
    scheme, slashes, user = found[1] or "", found[2], found[3]
    return f"{scheme}{slashes}{REDACTED}@" if scheme or ":" in user else found[0]


def _without_parameter(found: re.Match[str]) -> str:
    return found[1] + (found[2] or found[3]) + REDACTED


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
