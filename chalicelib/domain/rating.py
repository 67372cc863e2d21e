"""What people say of a conversation, and what it comes to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Verdict = Literal["CONVERSATION_RATING_VALUE_GOOD", "CONVERSATION_RATING_VALUE_BAD"]
GOOD: Verdict = "CONVERSATION_RATING_VALUE_GOOD"
BAD: Verdict = "CONVERSATION_RATING_VALUE_BAD"
WORDS = ("comment", "metadata")
"""What of a rating is free-form: redacted before it is stored, and taken away with the generation that it is about."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A rating as it counts. `created_at` has 27 characters."""

    created_at: str
    rating_id: str
    verdict: Verdict
    generation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating; `document` has what else the client sent: words, and who said it where. Absent is not sent."""

    conversation_id: str
    mark: Mark
    content_hash: str
    document: Mapping[str, Any]

    @property
    def rating_id(self) -> str:
        """Its id within the conversation."""
        return self.mark.rating_id

    def without_words(self) -> "Rating":
        """What stays of a rating when the generation that it is about is purged."""
        return replace(self, document={name: value for name, value in self.document.items() if name not in WORDS})

    def resource(self) -> dict[str, Any]:
        """The rating as it is shown. What was not sent is empty, as clients of the protocol expect."""
        return {
            "rating_id": self.rating_id,
            "conversation_id": self.conversation_id,
            "rating": self.mark.verdict,
            "created_at": self.mark.created_at,
            "comment": self.document.get("comment", ""),
            "metadata": self.document.get("metadata", {}),
            "generation_id": self.mark.generation_id or "",
            "rater_id": self.document.get("rater_id", ""),
            "source": self.document.get("source", ""),
        }


def rating_hash(verdict: Verdict, generation_id: str | None, document: Mapping[str, Any]) -> str:
    """SHA-256, as 64 hex digits, of what a client said: the same again is no conflict."""
    fields = json.dumps([verdict, generation_id, document], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(fields.encode()).hexdigest()


def summary_of(marks: Sequence[Mark]) -> dict[str, Any]:
    """What the ratings of one conversation come to; times are None when there is none."""
    newest = max(marks, key=lambda mark: (mark.created_at, mark.rating_id), default=None)
    bad = [mark.created_at for mark in marks if mark.verdict == BAD]
    return {
        "total_count": len(marks),
        "good_count": len(marks) - len(bad),
        "bad_count": len(bad),
        "latest_rating": newest.verdict if newest else None,
        "latest_rated_at": newest.created_at if newest else None,
        "latest_bad_at": max(bad, default=None),
        "has_bad_rating": bool(bad),
    }
