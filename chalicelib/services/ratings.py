"""Take ratings of conversations in, and read them. A bad rating is somebody's word: it makes no generation a root."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import Conflict, Malformed
from chalicelib.domain.free_form import Json
from chalicelib.domain.rating import WORDS, Mark, Rating, Verdict, rating_hash, summary_of
from chalicelib.domain.times import format_time
from chalicelib.services.ports import Clock, GenerationStore, Position, Ratings
from chalicelib.services.showing import RESPONSE_BYTES, Resource

MOST_RATINGS = 1_000
"""Of one conversation; a few more when they come at the same moment."""


@dataclass(frozen=True, slots=True)
class RatingPorts:
    """What ratings are kept in, and which generations are purged."""

    ratings: Ratings
    store: GenerationStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class Said:
    """What a client says of a conversation; absent fields are not in the document."""

    rating_id: str
    verdict: Verdict
    generation_id: str | None
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RatingPage:
    """Ratings, newest first; where to go on, None at the end; and what all of them come to."""

    items: list[Resource]
    last: Position | None
    summary: Resource


class Rate:
    """The use cases behind `POST|GET /conversations/{id}/ratings`."""

    def __init__(self, ports: RatingPorts, redact: Callable[[Json], Json]) -> None:
        self._ports = ports
        self._redact = redact

    def __call__(self, tenant: str, conversation_id: str, said: Said) -> tuple[Resource, Resource]:
        """Keep a rating; gives it, and what the conversation's ratings come to.

        Raises Conflict when the id stands for something else, and Malformed when there are a thousand ratings already:
        a client takes a conflict for its own id.
        """
        content_hash = rating_hash(said.verdict, said.generation_id, said.document)
        standing = self._standing(tenant, conversation_id, said.rating_id) or self._add(
            tenant, conversation_id, said, content_hash
        )
        if standing.content_hash != content_hash:
            raise Conflict("idempotency conflict", meta={"rating_id": said.rating_id})
        return standing.resource(), self.summary(tenant, conversation_id)

    def summary(self, tenant: str, conversation_id: str) -> Resource:
        """What a conversation's ratings come to."""
        return summary_of(self._ports.ratings.marks(tenant, conversation_id))

    def page(self, tenant: str, conversation_id: str, before: Position | None, limit: int) -> RatingPage:
        """Ratings, newest first; the page ends early before it grows too large."""
        marks = self._ports.ratings.marks(tenant, conversation_id)
        left = [mark for mark in marks if before is None or (mark.created_at, mark.rating_id) < before]
        page = left[:limit]
        found = self._ports.ratings.some(tenant, conversation_id, [mark.rating_id for mark in page]) if page else {}
        items: list[Resource] = []
        room = RESPONSE_BYTES
        for mark in page:
            resource = found[mark.rating_id].resource()
            room -= len(json.dumps(resource, ensure_ascii=False).encode())
            if items and room < 0:
                break
            items.append(resource)
        last = page[len(items) - 1] if len(items) < len(left) else None
        return RatingPage(items, (last.created_at, last.rating_id) if last else None, summary_of(marks))

    def _standing(self, tenant: str, conversation_id: str, rating_id: str) -> Rating | None:
        return self._ports.ratings.some(tenant, conversation_id, [rating_id]).get(rating_id)

    def _add(self, tenant: str, conversation_id: str, said: Said, content_hash: str) -> Rating:
        """The rating that stands under this id from now on, whoever was faster."""
        if len(self._ports.ratings.marks(tenant, conversation_id)) >= MOST_RATINGS:
            told = f"a conversation may have at most {MOST_RATINGS:,} ratings"
            raise Malformed(told, code="TOO_MANY_RATINGS", meta={"limit": MOST_RATINGS})
        mark = Mark(format_time(self._ports.clock.now()), said.rating_id, said.verdict, said.generation_id)
        rating = Rating(conversation_id, mark, content_hash, {**said.document, **self._redacted(said)})
        if said.generation_id and self._is_purged(tenant, said.generation_id):
            rating = rating.without_words()
        if self._ports.ratings.add(tenant, rating):
            return rating
        return self._standing(tenant, conversation_id, said.rating_id) or rating

    def _redacted(self, said: Said) -> dict[str, Any]:
        return {name: self._redact(said.document[name]) for name in WORDS if said.document.get(name)}

    def _is_purged(self, tenant: str, generation_id: str) -> bool:
        heads = self._ports.store.heads(tenant, [generation_id])
        return any(head.purged_at for head in heads.values())
