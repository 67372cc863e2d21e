"""API keys: what one looks like, what is stored of it, and until when it is good.

A key is `sk-<tenant>-<43 characters>`: 256 random bits behind a prefix that says whose it is. Only its SHA-256 is
stored; so many random bits need no salt and no slow hash.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

Role = Literal["viewer", "member", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each role may do what those before it may."""
MOST_CHARACTERS = 200
SHOWN_OF_KEY = 4

_KEY = re.compile(r"sk-[a-zA-Z0-9!\-_.*'()]{1,150}-[A-Za-z0-9_-]{43}")
_ID = re.compile(r"key_[0-9A-Z]{26}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; never the key itself. Times have 27 characters. `hint` is the end of the key."""

    id: str
    tenant: str
    name: str
    role: Role
    project_id: str | None
    hint: str
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None

    def good_at(self, now: str) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def key_of(tenant: str, token: str) -> str:
    """The key that is made of 43 random characters."""
    return f"sk-{tenant}-{token}"


def is_key_id(text: str) -> bool:
    """Whether it may be the id of a key."""
    return _ID.fullmatch(text) is not None


def looks_like_a_key(text: str) -> bool:
    """Whether it may be a key of ours: true for every key that was ever made, and found out without any storage."""
    return len(text) <= MOST_CHARACTERS and _KEY.fullmatch(text) is not None


def digest_of(key: str) -> str:
    """SHA-256 in hex: under this a key is stored and found."""
    return sha256(key.encode()).hexdigest()


def hint_of(key: str) -> str:
    """As much of a key as may be shown, to tell it from others."""
    return key[-SHOWN_OF_KEY:]
