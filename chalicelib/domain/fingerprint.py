"""A client's surroundings: what is known of them, the id that follows from them, and what is not to be kept."""

import hashlib
import json
import re
from typing import Any
from uuid import UUID

REQUIRED = ("language", "language_version", "system")
FIELDS = (
    *REQUIRED,
    "openai_sdk_version",
    "anthropic_sdk_version",
    "gemini_sdk_version",
    "voker_sdk_version",
    "all_packages",
    "git_repository_url",
    "git_branch",
    "git_commit_hash",
    "git_commit_date",
)
_USERINFO = re.compile(r"\A([a-zA-Z][a-zA-Z0-9+.-]*://)?[^/?#]*@")
_VERSION, _VARIANT = 8, 0b10


def fingerprint_id(fields: dict[str, Any]) -> str:
    """The id of a fingerprint: equal fields, in whatever order, have one id. In the form of a UUID of version 8.

    Layout: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
    """
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])
    number = number & ~(0xF << 76) | _VERSION << 76
    return str(UUID(int=number & ~(0b11 << 62) | _VARIANT << 62))


def without_userinfo(url: str) -> str:
    """A repository's URL, or its `user@host:path`, without user and password."""
    return _USERINFO.sub(r"\1", url)
