"""Values that a key, a list or a URL could stumble over, and makers of what is stored."""

from chalicelib.domain.content import content_hash
from chalicelib.services.ports import Head, Payload

WIDEST_ID = "é" * 239 + "!!"  # 241 characters
LONGEST_ID = "x" * 256
HEAVIEST_ID = "\U0001f9ea" * 120  # 480 bytes
AWKWARD_IDS = [
    "a",
    "a#b",
    "#",
    "a#C#b",
    "50%",
    "%2F",
    "a/b/../c",
    "two words ",
    "naïve-日本語",
    "\U0001f9ea\U0001f600",
    "\uffff",
    "~",
    "T#A#V#1",
    "0000000000000#K",
    WIDEST_ID,
    LONGEST_ID,
    HEAVIEST_ID,
]
NOON = "2026-05-01T12:00:00.000000Z"


def payload(generation_id: str, content: bytes = b"{}") -> Payload:
    """A payload whose hash is that of its bytes."""
    return Payload(generation_id, content_hash(content), content)


def head(item: Payload, owner: str = "K1", position: int = 0, listed_at: str = NOON) -> Head:
    """The head that commits a payload."""
    return Head(item.id, item.content_hash, owner, position, NOON, listed_at, len(item.content))


def at(second: int) -> str:
    """A stored time, within the hour after noon."""
    return f"2026-05-01T12:{second // 60:02d}:{second % 60:02d}.000000Z"
