"""Read conversations: whatever generations, steps and ratings name one, put together anew at each reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.conversation import ConversationTotals, title_of, user_of
from chalicelib.domain.errors import missing
from chalicelib.domain.rating import summary_of
from chalicelib.services.filters import Filters
from chalicelib.services.ports import AtOnce, Conversations, GenerationIndex, Position, Ratings, Window
from chalicelib.services.reading import Reading
from chalicelib.services.showing import Cursor, Page, Resource

MOST_GENERATIONS = 10_000
"""Generations of one conversation that are counted; of more, the newest."""
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ConversationPorts:
    """What conversations are put together from."""

    conversations: Conversations
    index: GenerationIndex
    ratings: Ratings
    at_once: AtOnce


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Conversations, and where to go on: None at the end."""

    items: list[Resource]
    last: Position | None


class ConversationReading:
    """The use cases behind the routes of conversations."""

    def __init__(self, ports: ConversationPorts, reading: Reading) -> None:
        self._ports = ports
        self._reading = reading

    def page(self, tenant: str, before: Position | None, limit: int) -> ConversationPage:
        """Conversations by their first sight, newest first, each as its newest generation tells of it."""
        positions = self._ports.conversations.newest(tenant, before, limit + 1)
        shown = positions[:limit]
        newest = self._newest(tenant, [conversation_id for _, conversation_id in shown])
        entries = self._ports.index.entries(tenant, newest.values()) if newest else {}
        items = [_listed(position, newest.get(position[1]), entries) for position in shown]
        return ConversationPage(items, shown[-1] if len(positions) > limit else None)

    def one(self, tenant: str, conversation_id: str) -> Resource:
        """What a conversation comes to. It may be unknown: `generation_count` is 0 then."""
        newest = self._ports.index.newest(tenant, ("conversation", conversation_id), Window(), MOST_GENERATIONS + 1)
        positions = newest[:MOST_GENERATIONS]
        totals = ConversationTotals()
        for stored in self._entries(tenant, positions):
            totals.add(stored)
        return {
            "id": conversation_id,
            "conversation_id": conversation_id,
            **totals.resource(),
            "generation_count": len(positions),
            "first_generation_at": positions[-1][0] if positions else None,
            "last_generation_at": positions[0][0] if positions else None,
            "truncated": len(newest) > MOST_GENERATIONS,
            "rating_summary": summary_of(self._ports.ratings.marks(tenant, conversation_id)),
        }

    def generations(self, tenant: str, filters: Filters, after: Cursor | None, limit: int) -> Page:
        """A page of a conversation's generations, newest first."""
        return self._reading.page(tenant, filters, Window(), after, limit)

    def exists(self, tenant: str, conversation_id: str) -> None:
        """Raise NotFound of a conversation that no processed generation names."""
        if not self._ports.index.newest(tenant, ("conversation", conversation_id), Window(), 1):
            raise missing("conversation")

    def _newest(self, tenant: str, ids: list[str]) -> dict[str, Position]:
        """Where the newest generation of each stands."""
        found = self._ports.at_once(
            lambda own_id: self._ports.index.newest(tenant, ("conversation", own_id), Window(), 1), ids
        )
        return {own_id: positions[0] for own_id, positions in zip(ids, found, strict=True) if positions}

    def _entries(self, tenant: str, positions: list[Position]) -> Iterator[Mapping[str, Any]]:
        """Their entries, in this order, a batch in memory at a time; one that is just being written is left out."""
        for start in range(0, len(positions), READ_AT_ONCE):
            batch = positions[start : start + READ_AT_ONCE]
            found = self._ports.index.entries(tenant, batch)
            yield from (found[generation_id] for _, generation_id in batch if generation_id in found)


def _listed(position: Position, newest: Position | None, entries: Mapping[str, Mapping[str, Any]]) -> Resource:
    told = entries.get(newest[1], {}) if newest else {}
    return {
        "id": position[1],
        "conversation_id": position[1],
        "title": title_of(told),
        "user_id": user_of(told),
        "created_at": position[0],
        "last_generation_at": newest[0] if newest else None,
    }
